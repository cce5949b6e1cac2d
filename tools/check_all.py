#!/usr/bin/env python3
"""Runs every tools/check_*.py and the test that shows each of them can fail."""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main():
    failed = subprocess.run([sys.executable, "-m", "unittest", "discover", "-q", "-s", str(HERE / "tests")], check=False).returncode
    for check in sorted(HERE.glob("check_*.py")):
        if check.name != Path(__file__).name:
            failed |= subprocess.run([sys.executable, str(check)], check=False).returncode
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
