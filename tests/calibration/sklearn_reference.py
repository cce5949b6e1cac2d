"""Writes sklearn_reference.json: what scikit-learn and SciPy say of the numbers that the tests of src/calibration fit and measure.

Run it in an environment with scikit-learn and SciPy, from anywhere; the tests read only the file. Conventions: x = logit(clip(raw, 1e-7,
1 - 1e-7)); p = 1 / (1 + exp(-(a x + b))), so scikit-learn's a_ and b_ have the opposite sign; losses clip p the same way. Leave-one-out:
every row is scored by a fit on the other rows. `every` fits every label, however rare; `raw_below_5` leaves labels with fewer than 5
rows of a class as they are.
"""

import json
import warnings
from pathlib import Path

import numpy as np
import scipy
import sklearn
from scipy import optimize, stats
from sklearn import metrics
from sklearn.calibration import _SigmoidCalibration, _TemperatureScaling, calibration_curve
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

HERE = Path(__file__).parent
LOOM = HERE.parent / "data" / "loom"
CLIP = 1e-7
GRID = [0.0, 1e-4, 0.05, 0.3, 0.5, 0.8, 0.95, 0.999, 1.0]


def logit(raw):
    p = np.clip(raw, CLIP, 1 - CLIP)
    return np.log(p / (1 - p))


def sigmoid(z):
    return 1 / (1 + np.exp(-np.clip(z, -700, 700)))


def log_loss(y, p):
    p = np.clip(p, CLIP, 1 - CLIP)
    return -(y * np.log(p) + (1 - y) * np.log(1 - p))


def minimum(loss_gradient, start):
    """A tighter minimum than L-BFGS alone gives: of few variables, by trust-exact steps on finite differences of the gradient."""
    found = optimize.minimize(loss_gradient, start, jac=True, method="BFGS", options={"gtol": 1e-9, "maxiter": 10000})
    for _ in range(20):
        step = 1e-6
        hessian = np.array([(loss_gradient(found.x + step * e)[1] - loss_gradient(found.x - step * e)[1]) / (2 * step) for e in np.eye(len(start))])
        found.x = found.x - np.linalg.solve(hessian, loss_gradient(found.x)[1])
    return found.x


def platt(x, y):
    fitted = _SigmoidCalibration().fit(x, y)
    return -float(fitted.a_), -float(fitted.b_)


def smoothed(y):
    positives = y.sum()
    return np.where(y == 1, (positives + 1) / (positives + 2), 1 / (len(y) - positives + 2))


def beta(raw, targets):
    """Kull, Silva Filho, Flach 2017: logistic regression on (ln p, -ln(1 - p)); a negative slope becomes 0 and the rest is fitted again."""
    p = np.clip(raw, CLIP, 1 - CLIP)
    full = np.column_stack([np.log(p), -np.log(1 - p), np.ones(len(p))])

    def fit(columns):
        rows = full[:, columns]

        def loss_gradient(w):
            z = rows @ w
            return np.sum(np.logaddexp(0, z) - targets * z), rows.T @ (sigmoid(z) - targets)

        out = np.zeros(3)
        out[columns] = minimum(loss_gradient, np.zeros(len(columns)))
        return out

    w = fit([0, 1, 2])
    if w[0] < 0 <= w[1]:
        w = fit([1, 2])
    elif w[1] < 0 <= w[0]:
        w = fit([0, 2])
    return w.tolist()


def isotonic(x, y):
    return IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip").fit(x, y)


def one_label(raw, y):
    x, grid = logit(raw), logit(np.array(GRID))
    a, b = platt(x, y)
    curve = isotonic(x, y)
    scaled = _TemperatureScaling().fit(x, y)
    out = {
        "platt": {"a": a, "b": b, "p": sigmoid(a * grid + b).tolist()},
        "isotonic": {"x": curve.X_thresholds_.tolist(), "y": curve.y_thresholds_.tolist(), "p": curve.predict(grid).tolist()},
        # scikit-learn scales the pair (-x, x), whose softmax is sigmoid(2 beta x)
        "temperature": {"t": 1 / (2 * float(scaled.beta_)), "p": scaled.predict(grid)[:, 1].tolist()},
        "beta_smoothed": beta(raw, smoothed(y)),
    }
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            plain = LogisticRegression(C=np.inf, tol=1e-12, max_iter=10000, solver="newton-cholesky").fit(x[:, None], y)
            out["hard"] = {"a": float(plain.coef_[0, 0]), "b": float(plain.intercept_[0]), "beta": beta(raw, y.astype(float))}
        except Exception:  # the scores divide the classes
            pass
    return out


def loom():
    scores = {s["id"]: s["scores"] for s in json.loads((LOOM / "scores.json").read_text())["samples"]}
    truth = json.loads((LOOM / "label.samples.json").read_text())["samples"]
    labels = sorted(next(iter(scores.values())))
    raw = np.array([[scores[s["id"]][label] for label in labels] for s in truth])
    y = np.array([[int(label in s["expected_labels"]) for label in labels] for s in truth])
    accept = np.array([int(s["expected_decision"] == "accept") for s in truth])
    return labels, raw, y, accept


