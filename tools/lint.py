#!/usr/bin/env python3
"""clang-format, clang-tidy and the coroutine query over the C++ files.

Layout is checked everywhere (it is quick). clang-tidy and the query are run on a file when its text, one of the project's headers it
includes, or the checks' settings differ from what passed before; what passed is remembered in $THALWEG_HOME/lint.
"""

import concurrent.futures
import hashlib
import json
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HOME = Path(os.environ.get("THALWEG_HOME") or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "thalweg")
PASSED = HOME / "lint"

# With a co_await in the same full expression, some compilers destroy these temporaries twice or too early. Name the value first.
COROUTINE_QUERY = (
    "match exprWithCleanups(isExpansionInMainFile(), hasDescendant(coawaitExpr()), hasDescendant(expr(anyOf("
    "cxxBindTemporaryExpr(has(initListExpr())), cxxStdInitializerListExpr(), cxxBindTemporaryExpr(has(lambdaExpr())), "
    "initListExpr(hasDescendant(coawaitExpr())), conditionalOperator(hasDescendant(coawaitExpr()))))))"
)


def tracked(*patterns):
    names = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", *patterns], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in names.stdout.split() if (ROOT / name).exists()]


@cache
def includes(path):
    """The project's headers that a file names directly."""
    names = re.findall(r'^\s*#\s*include\s+"([^"]+)"', path.read_text(), re.MULTILINE)
    places = (path.parent, ROOT / "src", ROOT / "tests", ROOT / "include")
    return tuple(place / name for name in names for place in places if (place / name).is_file())


def content_key(path):
    """A hash over the file and everything of the project that it includes."""
    seen, todo = set(), [path]
    while todo:
        file = todo.pop().resolve()
        if file not in seen:
            seen.add(file)
            todo += includes(file)
    digest = hashlib.sha256()
    for file in [ROOT / ".clang-tidy", ROOT / "cmake" / "options.cmake", ROOT / "cmake" / "pch.txt", Path(__file__), *sorted(seen)]:
        digest.update(str(file.relative_to(ROOT)).encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:32]


def lint(path):
    """What clang-tidy and the coroutine query say against one file; empty when nothing."""
    tidy = subprocess.run(["clang-tidy-22", "--quiet", "-p", "build", str(path)], cwd=ROOT, capture_output=True, text=True, check=False)
    said = tidy.stdout if tidy.returncode != 0 else ""
    if tidy.returncode != 0 and not said.strip():
        said = tidy.stderr
    if re.search(r"\bco_(await|return|yield)\b", path.read_text()):
        query = ["clang-query-22", "-p", "build", "-c", COROUTINE_QUERY, str(path)]
        found = subprocess.run(query, cwd=ROOT, capture_output=True, text=True, check=False)
        if found.returncode != 0 or not re.search(r"^0 matches", found.stdout, re.MULTILINE):
            said += f"{path}: a temporary beside a co_await (name it first):\n{found.stdout}{found.stderr}"
    return said


def layout(files):
    """The files whose layout differs from .clang-format."""
    said = subprocess.run(["clang-format-22", "--dry-run", *map(str, files)], cwd=ROOT, capture_output=True, text=True, check=True).stderr
    return sorted(set(re.findall(rf"^{re.escape(str(ROOT))}/([^:]+):\d+:\d+: warning", said, re.MULTILINE)))


def main():
    if wrong := layout(tracked("*.cpp", "*.h")):
        sys.exit(f"lint: the layout differs from .clang-format in {', '.join(wrong)}. Run: make format")
    database = {Path(entry["file"]) for entry in json.loads((ROOT / "build" / "compile_commands.json").read_text())}
    PASSED.mkdir(parents=True, exist_ok=True)
    files = {path: content_key(path) for path in tracked("*.cpp") if path in database}
    changed = [path for path, key in files.items() if not (PASSED / key).exists()]
    print(f"lint: layout is right in all files; {len(changed)} of {len(files)} sources changed since they last passed", flush=True)
    failed, told = 0, set()
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for done, (path, said) in enumerate(zip(changed, pool.map(lint, changed)), 1):
            if said:
                failed += 1
                print("\n".join(line for line in said.splitlines() if line not in told), flush=True)
                told.update(said.splitlines())  # a header's finding comes with every file that includes it
            else:
                (PASSED / files[path]).touch()
            if done % 10 == 0 or done == len(changed):
                print(f"lint: {done}/{len(changed)}", flush=True)
    if failed:
        sys.exit(f"lint: {failed} of {len(changed)} files have findings")


if __name__ == "__main__":
    main()
