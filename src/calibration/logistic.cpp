#include "calibration/logistic.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "calibration/cholesky.h"
#include "calibration/elementary.h"

namespace thalweg::calibration {
namespace {

// Of each row, from its log-odds z: p = sigmoid(z), and the loss ln(1 + e^z) - t z without overflow. Both from one e^-|z|.
// Compiled once for each width of vectors; all give the same bits. (Clones are chosen before a sanitizer is ready.)
#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer)
__attribute__((target_clones("avx512f", "avx2", "default")))
#endif
void predict(std::span<const double> odds, std::span<const double> targets, std::span<double> p,
             std::span<double> loss) noexcept {
  for (std::size_t i = 0; i < odds.size(); ++i) {
    const double z = odds[i], small = exponential(std::max(-700.0, -std::abs(z)));
    const double likely = 1 / (1 + small);
    p[i] = z < 0 ? small * likely : likely;
    loss[i] = (z < 0 ? 0 : z) + logarithm(1 + small) - targets[i] * z;
  }
}

// Adds the rows' parts of the first derivatives and of the lower half of the second ones. Clones as above.
#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer)
__attribute__((target_clones("avx512f", "avx2", "default")))
#endif
void add_rows(const LogisticProblem& problem, std::span<const double> p, std::span<double> gradient,
              std::span<double> hessian) noexcept {
  const std::size_t width = problem.width;
  for (std::size_t i = 0; i < p.size(); ++i) {
    const double* const row = problem.features.data() + i * width;
    const double residual = p[i] - problem.targets[i], curvature = p[i] * (1 - p[i]);
    for (std::size_t j = 0; j < width; ++j) {
      if (row[j] == 0) continue;  // triangular features are half zeros
      gradient[j] += residual * row[j];
      const double scaled = curvature * row[j];
      double* const into = hessian.data() + j * width;
      for (std::size_t k = 0; k <= j; ++k) into[k] += scaled * row[k];
    }
  }
}

class Newton {
 public:
  explicit Newton(const LogisticProblem& problem)
      : problem_(problem), width_(problem.width), rows_(problem.targets.size()), odds_(rows_), p_(rows_), losses_(rows_) {}

  double loss(std::span<const double> weights) {
    for (std::size_t i = 0; i < rows_; ++i) {
      const double* const row = problem_.features.data() + i * width_;
      odds_[i] = std::inner_product(weights.begin(), weights.end(), row, 0.0);
    }
    predict(odds_, problem_.targets, p_, losses_);
    const double sum = std::accumulate(losses_.begin(), losses_.end(), 0.0);
    if (problem_.precision.empty()) return sum;
    double penalty = 0;
    for (std::size_t i = 0; i < width_; ++i) penalty += from_mean(weights, i) * pulled(weights, i);
    return sum + penalty / 2;
  }

  // First and second derivatives where loss() was computed last; of the second only the lower half.
  void derive(std::span<const double> weights, std::span<double> gradient, std::span<double> hessian) {
    std::ranges::fill(gradient, 0.0);
    std::ranges::fill(hessian, 0.0);
    add_rows(problem_, p_, gradient, hessian);
    if (problem_.precision.empty()) return;
    for (std::size_t j = 0; j < width_; ++j) {
      gradient[j] += pulled(weights, j);
      for (std::size_t k = 0; k <= j; ++k) hessian[j * width_ + k] += problem_.precision[j * width_ + k];
    }
  }

 private:
  [[nodiscard]] double from_mean(std::span<const double> weights, std::size_t i) const noexcept {
    return weights[i] - (problem_.mean.empty() ? 0 : problem_.mean[i]);
  }
  // Row i of Q (w - m).
  [[nodiscard]] double pulled(std::span<const double> weights, std::size_t i) const noexcept {
    double sum = 0;
    for (std::size_t j = 0; j < width_; ++j) sum += problem_.precision[i * width_ + j] * from_mean(weights, j);
    return sum;
  }

  const LogisticProblem& problem_;
  std::size_t width_, rows_;
  std::vector<double> odds_, p_, losses_;
};

// A flat direction has no curvature; a trace of one makes the step there the shortest.
void factorise_any(std::span<const double> hessian, std::size_t width, std::vector<double>& factor) {
  factor.assign(hessian.begin(), hessian.end());
  if (factorise(factor, width)) return;
  double trace = 0;
  for (std::size_t i = 0; i < width; ++i) trace += hessian[i * width + i];
  double added = 1e-13 * trace + 1e-300;
  for (int attempt = 0; attempt < 16; ++attempt, added *= 10) {
    factor.assign(hessian.begin(), hessian.end());
    for (std::size_t i = 0; i < width; ++i) factor[i * width + i] += added;
    if (factorise(factor, width)) return;
  }
}

}  // namespace

LogisticFit fit_logistic(const LogisticProblem& problem, std::vector<double> start, int most_steps) {
  constexpr double kNothing = 1e-20, kHidden = 1e-10;
  const std::size_t width = problem.width;
  Newton newton(problem);
  LogisticFit fit;
  fit.weights = std::move(start);
  std::vector<double> gradient(width), hessian(width * width), step(width), next(width);
  fit.loss = newton.loss(fit.weights);
  while (true) {
    newton.derive(fit.weights, gradient, hessian);
    factorise_any(hessian, width, fit.factor);
    step = gradient;
    solve(fit.factor, width, step);
    const double promised = std::inner_product(step.begin(), step.end(), gradient.begin(), 0.0);
    if (promised <= kNothing) {
      fit.converged = true;
      return fit;
    }
    if (fit.steps == most_steps) return fit;
    ++fit.steps;
    double share = 1, loss = 0;
    for (int halvings = 0;; ++halvings, share /= 2) {
      for (std::size_t j = 0; j < width; ++j) next[j] = fit.weights[j] - share * step[j];
      loss = newton.loss(next);
      if (loss <= fit.loss - 1e-4 * share * promised) break;
      const bool hidden = promised <= kHidden * (1 + std::abs(fit.loss));
      if (hidden || halvings == 60) {  // the loss cannot tell any more: the full step is right where it is this small
        fit.converged = hidden;
        if (hidden) {
          for (std::size_t j = 0; j < width; ++j) fit.weights[j] -= step[j];
        }
        return fit;
      }
    }
    fit.weights.swap(next);
    fit.loss = loss;
  }
}

}  // namespace thalweg::calibration
