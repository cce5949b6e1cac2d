#!/usr/bin/env python3
"""The main program needs only the C and C++ run-time libraries, so that its start stays quick. Heavy libraries belong in modules."""

import re
import subprocess
import sys

from project import ROOT, end

ALLOWED = re.compile(r"^(libc|libm|libstdc\+\+|libgcc_s|ld-linux-[\w-]+)\.so\.\d+$")


def main():
    program = sys.argv[1] if len(sys.argv) > 1 else str(ROOT / "build" / "thalweg")
    said = subprocess.run(["readelf", "-d", program], capture_output=True, text=True, check=False)
    needed = re.findall(r"\(NEEDED\).*\[(.*)\]", said.stdout)
    problems = [f"{program} needs {name}: link it statically or move it into a module" for name in needed if not ALLOWED.match(name)]
    if not needed:
        problems = [f"{program}: no list of libraries found: {said.stderr.strip() or 'is it a program?'}"]
    end("program", problems)


if __name__ == "__main__":
    main()