def leave_one_out(raw, y):
    n, wide = raw.shape
    x = logit(raw)
    loss = {kind: np.empty((n, wide)) for kind in ("raw", "base_rate", "platt", "isotonic", "temperature", "beta")}
    loss["raw"] = log_loss(y, raw)
    for i in range(n):
        keep = np.arange(n) != i
        for label in range(wide):
            xs, ys, here = x[keep, label], y[keep, label], x[i, label]
            a, b = platt(xs, ys)
            p = {"base_rate": ys.mean(), "platt": sigmoid(a * here + b), "isotonic": isotonic(xs, ys).predict([here])[0]}
            p["temperature"] = _TemperatureScaling().fit(xs, ys).predict(np.array([here]))[0, 1]
            w = beta(raw[keep, label], smoothed(ys)) if 0 < ys.sum() else [0, 0, logit(1 / (len(ys) + 2))]
            clipped = np.clip(raw[i, label], CLIP, 1 - CLIP)
            p["beta"] = sigmoid(w[0] * np.log(clipped) - w[1] * np.log(1 - clipped) + w[2])
            for kind, value in p.items():
                loss[kind][i, label] = log_loss(y[i, label], value)
    thin = np.minimum(y.sum(0), n - y.sum(0)) < 5
    every = {kind: float(rows.mean()) for kind, rows in loss.items()}
    left = {kind: float(np.where(thin, loss["raw"].mean(0), rows.mean(0)).mean()) for kind, rows in loss.items()}
    return {"every": every, "raw_below_5": left}


def measured(p, y):
    precision, recall, f1, _ = metrics.precision_recall_fscore_support(y, p >= 0.5, average="binary", zero_division=0)
    true, predicted = calibration_curve(y, p, n_bins=10, strategy="uniform")
    bins = np.maximum(np.ceil(p * 10).astype(int) - 1, 0)  # closed on the right, as calibration_curve's
    width = sum(abs(y[bins == b].mean() - p[bins == b].mean()) * (bins == b).mean() for b in np.unique(bins))
    order = np.argsort(p, kind="stable")
    cut = [round(b * len(p) / 10) for b in range(11)]
    mass = 0.0
    start = 0
    for b in range(10):
        end = max(cut[b + 1], start)
        while 0 < end < len(p) and p[order[end - 1]] == p[order[end]]:  # equal scores share a bin
            end += 1
        rows = order[start:end]
        if len(rows):
            mass += abs(y[rows].mean() - p[rows].mean()) * len(rows) / len(p)
        start = end
    return {
        "log_loss": float(log_loss(y, p).mean()),
        "brier": float(metrics.brier_score_loss(y, p)),
        "auc": float(metrics.roc_auc_score(y, p)),
        "average_precision": float(metrics.average_precision_score(y, p)),
        "ece_width": float(width),
        "ece_mass": float(mass),
        "reliability": [true.tolist(), predicted.tolist()],
        "precision": float(precision) if (p >= 0.5).any() else None,
        "recall": float(recall),
        "f1": float(f1),
        "mcc": float(metrics.matthews_corrcoef(y, p >= 0.5)) if len(set(p >= 0.5)) == 2 else None,
        "balanced_accuracy": float(metrics.balanced_accuracy_score(y, p >= 0.5)),
    }


def made(seed, rows):
    """Scores with many ties, by a rule the test repeats: splitmix64."""
    state = seed

    def uniform():
        nonlocal state
        state = (state + 0x9E3779B97F4A7C15) % 2**64
        z = state
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB % 2**64
        return ((z ^ (z >> 31)) >> 11) * 2.0**-53

    raw, y = np.empty(rows), np.empty(rows, dtype=int)
    for i in range(rows):
        raw[i] = int(uniform() * 101) / 100
        y[i] = int(uniform() < 0.1 + 0.7 * raw[i] * raw[i])
    return raw, y


def combined(features, y):
    scaled = StandardScaler().fit_transform(features)
    out = []
    for penalty in (0.1, 1.0, 10.0):
        fitted = LogisticRegression(C=1 / penalty, tol=1e-12, max_iter=10000, solver="newton-cholesky").fit(scaled, y)
        out.append({"lambda": penalty, "p": fitted.predict_proba(scaled)[:, 1].tolist()})
    return out


def tails():
    out = []
    for n, k, p in [(1, 0, 0.5), (59, 0, 0.05), (58, 0, 0.05), (100, 3, 0.05), (100, 97, 0.5), (1000, 20, 0.05), (100000, 4800, 0.05), (10**6, 50000, 0.049), (40, 40, 0.9)]:
        low = 0.0 if k == 0 else stats.beta.ppf(0.025, k, n - k + 1)
        high = 1.0 if k == n else stats.beta.ppf(0.975, k + 1, n - k)
        out.append({"n": n, "k": k, "p": p, "log_below": float(stats.binom.logcdf(k, n, p)), "log_above": float(stats.binom.logsf(k - 1, n, p)) if k else 0.0, "low": float(low), "high": float(high)})
    return out


def main():
    labels, raw, y, accept = loom()
    enough = [i for i in range(len(labels)) if min(y[:, i].sum(), len(y) - y[:, i].sum()) >= 5]
    ties = made(7, 500)
    phatic = labels.index("phatic")
    reference = {
        "versions": {"scikit-learn": sklearn.__version__, "scipy": scipy.__version__},
        "grid": GRID,
        "labels": {labels[i]: one_label(raw[:, i], y[:, i]) for i in enough},
        "ties": {**one_label(*ties), "measured": measured(*ties)},
        "measured": {label: measured(raw[:, labels.index(label)], y[:, labels.index(label)]) for label in ("phatic", "time", "preference")},
        "leave_one_out": leave_one_out(raw, y),
        "combined": combined(logit(raw), accept),
        "binomial": tails(),
    }
    assert y[:, phatic].sum() == 17
    (HERE / "sklearn_reference.json").write_text(json.dumps(reference, indent=1) + "\n")


if __name__ == "__main__":
    main()
