"""Each check passes a small right project and fails, with the place, on a wrong one."""

import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

TOOLS = Path(__file__).resolve().parent.parent
FOLDERS = "thalweg_folder(base)\nthalweg_folder(lang DEPENDS base)\n"
JOBS = "\n".join(f"| {job} | users | `thalweg x` | a table | - | being built |" for job in ("compute", "search", "documents", "research"))
README = "# p\n| scoring | users | `echo hi` | hi | 3 ms | works |\n" + JOBS + "\n```console\n$ echo hi\nhi\n```\n"
DEPENDENCIES = '[debian]\nninja-build = { min = "1.11", licence = "Apache-2.0", why = "build" }\n[pypi]\n[crates]\n'
TABLE = (
    "<!-- dependencies -->\n| name | version | from | licence | why |\n|---|---|---|---|---|\n"
    "| ninja-build | >= 1.11 | Debian | Apache-2.0 | build |\n<!-- end -->\n"
)


class Checks(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        subprocess.run(["git", "init", "-q", self.root], check=True)
        self.put("src/CMakeLists.txt", FOLDERS)
        self.put("README.md", README + TABLE)
        self.put("tools/dependencies.toml", DEPENDENCIES)

    def put(self, path, text):
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text)

    def run_check(self, name, *arguments):
        environment = {**os.environ, "THALWEG_ROOT": str(self.root)}
        command = [sys.executable, TOOLS / f"check_{name}.py", *arguments]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        self.assertEqual(done.stderr, "")
        return done.returncode, done.stdout

    def passes(self, name, *arguments):
        self.assertEqual(self.run_check(name, *arguments), (0, ""))

    def fails(self, name, message, *arguments):
        code, said = self.run_check(name, *arguments)
        self.assertEqual(code, 1)
        self.assertIn(message, said)

    def test_includes(self):
        self.put("src/lang/a.cpp", '#include "base/value.h"\n')
        self.passes("includes")
        self.put("src/base/b.cpp", '\n#include "lang/a.h"\n')
        self.fails("includes", "src/base/b.cpp:2: src/base includes src/lang")

    def test_folder_without_place(self):
        self.put("src/new/a.cpp", "")
        self.fails("includes", "src/new is not in src/CMakeLists.txt")

    def test_source_in_no_target(self):
        self.put("tests/base/a_test.cpp", "")
        self.put("build/compile_commands.json", json.dumps([{"file": str(self.root / "tests/base/a_test.cpp")}]))
        self.passes("tests")
        self.put("tests/base/lost_test.cpp", "")
        self.fails("tests", "tests/base/lost_test.cpp is compiled into no target")

    def test_fuzz_target_without_seeds(self):
        self.put("fuzz/json_fuzz.cpp", "")
        self.put("build/asan/compile_commands.json", json.dumps([{"file": str(self.root / "fuzz/json_fuzz.cpp")}]))
        self.fails("tests", "no seeds in fuzz/corpus/json")
        self.put("fuzz/corpus/json/one", "{}")
        self.passes("tests")

    def test_cases_read_by_no_test(self):
        self.put("tests/engine/flow/a.yaml", "")
        self.fails("tests", "tests/engine/flow: its cases are named in no test source")
        self.put("tests/engine/flow_test.cpp", 'run_cases("flow");')
        self.put("build/compile_commands.json", json.dumps([{"file": str(self.root / "tests/engine/flow_test.cpp")}]))
        self.passes("tests")

    def test_text(self):
        self.put("src/base/a.cpp", "int x;\n" * 400)
        self.passes("text")
        self.put("src/base/a.cpp", "int x;\n" * 401)
        self.fails("text", "src/base/a.cpp has 401 lines")

    def test_unfinished_words_and_places(self):
        self.put("src/base/a.cpp", "// TO" "DO later\n")
        self.fails("text", "src/base/a.cpp:1: 'TO" "DO' marks unfinished work")
        self.put("src/base/a.cpp", 'auto p = "/ro' 'ot/x";\n')
        self.fails("text", "a place of one machine")

    def test_program(self):
        self.put("a.c", "int main(void) { return 0; }\n")
        subprocess.run(["clang-22", self.root / "a.c", "-o", self.root / "good"], check=True)
        self.passes("program", str(self.root / "good"))
        subprocess.run(["clang-22", self.root / "a.c", "-Wl,--no-as-needed", "-o", self.root / "bad", "-l:libz.so.1"], check=True)
        self.fails("program", "needs libz.so.1", str(self.root / "bad"))
        self.fails("program", "no list of libraries", str(self.root / "a.c"))

    def put_program(self):
        """A stand-in: `stages` prints the catalogue, `validate FILE` knows one stage."""
        text = '#!/bin/sh\n[ "$1" = stages ] && echo "# Stages" && exit\ngrep -q "uses: set$" "$2" || { echo "unknown stage"; exit 1; }\n'
        self.put("build/thalweg", text)
        (self.root / "build/thalweg").chmod(0o755)
        self.put("docs/stages.md", "# Stages\n")

    def test_examples(self):
        self.put_program()
        self.passes("docs")
        self.put("docs/a.md", "text\n```console\n$ printf 'a 17 ms\\nb\\nc\\n'\na ... ms\n...\nc\n```\n")
        self.passes("docs")
        self.put("docs/a.md", "text\n```console\n$ echo one\ntwo\n```\n")
        self.fails("docs", "docs/a.md:2: `echo one` printed\none")

    def test_definition_in_docs(self):
        self.put_program()
        self.put("docs/a.md", "```yaml\nstages:\n  - uses: set\n```\n")
        self.passes("docs")
        self.put("docs/a.md", "```yaml\nstages:\n  - uses: sett\n```\n")
        self.fails("docs", "docs/a.md:1: thalweg validate refuses this definition")

    def test_old_printed_page(self):
        self.put_program()
        self.put("docs/stages.md", "# Stages of yesterday\n")
        self.fails("docs", "docs/stages.md is not what `thalweg stages --markdown` prints")

    def test_dependency_table(self):
        self.passes("readme")
        self.put("tools/dependencies.toml", DEPENDENCIES.replace("1.11", "1.12"))
        self.fails("readme", "README's table of dependencies is old")
        self.put("bridge/Cargo.toml", '[dependencies]\ntantivy = "0.1"\n')
        self.put("bridge/Cargo.lock", '[[package]]\nname = "tantivy"\nversion = "0.1.2"\n')
        self.fails("readme", "tantivy: in bridge/Cargo.toml, not in tools/dependencies.toml")

    def test_job_that_nothing_runs(self):
        self.put("README.md", README.replace("$ echo hi", "$ echo ho") + TABLE)
        self.fails("readme", "scoring is said to work, but no console block")
        self.put("README.md", README.replace("| a table | - |", "| a table | 5 ms |") + TABLE)
        self.fails("readme", "compute is being built, yet has the figure 5 ms")


if __name__ == "__main__":
    unittest.main()
