"""The decisions of bench/decide_peer.cpp made with numpy and SciPy on whole arrays, or with scikit-learn's calibrator label by label.

Run by that program, in FOLDER: plan.json, raw (texts x labels of doubles, row after row) and characters (64-bit counts) are read; then
each line of standard input is "FORM TIMES": the work is done so often, and the seconds it took are answered. What was decided last
stands in FOLDER/verdicts: five doubles a text.
"""

import json
import sys
import time
from pathlib import Path

import numpy
import scipy
import sklearn
from scipy.special import expit, logit
from sklearn.calibration import _SigmoidCalibration

CLIP = 1e-7
ROWS = {"numpy": 256, "sklearn": 1024}  # at once: what each is quickest with


class Plan:
    def __init__(self, folder):
        plan = json.loads((folder / "plan.json").read_text())
        columns = plan["columns"]
        self.width = len(columns)
        self.a, self.b, self.weights, self.thresholds = (numpy.array([c[key] for c in columns]) for key in ("a", "b", "weight", "threshold"))
        self.categories = [numpy.array(places) for places in plan["categories"]]
        self.top_k = plan["top_k"]
        self.threshold, self.delta_short, self.delta_long = plan["threshold"], plan["short_text_delta"], plan["long_text_delta"]
        self.short, self.long = plan["short_text_limit"], plan["long_text_limit"]
        self.calibrators = []
        for a, b in zip(self.a, self.b):
            calibrator = _SigmoidCalibration()
            calibrator.a_, calibrator.b_ = -a, -b  # its slope counts the other way
            self.calibrators.append(calibrator)

    def whole(self, odds):
        return expit(self.a * odds + self.b)

    def by_label(self, odds):
        out = numpy.empty_like(odds)
        for column, calibrator in enumerate(self.calibrators):
            out[:, column] = calibrator.predict(odds[:, column])
        return out

    def decide(self, raw, characters, form):
        calibrate, rows = {"numpy": self.whole, "sklearn": self.by_label}[form], ROWS[form]
        parts = [self.decide_some(raw[i : i + rows], characters[i : i + rows], calibrate) for i in range(0, len(raw), rows)]
        return [numpy.concatenate(part) for part in zip(*parts)]

    def decide_some(self, raw, characters, calibrate):
        calibrated = calibrate(logit(raw.clip(CLIP, 1 - CLIP)))
        scores = numpy.where(calibrated >= self.thresholds, calibrated * self.weights, 0)
        by_category = numpy.empty((len(raw), len(self.categories)))
        labels = numpy.empty((len(raw), len(self.categories)), dtype=numpy.int64)
        for i, (places, k) in enumerate(zip(self.categories, self.top_k)):
            part = scores[:, places]
            best = part.argmax(axis=1)
            labels[:, i] = places[best]
            labels[part[numpy.arange(len(part)), best] == 0, i] = -1
            by_category[:, i] = numpy.partition(part, len(places) - k, axis=1)[:, -k:].sum(axis=1) / k
        category = by_category.argmax(axis=1)
        rows = numpy.arange(len(raw))
        score = by_category[rows, category]
        threshold = numpy.where(
            characters <= self.short,
            self.threshold - self.delta_short,
            numpy.where(characters > self.long, self.threshold + self.delta_long, self.threshold),
        )
        return score >= threshold, category, labels[rows, category], score, threshold


def main():
    folder = Path(sys.argv[1])
    plan = Plan(folder)
    raw = numpy.fromfile(folder / "raw").reshape(-1, plan.width)
    characters = numpy.fromfile(folder / "characters", dtype=numpy.int64)
    python = ".".join(map(str, sys.version_info[:3]))
    print(f"Python {python}, numpy {numpy.__version__}, SciPy {scipy.__version__}, scikit-learn {sklearn.__version__}", flush=True)
    for line in sys.stdin:
        form, times = line.split()
        began = time.perf_counter()
        for _ in range(int(times)):
            verdicts = plan.decide(raw, characters, form)
        took = time.perf_counter() - began
        numpy.stack([part.astype(float) for part in verdicts], axis=1).tofile(folder / "verdicts")
        print(took, flush=True)


if __name__ == "__main__":
    main()
