#!/usr/bin/env python3
"""Runs what README.md and docs/*.md show.

A ```console block holds commands after `$ ` and what they print. `...` in a line stands for anything within it (a time, a
version), a line of `...` alone for any lines. A ```yaml block with a `stages:` key must pass `thalweg validate`. Commands run in a folder that
looks like the project's root, with build/ on the PATH. Pages the program prints itself must be what it prints now.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from project import ROOT, end, files, read

PRINTED = {"docs/stages.md": ("stages", "--markdown")}
BLOCK = re.compile(r"^```(\w+)[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)


def matches(expected, printed):
    """Line by line, with `...` as the wildcard."""
    pattern = ""
    for line in expected:
        if line.strip() == "...":
            pattern += r"(?:.*\n)*?"
        else:
            pattern += ".*?".join(re.escape(part) for part in line.rstrip().split("...")) + r"[ \t]*\n"
    return re.fullmatch(pattern, "".join(line + "\n" for line in printed)) is not None


def steps(block):
    """(command, expected lines) of a console block."""
    found = []
    for line in block.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        elif found and found[-1][0].endswith("\\"):
            found[-1] = (found[-1][0] + "\n" + line.removeprefix("> "), [])
        elif found:
            found[-1][1].append(line)
    return found


def run(command, folder):
    environment = {**os.environ, "PATH": f"{ROOT / 'build'}:{os.environ['PATH']}", "COLUMNS": "120"}
    done = subprocess.run(["bash", "-c", command], cwd=folder, env=environment, stdin=subprocess.DEVNULL, text=True, check=False, timeout=300,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.stdout.rstrip("\n").split("\n") if done.stdout.strip() else []


def check_block(kind, text, place, folder):
    if kind == "yaml" and re.search(r"^stages:", text, re.MULTILINE):
        example = Path(folder) / "example.yaml"
        example.write_text(text)
        done = subprocess.run([ROOT / "build" / "thalweg", "validate", example], capture_output=True, text=True, check=False)
        return [f"{place}: thalweg validate refuses this definition:\n{done.stdout}{done.stderr}"] if done.returncode else []
    problems = []
    for command, expected in steps(text) if kind == "console" else []:
        printed = run(command, folder)
        if not matches(expected, printed):
            problems.append(f"{place}: `{command}` printed\n" + "\n".join(printed) + "\n  where the text has\n" + "\n".join(expected))
    return problems


def check_printed(page, arguments):
    done = subprocess.run([ROOT / "build" / "thalweg", *arguments], capture_output=True, text=True, check=False)
    same = done.returncode == 0 and (ROOT / page).exists() and read(page) == done.stdout
    return [] if same else [f"{page} is not what `thalweg {' '.join(arguments)}` prints: run make docs{done.stderr and chr(10) + done.stderr}"]


def main():
    problems = []
    if "--write" in sys.argv:
        for page, arguments in PRINTED.items():
            with (ROOT / page).open("w") as file:
                subprocess.run([ROOT / "build" / "thalweg", *arguments], stdout=file, check=True)
    for page, arguments in PRINTED.items():
        problems += check_printed(page, arguments)
    with tempfile.TemporaryDirectory() as folder:
        for entry in ROOT.iterdir():
            if not entry.name.startswith(".") and entry.name != "build":
                (Path(folder) / entry.name).symlink_to(entry)
        for path in files("README.md", "docs/*.md"):
            text = read(path)
            for match in BLOCK.finditer(text):
                place = f"{path}:{text.count(chr(10), 0, match.start()) + 1}"
                problems += check_block(match[1], match[2], place, folder)
    end("docs", problems)


if __name__ == "__main__":
    main()
