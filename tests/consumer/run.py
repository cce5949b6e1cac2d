#!/usr/bin/env python3
"""Installs the library from the build folder given, and builds and runs a program against it as a user does: by find_package and by
pkg-config, with clang and with g++. Every installed header must also compile alone."""

import os
import re
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
COMPILER = "clang++-22"
FLAGS = ["-std=c++23", "-Wall", "-Wextra", "-Werror"]


def run(*command, **settings):
    done = subprocess.run([str(word) for word in command], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, **settings)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))} ended with {done.returncode}:\n{done.stdout}")
    return done.stdout


def main():
    build = Path(sys.argv[1]).resolve()
    place = build / "consumer"
    shutil.rmtree(place, ignore_errors=True)
    prefix = place / "prefix"
    for component in ("library", "modules"):
        run("cmake", "--install", build, "--prefix", prefix, "--component", component)
    # Moved: nothing of it may know where it was installed.
    moved = place / "moved"
    prefix.rename(moved)

    headers = sorted((moved / "include" / "thalweg").rglob("*.h"))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(lambda header: run(COMPILER, *FLAGS, "-fsyntax-only", "-I", moved / "include", "-include", header, "-x", "c++", "/dev/null"), headers))
    print(f"{len(headers)} headers compile alone")

    run("cmake", "-G", "Ninja", "-S", HERE, "-B", place / "cmake", f"-DCMAKE_CXX_COMPILER={COMPILER}", f"-DCMAKE_PREFIX_PATH={moved}")
    run("cmake", "--build", place / "cmake")
    by_cmake = run(place / "cmake" / "consumer")

    environment = {**os.environ, "PKG_CONFIG_PATH": str(moved / "lib" / "pkgconfig")}
    flags = run("pkg-config", "--cflags", "--libs", "thalweg", env=environment).split()
    program = place / "by_pkg_config"
    began = time.monotonic()
    run(COMPILER, *FLAGS, HERE / "main.cpp", *flags, f"-Wl,-rpath,{moved / 'lib'}", "-o", program)
    print(f"main.cpp compiled and linked in {time.monotonic() - began:.1f} s")
    by_other = place / "by_other_compiler"
    run("g++", *FLAGS, HERE / "main.cpp", *flags, f"-Wl,-rpath,{moved / 'lib'}", "-o", by_other)
    if run(program) != by_cmake or run(by_other) != by_cmake or "uses: upper" not in by_cmake:
        sys.exit(f"the programs print different things, or not the definition:\n{by_cmake}")

    decided = run(place / "cmake" / "scoring", ROOT / "tests" / "data" / "loom")
    print(f"scoring: {decided.strip()} as labelled")

    # The first example of each page, and what it says that prints.
    for page in ("typed", "scoring"):
        example, printed = re.search(r"```cpp\n(.*?)```.*?```text\n(.*?)```", (ROOT / "docs" / f"{page}.md").read_text(), re.DOTALL).groups()
        source = place / f"{page}_example.cpp"
        source.write_text(example)
        run(COMPILER, *FLAGS, source, *flags, f"-Wl,-rpath,{moved / 'lib'}", "-o", source.with_suffix(""))
        if (got := run(source.with_suffix(""), cwd=ROOT)) != printed:
            sys.exit(f"docs/{page}.md: the example prints\n{got}")


if __name__ == "__main__":
    main()
