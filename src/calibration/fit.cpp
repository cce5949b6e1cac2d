#include "calibration/fit.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "calibration/logistic.h"
#include "calibration/logit.h"

namespace thalweg::calibration {
namespace {

constexpr std::array<std::string_view, 6> kWarnings = {"negative_slope", "not_converged", "separable", "constant_scores",
                                                       "at_bound"};

// What each row is fitted to.
std::vector<double> targets(const Sample& sample, Targets kind) {
  const auto positives = static_cast<double>(sample.positives()), negatives = static_cast<double>(sample.negatives());
  const double high = kind == Targets::hard ? 1 : (positives + 1) / (positives + 2);
  const double low = kind == Targets::hard ? 0 : 1 / (negatives + 2);
  std::vector<double> out(sample.size());
  std::ranges::transform(sample.present, out.begin(), [&](std::uint8_t truth) { return truth != 0 ? high : low; });
  return out;
}

struct Range {
  double least = std::numeric_limits<double>::infinity(), most = -std::numeric_limits<double>::infinity();
  void take(double value) noexcept {
    least = std::min(least, value);
    most = std::max(most, value);
  }
};

// Clipped scores of present and of absent rows.
std::array<Range, 2> ranges(const Sample& sample) noexcept {
  std::array<Range, 2> out;
  for (std::size_t i = 0; i < sample.size(); ++i) out[sample.present[i]].take(clip(sample.raw[i]));
  return out;
}

bool separable(const std::array<Range, 2>& range) noexcept {
  return range[0].most < range[1].least || range[1].most < range[0].least;
}

void warn(Fit& fit, Warning::Kind kind, std::string text) { fit.warnings.push_back({kind, std::move(text)}); }

void warn_slope(Fit& fit, double slope) {
  if (slope >= 0) return;
  warn(fit, Warning::Kind::negative_slope, fmt::format("slope {:.4g}: a higher score means a lower probability", slope));
}

void warn_separable(Fit& fit, const std::array<Range, 2>& range, std::string_view what) {
  if (!separable(range)) return;
  warn(fit, Warning::Kind::separable,
       fmt::format("scores of present rows lie in [{:.4g}, {:.4g}], of absent ones in [{:.4g}, {:.4g}]: {}", range[1].least,
                   range[1].most, range[0].least, range[0].most, what));
}

void warn_steep(Fit& fit, const std::array<Range, 2>& range) {
  warn_separable(fit, range, "how steep the curve is comes from the smoothed targets alone");
}

void warn_constant(Fit& fit, const Sample& sample) {
  warn(fit, Warning::Kind::constant_scores, fmt::format("every row has the score {:.4g}", sample.raw.front()));
}

void warn_unconverged(Fit& fit, const LogisticFit& found) {
  if (found.converged) return;
  warn(fit, Warning::Kind::not_converged, fmt::format("no optimum after {} Newton steps", found.steps));
}

Result<LogisticFit> newton(const LogisticProblem& problem, Targets kind) {
  std::vector<double> start(problem.width);
  double sum = 0;
  for (const double target : problem.targets) sum += target;
  start.back() = logit(sum / static_cast<double>(problem.targets.size()));
  LogisticFit found = fit_logistic(problem, std::move(start));
  if (kind == Targets::hard && found.loss < 1e-6) {
    return fail(Code::failed_precondition,
                "the scores divide present from absent rows, so hard targets have no optimum; use smoothed ones");
  }
  return found;
}

// Mean gradient of the earlier system's loss.
std::array<double, 2> legacy_gradient(const Sample& sample, std::span<const double> target, double a, double b) noexcept {
  std::array<double, 2> sum{};
  for (std::size_t i = 0; i < target.size(); ++i) {
    const double error = clip(sigmoid(a * sample.raw[i] + b)) - target[i];
    sum[0] += error * sample.raw[i];
    sum[1] += error;
  }
  const auto rows = static_cast<double>(target.size());
  return {sum[0] / rows, sum[1] / rows};
}

Fit fit_legacy(const Sample& sample) {
  constexpr int kSteps = 100;
  constexpr double kRate = 0.1, kFlat = 1e-3;
  const auto target = targets(sample, Targets::smoothed);
  double a = 1, b = 0;
  for (int step = 0; step < kSteps; ++step) {
    const auto [along_a, along_b] = legacy_gradient(sample, target, a, b);
    a -= kRate * along_a;
    b -= kRate * along_b;
  }
  Fit fit{Calibrator::legacy(a, b), 0, 0, kSteps, {}};
  const auto [along_a, along_b] = legacy_gradient(sample, target, a, b);
  if (const double steepest = std::max(std::abs(along_a), std::abs(along_b)); steepest > kFlat) {
    warn(fit, Warning::Kind::not_converged, fmt::format("gradient {:.2g} after {} steps of gradient descent", steepest, kSteps));
  }
  warn_slope(fit, a);
  return fit;
}

Result<Fit> fit_platt(const Sample& sample, Targets kind, const std::array<Range, 2>& range) {
  const auto target = targets(sample, kind);
  std::vector<double> features;
  features.reserve(2 * sample.size());
  for (const double raw : sample.raw) features.insert(features.end(), {logit(raw), 1});
  const LogisticFit found = TRY(newton({.width = 2, .features = features, .targets = target}, kind));
  Fit fit{Calibrator::platt(found.weights[0], found.weights[1]), 0, 0, found.steps, {}};
  warn_unconverged(fit, found);
  warn_steep(fit, range);
  warn_slope(fit, found.weights[0]);
  return fit;
}

Fit fit_temperature(const Sample& sample) {
  constexpr double kLeast = 2 * 4.5399929762484854e-05, kMost = 2 * 22026.465794806718;  // 2 e^-10, 2 e^10, scikit-learn's range
  std::vector<double> odds(sample.size());
  std::ranges::transform(sample.raw, odds.begin(), logit);
  // 1/t; the loss is convex in it, and its minimum stays between low and high.
  double low = kLeast, high = kMost, scale = 1, before = std::numeric_limits<double>::infinity();
  Fit fit;
  for (; fit.steps < 200; ++fit.steps) {
    double slope = 0, curvature = 0;
    for (std::size_t i = 0; i < odds.size(); ++i) {
      const double p = sigmoid(scale * odds[i]);
      slope += (p - sample.present[i]) * odds[i];
      curvature += p * (1 - p) * odds[i] * odds[i];
    }
    (slope > 0 ? high : low) = scale;
    const double newton = scale - slope / curvature;
    // Newton's step as long as it is at its quick end; else half way, in the logarithm.
    const bool quick = newton > low && newton < high && std::abs(slope) <= 0.1 * before;
    const double next = quick ? newton : std::sqrt(low * high);
    before = std::abs(slope);
    if (slope == 0 || std::abs(next - scale) <= 1e-14 * scale) break;
    scale = next;
  }
  fit.calibrator = Calibrator::temperature(1 / scale);
  if (scale < 1.001 * kLeast || scale > kMost / 1.001) {
    warn(fit, Warning::Kind::at_bound,
         scale < 1 ? "no temperature helps: higher scores do not mean higher probabilities"
                   : "every score is on its side of 0.5, so the best temperature is the lowest one allowed");
  }
  return fit;
}

Result<Fit> fit_beta(const Sample& sample, Targets kind, const std::array<Range, 2>& range) {
  const auto target = targets(sample, kind);
  std::vector<double> features;
  const auto refit = [&](bool with_a, bool with_b) {
    features.clear();
    for (const double raw : sample.raw) {
      const double p = clip(raw);
      if (with_a) features.push_back(logarithm(p));
      if (with_b) features.push_back(-logarithm(1 - p));
      features.push_back(1);
    }
    return newton({.width = 1U + (with_a ? 1U : 0U) + (with_b ? 1U : 0U), .features = features, .targets = target}, kind);
  };
  LogisticFit found = TRY(refit(true, true));
  double a = found.weights[0], b = found.weights[1];
  if (a < 0 && b >= 0) {
    found = TRY(refit(false, true));
    a = 0, b = found.weights[0];
  } else if (b < 0 && a >= 0) {
    found = TRY(refit(true, false));
    a = found.weights[0], b = 0;
  }
  Fit fit{Calibrator::beta(a, b, found.weights.back()), 0, 0, found.steps, {}};
  warn_unconverged(fit, found);
  warn_steep(fit, range);
  warn_slope(fit, std::min(a, b));
  return fit;
}

// The least-squares answer where all rows have one score: their share of present ones (smoothed as the method would).
Result<Fit> fit_constant(Method method, const Sample& sample, Targets kind) {
  double sum = 0;
  for (const double target : targets(sample, kind)) sum += target;
  const double odds = logit(sum / static_cast<double>(sample.size()));
  Fit fit{method == Method::beta ? Calibrator::beta(0, 0, odds) : Calibrator::platt(0, odds), 0, 0, 0, {}};
  warn_constant(fit, sample);
  return fit;
}

Result<Fit> fitted(Method method, const Sample& sample, const FitOptions& options) {
  const auto range = ranges(sample);
  const bool constant = std::min(range[0].least, range[1].least) == std::max(range[0].most, range[1].most);
  switch (method) {
    case Method::none:
      return Fit{};
    case Method::legacy:
      return fit_legacy(sample);
    case Method::platt:
      return constant ? fit_constant(method, sample, options.targets) : fit_platt(sample, options.targets, range);
    case Method::temperature:
      return fit_temperature(sample);
    case Method::beta:
      return constant ? fit_constant(method, sample, options.targets) : fit_beta(sample, options.targets, range);
    case Method::isotonic: {
      const IsotonicKnots knots = fit_isotonic(sample);
      Fit fit{TRY(Calibrator::isotonic(knots.x, knots.y)), 0, 0, 0, {}};
      warn_separable(fit, range, "the curve says 0 on one side and 1 on the other");
      if (constant) warn_constant(fit, sample);
      return fit;
    }
  }
  return fail(Code::internal, "no such calibration method");
}

}  // namespace

std::string_view name(Warning::Kind kind) noexcept { return kWarnings[static_cast<std::size_t>(kind)]; }

Result<Fit> fit(Method method, const Sample& sample, const FitOptions& options) {
  TRY(check(sample));
  const std::size_t positives = sample.positives(), negatives = sample.negatives();
  if (method != Method::none && std::min(positives, negatives) < options.minimum) {
    return fail(Code::failed_precondition,
                "too thin to fit: the label is present in {} rows and absent in {}, and at least {} of each are needed",
                positives, negatives, options.minimum);
  }
  Fit fit = TRY(fitted(method, sample, options));
  fit.positives = positives;
  fit.negatives = negatives;
  return fit;
}

}  // namespace thalweg::calibration
