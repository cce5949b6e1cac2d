"""What the checks share: where the project's files are, and how a check ends."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(os.environ.get("THALWEG_ROOT") or Path(__file__).resolve().parent.parent)

# Where set-up puts downloads, sources, models and caches.
HOME = Path(os.environ.get("THALWEG_HOME") or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "thalweg")


def files(*patterns):
    """The project's files, as git knows them (also those not added yet), relative to the root."""
    command = ["git", "ls-files", "-co", "--exclude-standard", *patterns]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    return sorted(Path(name) for name in names if (ROOT / name).is_file())


def read(path):
    return (ROOT / path).read_text(encoding="utf-8", errors="replace")


def end(name, problems):
    """Prints every problem and ends the check."""
    for problem in problems:
        print(f"{name}: {problem}")
    sys.exit(1 if problems else 0)
