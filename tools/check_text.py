#!/usr/bin/env python3
"""No file of src over 400 lines, no unfinished-work words, no path of one machine, no registry's host name."""

import re

from project import end, files, read

LONGEST = 400
TEXTS = ("*.cpp", "*.h", "*.py", "*.rs", "*.cmake", "*.txt", "*.md", "*.yaml", "*.toml", "*.json", "Makefile", ".ci/run", "tools/setup")
# Joined here so that this file does not find itself.
UNFINISHED = re.compile(r"\b(" + "|".join(["TO" "DO", "FIX" "ME", "X" "XX", "not " "implemented"]) + r")\b")
ELSEWHERE = re.compile(r"(?<![\w.])/(wo" r"rk|ro" r"ot)/|\b(py" r"pi\.org|crates" r"\.io/|npm" r"js\.org|deb\.deb" r"ian\.org)")


def main():
    problems = []
    for path in files(*TEXTS):
        lines = read(path).splitlines()
        if path.parts[0] == "src" and len(lines) > LONGEST:
            problems.append(f"{path} has {len(lines)} lines, more than {LONGEST}: does it hold two ideas?")
        for number, line in enumerate(lines, 1):
            if path.name != "LICENSE" and (match := UNFINISHED.search(line)):
                problems.append(f"{path}:{number}: '{match[0]}' marks unfinished work")
            if match := ELSEWHERE.search(line):
                problems.append(f"{path}:{number}: '{match[0]}' is a place of one machine or registry")
    end("text", problems)


if __name__ == "__main__":
    main()
