#!/usr/bin/env python3
"""Every test source is compiled into a program, every fuzz target has seeds, and every folder of YAML cases is read by a test program: named in one's
source, or below one that walks through its own folder."""

import json
import re

from project import ROOT, end, files, read


def compiled():
    """Sources of the release build, and of the address-sanitizer build, which has the fuzz targets."""
    sources = set()
    for database in (ROOT / "build" / "compile_commands.json", ROOT / "build" / "asan" / "compile_commands.json"):
        if database.exists():
            sources |= {entry["file"] for entry in json.loads(database.read_text())}
    return sources


def main():
    problems = []
    built = compiled()
    outside = {path.parent for path in files("tests/*/CMakeLists.txt") if f"{path.parent.name}/run.py" in read("tests/CMakeLists.txt")}
    fuzzed = (ROOT / "build" / "asan" / "compile_commands.json").exists()
    for path in files("tests/*.cpp", "fuzz/*.cpp", "bench/*.cpp"):
        if path.parent in outside:
            continue  # projects of their own, built by the test of that name
        if str(ROOT / path) not in built and (path.parts[0] != "fuzz" or fuzzed):
            problems.append(f"{path} is compiled into no target")
    for path in files("fuzz/*_fuzz.cpp"):
        name = path.stem.removesuffix("_fuzz")
        if not files(f"fuzz/corpus/{name}/*"):
            problems.append(f"{path} has no seeds in fuzz/corpus/{name}")
    texts = {path: read(path) for path in files("tests/*.cpp", "tests/*.h", "tests/CMakeLists.txt", "tests/*.py")}
    sources = "\n".join(texts.values())
    walked = {path.parent for path, text in texts.items() if 'recursive_directory_iterator(".")' in text}
    for folder in sorted({path.parent for path in files("tests/*.yaml", "tests/*.test")}):
        named = re.search(rf'["/]{re.escape(folder.name)}["/]', sources)
        if not named and walked.isdisjoint([folder, *folder.parents]):
            problems.append(f"{folder}: its cases are named in no test source")
    end("tests", problems)


if __name__ == "__main__":
    main()
