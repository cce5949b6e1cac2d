#!/usr/bin/env python3
"""Runs the golden tests of the command line: tests/cli/*.test.

    == title of a case
    file NAME:            a file in the case's own empty folder; its lines follow, indented by two
      content
    $ thalweg ...         the command, run by bash in that folder; $DATA is tests/data
    stdin:                what it reads; nothing when not given
      text
    stdout:               what it must print, all of it; `...` in a line stands for anything, a line `...` for any lines
      text
    stderr:               the same; not looked at when not given
      text
    exit: 1               its exit code, 0 when not given
    needs: root           the case is passed over where that is not so; also when the command ends with 77

Usage: run.py FOLDER_OF_THE_PROGRAM [FILE.test ...]

"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile


class Case:
    def __init__(self, title):
        self.title, self.command, self.files, self.needs = title, "", {}, ""
        self.stdin, self.stdout, self.stderr, self.exit = None, None, None, 0


def read(path):
    cases, block = [], None
    for number, line in enumerate(path.read_text().split("\n"), 1):
        if line.startswith("  ") and block is not None:
            block.append(line[2:])
            continue
        if not line.strip() and block is not None:
            block.append("")
            continue
        block = None
        if not line.strip() or line.startswith("#"):
            continue
        if line.startswith("== "):
            cases.append(Case(line[3:]))
            continue
        if not cases:
            sys.exit(f"{path}:{number}: a case begins with '== title'")
        case = cases[-1]
        if line.startswith("$ "):
            case.command += line[2:] + "\n"
        elif line in ("stdin:", "stdout:", "stderr:"):
            block = []
            setattr(case, line[:-1], block)
        elif match := re.fullmatch(r"file (\S+):", line):
            block = case.files[match[1]] = []
        elif match := re.fullmatch(r"exit: (\d+)", line):
            case.exit = int(match[1])
        elif match := re.fullmatch(r"needs: (\w+)", line):
            case.needs = match[1]
        else:
            sys.exit(f"{path}:{number}: what is '{line}'?")
    return cases


def text(lines):
    lines = list(lines or [])
    while lines and not lines[-1]:
        lines.pop()
    return "".join(line + "\n" for line in lines)


def matches(expected, actual):
    pattern = ""
    for line in text(expected).split("\n")[:-1]:
        pattern += r"(?:.*\n)*?" if line == "..." else ".*".join(map(re.escape, line.split("..."))) + r"\n"
    return re.fullmatch(pattern, actual) is not None


def run(case, program):
    with tempfile.TemporaryDirectory(prefix="thalweg-cli-") as folder:
        for name, lines in case.files.items():
            path = pathlib.Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text(lines))
        data = pathlib.Path(__file__).resolve().parent.parent / "data"
        environment = dict(os.environ, PATH=f"{program}:{os.environ['PATH']}", LC_ALL="C.UTF-8", TMPDIR=folder, DATA=str(data),
                           SHELL="/bin/bash", TERM="xterm")  # script(1) runs its commands by $SHELL; progress needs a terminal's name
        done = subprocess.run(["bash", "-c", case.command], cwd=folder, env=environment, input=text(case.stdin).encode(),
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)
    return done.returncode, done.stdout.decode(errors="replace"), done.stderr.decode(errors="replace")


def main():
    arguments = sys.argv[1:]
    program = os.path.abspath(arguments[0])
    here = pathlib.Path(__file__).parent
    paths = [pathlib.Path(a) for a in arguments[1:]] or sorted(here.glob("*.test"))
    failed = passed = skipped = 0
    for path in paths:
        for case in read(path):
            if case.needs == "root" and os.geteuid() != 0:
                skipped += 1
                continue
            code, out, err = run(case, program)
            if code == 77 and case.exit != 77:  # the case itself says that it cannot run here
                skipped += 1
                continue
            wrong = []
            if code != case.exit:
                wrong.append(f"exit code {code}, expected {case.exit}")
            if case.stdout is not None and not matches(case.stdout, out):
                wrong.append(f"standard output:\n{out}expected:\n{text(case.stdout)}")
            if case.stderr is not None and not matches(case.stderr, err):
                wrong.append(f"standard error:\n{err}expected:\n{text(case.stderr)}")
            if not wrong:
                passed += 1
                continue
            failed += 1
            print(f"FAILED {path.name}: {case.title}\n$ {case.command}" + "\n".join(wrong))
            if case.stderr is None:
                print(f"standard error:\n{err}")
    print(f"{passed} passed, {failed} failed, {skipped} passed over")
    if passed == 0:
        sys.exit("no case was run")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
