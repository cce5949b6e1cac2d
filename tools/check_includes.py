#!/usr/bin/env python3
"""An include may only point to its own folder or to one that stands before it in src/CMakeLists.txt, the one list of the order."""

import re

from project import end, files, read


def order():
    names = re.findall(r"^thalweg_folder\((\w+)", read("src/CMakeLists.txt"), re.MULTILINE)
    return [*names, "cli"] if "cli" not in names else names


def main():
    folders = order()
    problems = []
    for path in files("src/*.cpp", "src/*.h"):
        folder = path.parts[1]
        if folder not in folders:
            problems.append(f"{path}: src/{folder} is not in src/CMakeLists.txt: add its line at its place in the order")
            continue
        for number, line in enumerate(read(path).splitlines(), 1):
            match = re.match(r'\s*#\s*include\s+"(\w+)/', line)
            if match and match[1] in folders and folders.index(match[1]) > folders.index(folder):
                problems.append(f"{path}:{number}: src/{folder} includes src/{match[1]}, which stands after it in src/CMakeLists.txt")
    end("includes", problems)


if __name__ == "__main__":
    main()
