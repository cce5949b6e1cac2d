#pragma once
// Logistic regression by Newton's method: the one optimiser under the fits.

#include <cstddef>
#include <span>
#include <vector>

namespace thalweg::calibration {

/// Minimise, over w, the sum over rows of -t ln p - (1 - t) ln(1 - p) with p = sigmoid(x . w), plus (w - m)' Q (w - m) / 2: the
/// loss in nats and, where a precision is given, minus the logarithm of a normal prior.
struct LogisticProblem {
  std::size_t width = 0;
  std::span<const double> features;        ///< x, row after row; a constant is a feature like any other
  std::span<const double> targets;         ///< t in [0, 1], one a row
  std::span<const double> mean = {};       ///< m; empty is 0
  std::span<const double> precision = {};  ///< Q, width x width, symmetric; empty is none
};

struct LogisticFit {
  std::vector<double> weights;
  std::vector<double> factor;  ///< lower Cholesky factor of the second derivatives near the end (cholesky.h)
  double loss = 0;             ///< what was minimised
  int steps = 0;
  bool converged = false;
};

/// Newton's method with halved steps where a full one does not descend; at most `most_steps`. It has converged when the next step
/// promises less than 1e-20 nats or rounding hides what it brings. Flat directions get a step of least norm. Precondition: sizes
/// fit; `start` has `width` numbers.
[[nodiscard]] LogisticFit fit_logistic(const LogisticProblem& problem, std::vector<double> start, int most_steps = 100);

}  // namespace thalweg::calibration
