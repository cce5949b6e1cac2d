#!/usr/bin/env python3
"""The questions of this folder are what they say: counted, spread, asked once, and answered by passages that stand word for word in the one
document named, as the program reads and cuts it.

Usage: check.py FOLDER_OF_THE_PROGRAM [FOLDER_OF_THE_QUESTIONS]

"""
import collections
import json
import pathlib
import re
import subprocess
import sys
import tempfile

MANUALS = {
    "debian-faq": "/usr/share/doc/debian/FAQ",
    "debian-policy": "/usr/share/doc/debian-policy",
    "developers-reference": "/usr/share/developers-reference",
    "debian-reference": "/usr/share/debian-reference",
}
SETS = {"questions.jsonl": (50, 10), "held_out.jsonl": (33, 7)}  # answered in the manuals, and not
KINDS = {"definition", "how-to", "how-many", "permission", "when", "where", "who", "why"}
WORDINGS = {"manual's", "own"}
UNANSWERED = {"inside", "outside"}  # of what the manuals are about
OWN_WORDS = 0.4  # less of the words of a question in words of its own stands in its passage
CUT = """
name: cut
input: {folders: list<string>}
stages:
  - id: read
    uses: read_documents
    with: {folder: "{{ input.folders }}", patterns: ["*.html"], exclude: [genindex.html, search.html], on_error: fail}
  - {id: cut, uses: passages, with: {documents: "{{ read }}"}}
output: "{{ cut }}"
"""
COMMON = set("""a about after again all already also am an and any anything are as at be because been before being beyond but by can come could
did do does down each else even ever every everybody find for from get gets give given go goes had has have her here his how i if in
into is it its just keep last let may me more most much must my need needs new no nobody not nothing now of off old on one only or other
others our out over own people put run say says see shall she should show so some somebody something still such take than that the their
them then there these they thing things this time to too two under up us use used was way we were what when where whether which while who
whom whose why will with within without won would write wrong you your""".split())


def plain(text):
    return " ".join(text.split())


def words(text):
    """Words that say what it is about, cut to their first five letters: good enough to tell whose words they are."""
    found = re.findall(r"[a-z0-9]+", text.lower().replace("'s ", " "))
    return {word[:5] for word in found if word not in COMMON and len(word) > 2}


def read_passages(program):
    with tempfile.TemporaryDirectory(prefix="thalweg-quality-") as folder:
        path = pathlib.Path(folder, "cut.yaml")
        path.write_text(CUT)
        command = [program, "run", path, "--json", "--set", "folders=" + json.dumps(list(MANUALS.values()))]
        done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode != 0:
        sys.exit(f"the manuals cannot be read: {done.stderr.decode(errors='replace')}")
    documents = collections.defaultdict(list)
    for passage in json.loads(done.stdout)["output"]:
        documents[passage["document"]].append(passage)
    return documents


def joined(passages):
    """The text of a document, of its passages: what a passage repeats of the one before it stands once."""
    text, before = "", None
    for passage in passages:
        own = plain(passage["text"])
        shared = 0
        if before and before["section"] == passage["section"]:
            end = plain(before["text"])
            shared = next((n for n in range(min(len(own), len(end)), 0, -1) if end.endswith(own[:n])), 0)
        text += (" " if shared < len(own) else "") + own[shared:].lstrip()
        before = passage
    return text


