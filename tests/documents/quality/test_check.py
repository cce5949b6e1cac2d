#!/usr/bin/env python3
"""check.py passes the questions as they are and fails, with the place, on wrong ones.

Usage: test_check.py FOLDER_OF_THE_PROGRAM

"""
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

import check

HERE = pathlib.Path(__file__).parent
PROGRAM = sys.argv.pop(1)


class Broken(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.documents = check.read_passages(pathlib.Path(PROGRAM, "thalweg").absolute())

    def problems(self, change):
        """What is found when `change` has been at the rows of the first set."""
        rows = [json.loads(line) for line in HERE.joinpath("questions.jsonl").read_text(encoding="utf-8").splitlines()]
        change(rows)
        found = check.Check(self.documents)
        for line, row in enumerate(rows, 1):
            found.row("questions.jsonl", line, row)
        found.spread("questions.jsonl", rows)
        return found.problems

    def finds(self, message, change):
        problems = self.problems(change)
        self.assertTrue(any(message in problem for problem in problems), problems)

    def test_right_ones(self):
        self.assertEqual(self.problems(lambda rows: None), [])

    def test_passage_with_a_word_changed(self):
        self.finds("questions.jsonl:1: the passage does not stand in", lambda rows: rows[0].update(passage=rows[0]["passage"].replace("paper", "page")))

    def test_passage_of_another_document(self):
        self.finds("questions.jsonl:1: the passage does not stand in", lambda rows: rows[0].update(passage=rows[1]["passage"]))
        self.finds(", but in", lambda rows: rows[0].update(passage=rows[1]["passage"]))

    def test_passage_of_several_documents(self):
        twice = "All warranties are disclaimed. All trademarks are property of their respective trademark owners."
        self.finds("stands in 2 documents", lambda rows: rows[1].update(passage=twice, document="faqinfo.en.html"))

    def test_other_passage_that_does_not_stand_there(self):
        self.finds("(also): the passage does not", lambda rows: rows[0].update(also=[{"document": "ch01.en.html", "passage": "Nobody ever wrote this."}]))

    def test_document_that_is_none(self):
        self.finds("'nowhere.html' is the name of 0 documents", lambda rows: rows[0].update(document="nowhere.html"))

    def test_same_id_and_question_again(self):
        self.finds("questions.jsonl:2: id 'q01' again, first in questions.jsonl:1", lambda rows: rows[1].update(id="q01"))
        self.finds("again, first in questions.jsonl:1", lambda rows: rows[1].update(question=rows[0]["question"].upper()))

    def test_one_missing(self):
        self.finds("49 questions with and 10 without a passage, not 50 and 10", lambda rows: rows.pop(0))

    def test_one_sided(self):
        self.finds("questions have the manual 'debian-faq'", lambda rows: [row.update(manual="debian-policy") for row in rows if "manual" in row])
        self.finds("questions have the kind 'why'", lambda rows: [row.update(kind="who") for row in rows if "passage" in row])
        self.finds("questions lie inside", lambda rows: [row.update(kind="outside") for row in rows if "why" in row])

    def test_words_of_the_passage(self):
        self.finds("of the question's words stand in the passage", lambda rows: rows[0].update(question=rows[0]["passage"]))

    def test_field_that_is_none(self):
        self.finds("questions.jsonl:1: has the fields", lambda rows: rows[0].update(colour="red"))

    def test_exit_code(self):
        command = [sys.executable, HERE / "check.py", PROGRAM]
        with tempfile.TemporaryDirectory() as folder:
            for name in check.SETS:
                pathlib.Path(folder, name).write_text(HERE.joinpath(name).read_text(encoding="utf-8"), encoding="utf-8")
            self.assertEqual(subprocess.run([*command, folder], check=False).returncode, 0)
            with pathlib.Path(folder, "held_out.jsonl").open("a", encoding="utf-8") as file:
                file.write("{\n")
            done = subprocess.run([*command, folder], capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 1)
            self.assertIn("held_out.jsonl:41: no JSON", done.stdout)


if __name__ == "__main__":
    unittest.main()
