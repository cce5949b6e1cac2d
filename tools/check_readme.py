#!/usr/bin/env python3
"""README's table of dependencies is what tools/dependencies.toml and the lock files say; a job called working has a command that CI runs.

`--write` puts the table of dependencies anew.
"""

import re
import sys
import tomllib

from project import ROOT, end, files, read

TABLE = re.compile(r"(<!-- dependencies -->\n).*?(<!-- end -->)", re.DOTALL)
JOBS = ("scoring", "compute", "search", "documents", "research")


def crates():
    """Direct dependencies of the bridge with their locked versions."""
    if not (ROOT / "bridge" / "Cargo.toml").exists():
        return {}
    direct = tomllib.loads(read("bridge/Cargo.toml")).get("dependencies", {})
    locked = {package["name"]: package["version"] for package in tomllib.loads(read("bridge/Cargo.lock"))["package"]}
    return {name: locked.get(name, "not in bridge/Cargo.lock") for name in direct}


def table(listed, locked):
    rows = ["| name | version | from | licence | why |", "|---|---|---|---|---|"]
    rows += [f"| {n} | >= {e['min'].rstrip('~')} | Debian | {e['licence']} | {e['why']} |" for n, e in listed["debian"].items()]
    rows += [f"| {n} | {e['version']} | PyPI | {e['licence']} | {e['why']} |" for n, e in listed["pypi"].items()]
    rows += [f"| {n} | {locked.get(n, '?')} | crates | {e['licence']} | {e['why']} |" for n, e in listed["crates"].items()]
    return "\n".join(rows) + "\n"


def job_problems(readme, runs):
    """Rows are | job | for whom | command | prints | figure | state |."""
    rows = {cells[0]: cells for line in readme.splitlines() if (cells := [c.strip() for c in line.strip("| \n").split(" | ")]) and cells[0] in JOBS}
    problems = [f"the table of jobs lacks {job}" for job in JOBS if job not in rows]
    for job, cells in rows.items():
        if len(cells) != 6 or cells[5] not in ("works", "works in part", "being built"):
            problems.append(f"the row of {job} needs six cells, the last `works`, `works in part` or `being built`")
        elif cells[5] != "being built" and cells[2].strip("`") not in runs:
            problems.append(f"{job} is said to work, but no console block of README or docs runs {cells[2]}")
        elif cells[5] == "being built" and cells[4] != "-":
            problems.append(f"{job} is being built, yet has the figure {cells[4]}")
    return problems


def main():
    listed = tomllib.loads(read("tools/dependencies.toml"))
    locked = crates()
    readme = read("README.md")
    wanted = TABLE.sub(lambda m: m[1] + table(listed, locked) + m[2], readme)
    if "--write" in sys.argv:
        (ROOT / "README.md").write_text(wanted)
        readme = wanted
    problems = [f"{n}: in bridge/Cargo.toml, not in tools/dependencies.toml" for n in sorted(locked.keys() - listed["crates"].keys())]
    problems += [f"{n}: in tools/dependencies.toml, not in bridge/Cargo.toml" for n in sorted(listed["crates"].keys() - locked.keys())]
    if not TABLE.search(readme):
        problems.append("README.md has no place for the table of dependencies (<!-- dependencies --> ... <!-- end -->)")
    elif readme != wanted:
        problems.append("README's table of dependencies is old: run tools/check_readme.py --write")
    blocks = "\n".join(match for path in files("README.md", "docs/*.md") for match in re.findall(r"```console\n(.*?)```", read(path), re.DOTALL))
    problems += job_problems(readme, {line[2:] for line in blocks.splitlines() if line.startswith("$ ")})
    end("readme", problems)


if __name__ == "__main__":
    main()