class Check:
    def __init__(self, documents):
        self.documents = {path: joined(passages) for path, passages in documents.items()}
        self.cut = {path: [plain(passage["text"]) for passage in passages] for path, passages in documents.items()}
        self.problems = []
        self.ids, self.questions = {}, {}

    def problem(self, place, message):
        self.problems.append(f"{place}: {message}")

    def passage(self, place, document, passage, folder=None):
        if not isinstance(passage, str) or len(plain(passage)) < 20:
            return self.problem(place, "the passage is no text of at least 20 characters")
        named = [path for path in self.documents if path.endswith("/" + document) and path.startswith(folder or "")]
        if len(named) != 1:
            return self.problem(place, f"'{document}' is the name of {len(named)} documents")
        text = plain(passage)
        holding = [path for path, whole in self.documents.items() if text in whole]
        if named[0] not in holding:
            return self.problem(place, f"the passage does not stand in {named[0]}" + (f", but in {holding[0]}" if holding else ""))
        if len(holding) > 1:
            return self.problem(place, f"the passage stands in {len(holding)} documents: {', '.join(sorted(holding))}")
        sentences = [text, *re.split(r'(?<=[.:!?]) (?=[A-Z"(-])', text)]
        if not any(sentence in cut for sentence in sentences for cut in self.cut[named[0]]):
            self.problem(place, "no passage as they are cut holds it, nor a whole sentence of it")

    def fields(self, place, row):
        answered = "passage" in row
        wanted = {"id", "question", "kind"} | ({"manual", "document", "passage", "wording"} if answered else {"why"})
        if set(row) - {"also"} != wanted or ("also" in row and not answered):
            self.problem(place, f"has the fields {', '.join(sorted(row))}, not {', '.join(sorted(wanted))}")
            return False
        if row["kind"] not in (KINDS if answered else UNANSWERED):
            self.problem(place, f"there is no kind '{row['kind']}'")
        if answered and row["wording"] not in WORDINGS:
            self.problem(place, f"there is no wording '{row['wording']}'")
        if answered and row["manual"] not in MANUALS:
            self.problem(place, f"there is no manual '{row['manual']}'")
            return False
        return True

    def row(self, name, line, row):
        place = f"{name}:{line}"
        if not self.fields(place, row):
            return
        for known, value, what in ((self.ids, row["id"], "id"), (self.questions, plain(row["question"]).lower(), "question")):
            if value in known:
                self.problem(place, f"{what} '{value}' again, first in {known[value]}")
            known.setdefault(value, place)
        if "passage" not in row:
            return
        self.passage(place, row["document"], row["passage"], MANUALS[row["manual"]] + "/")
        for other in row.get("also", []):
            self.passage(place + " (also)", other["document"], other["passage"])
        asked = words(row["question"])
        shared = len(asked & words(row["passage"])) / len(asked)
        if (row["wording"] == "own") != (shared < OWN_WORDS):
            self.problem(place, f"{shared:.0%} of the question's words stand in the passage; its wording is said to be '{row['wording']}'")

    def spread(self, name, rows):
        answered = [row for row in rows if "passage" in row]
        counts = (len(answered), len(rows) - len(answered))
        if counts != SETS[name]:
            self.problem(name, f"{counts[0]} questions with and {counts[1]} without a passage, not {SETS[name][0]} and {SETS[name][1]}")
        for field, values, share in (("manual", MANUALS, 0.2), ("kind", KINDS, 0.05), ("wording", WORDINGS, 0.4)):
            count = collections.Counter(row.get(field) for row in answered)
            for value in sorted(values):
                if count[value] < share * len(answered):
                    self.problem(name, f"only {count[value]} of {len(answered)} questions have the {field} '{value}'")
        inside = sum(row.get("kind") == "inside" for row in rows)
        if inside * 2 < counts[1]:
            self.problem(name, f"only {inside} of {counts[1]} unanswered questions lie inside of what the manuals are about")


def read_rows(path, check):
    rows = []
    for line, text in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            row = json.loads(text)
        except ValueError as error:
            check.problem(f"{path.name}:{line}", f"no JSON: {error}")
            continue
        check.row(path.name, line, row)
        rows.append(row)
    return rows


def main():
    folder = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else pathlib.Path(__file__).parent)
    check = Check(read_passages(pathlib.Path(sys.argv[1], "thalweg").absolute()))
    for line, text in enumerate(pathlib.Path(__file__).parent.parent.joinpath("questions.jsonl").read_text(encoding="utf-8").splitlines(), 1):
        check.questions[plain(json.loads(text)["question"]).lower()] = f"tests/documents/questions.jsonl:{line}"
    for name in SETS:
        check.spread(name, read_rows(folder / name, check))
    for problem in check.problems:
        print(problem)
    sys.exit(1 if check.problems else 0)


if __name__ == "__main__":
    main()
