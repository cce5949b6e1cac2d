#!/usr/bin/env python3
"""Runs the tests of the coverage build and prints line coverage by folder of src; fails below the limit where one is set."""

import json
import os
import shutil
import subprocess
import sys
from collections import Counter

from project import ROOT

BUILD = ROOT / "build" / "coverage"
AT_LEAST = {"base": 85, "store": 85, "lang": 85, "engine": 85}


def by_folder():
    """(lines, covered lines) of each folder of src."""
    programs = [str(path) for path in sorted(BUILD.glob("test_*")) if os.access(path, os.X_OK)]
    objects = [word for program in programs for word in ("-object", program)]
    command = ["llvm-cov-22", "export", "-summary-only", f"-instr-profile={BUILD / 'all.profdata'}", *objects]
    report = json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)
    lines, covered = Counter(), Counter()
    for file in report["data"][0]["files"]:
        if file["filename"].startswith(f"{ROOT}/src/"):
            folder = file["filename"].removeprefix(f"{ROOT}/src/").split("/")[0]
            lines[folder] += file["summary"]["lines"]["count"]
            covered[folder] += file["summary"]["lines"]["covered"]
    return lines, covered


def main():
    profiles = BUILD / "profiles"
    shutil.rmtree(profiles, ignore_errors=True)
    profiles.mkdir(parents=True)
    profiles.chmod(0o1777)  # some tests run the program as another user
    environment = {**os.environ, "LLVM_PROFILE_FILE": str(profiles / "%m-%p.profraw")}
    tests = ["ctest", "--output-on-failure", "--timeout", "900", "--parallel", str(os.cpu_count()), "--test-dir", str(BUILD)]
    if subprocess.run(tests, env=environment, check=False).returncode != 0:
        sys.exit("coverage: tests failed")
    merge = ["llvm-profdata-22", "merge", "-sparse", "-o", str(BUILD / "all.profdata"), *map(str, profiles.glob("*.profraw"))]
    subprocess.run(merge, check=True)
    lines, covered = by_folder()
    low = []
    for folder in lines:
        percent = 100 * covered[folder] / lines[folder]
        limit = AT_LEAST.get(folder)
        print(f"coverage: src/{folder}: {percent:.1f} % of {lines[folder]} lines" + (f" (at least {limit})" if limit else ""))
        if limit and percent < limit:
            low.append(folder)
    missing = [folder for folder in AT_LEAST if folder not in lines]
    if low or missing:
        sys.exit(f"coverage: too low in {', '.join(low + missing)}")


if __name__ == "__main__":
    main()
