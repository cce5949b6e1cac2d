#include "calibration/binomial.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "calibration/logit.h"

namespace thalweg::calibration {
namespace {

constexpr double kNever = -std::numeric_limits<double>::infinity();

// What Stirling's formula leaves of ln n!.
double stirling_rest(double n) noexcept {
  if (n <= 15) {
    double factorial = 1;
    for (int i = 2; i <= static_cast<int>(n); ++i) factorial *= i;
    return logarithm(factorial) - (n + 0.5) * logarithm(n) + n - 0.5 * logarithm(2 * std::numbers::pi);
  }
  const double square = n * n;
  return (1.0 / 12 - (1.0 / 360 - (1.0 / 1260 - (1.0 / 1680 - 1.0 / 1188 / square) / square) / square) / square) / n;
}

// x ln(x / mean) + mean - x, without cancellation where the two are near.
double deviance(double x, double mean) noexcept {
  if (std::abs(x - mean) >= 0.1 * (x + mean)) return x * logarithm(x / mean) + mean - x;
  const double v = (x - mean) / (x + mean);
  double sum = (x - mean) * v, term = 2 * x * v;
  for (int i = 3;; i += 2) {
    term *= v * v;
    const double next = sum + term / i;
    if (next == sum) return sum;
    sum = next;
  }
}

double log_one_minus_exp(double x) noexcept {
  if (x >= 0) return kNever;
  return x < -700 ? 0 : logarithm(std::max(1 - exponential(x), std::numeric_limits<double>::min()));
}

// ln of the sum of the terms from k on, away from the mean: each next term is the last one times a ratio that only falls.
template <class Ratio>
double log_tail(double first, std::uint64_t terms, Ratio&& ratio) noexcept {
  double term = 1, sum = 1;
  for (std::uint64_t i = 0; i < terms; ++i) {
    term *= ratio(i);
    const double next = sum + term;
    if (next == sum) break;
    sum = next;
  }
  return first + logarithm(sum);
}

double below(std::uint64_t k, std::uint64_t n, double p) noexcept {
  return log_tail(log_binomial(k, n, p), k, [=](std::uint64_t i) {
    const auto at = static_cast<double>(k - i);
    return at / (static_cast<double>(n) - at + 1) * ((1 - p) / p);
  });
}

double above(std::uint64_t k, std::uint64_t n, double p) noexcept {
  return log_tail(log_binomial(k, n, p), n - k, [=](std::uint64_t i) {
    const auto at = static_cast<double>(k + i);
    return (static_cast<double>(n) - at) / (at + 1) * (p / (1 - p));
  });
}

// Where a falling function crosses 0 in [0, 1], to the last place.
template <class Function>
double crossing(Function&& positive_at) noexcept {
  double low = 0, high = 1;
  while (true) {
    const double middle = low + (high - low) / 2;
    if (middle <= low || middle >= high) return middle;
    (positive_at(middle) ? low : high) = middle;
  }
}

}  // namespace

double log_binomial(std::uint64_t k, std::uint64_t n, double p) noexcept {
  if (p <= 0) return k == 0 ? 0 : kNever;
  if (p >= 1) return k == n ? 0 : kNever;
  const auto x = static_cast<double>(k), trials = static_cast<double>(n), rest = trials - x;
  if (k == 0) return trials * std::log1p(-p);
  if (k == n) return trials * logarithm(p);
  return stirling_rest(trials) - stirling_rest(x) - stirling_rest(rest) - deviance(x, trials * p) -
         deviance(rest, trials * (1 - p)) + 0.5 * logarithm(trials / (2 * std::numbers::pi * x) / rest);
}

double log_at_most(std::uint64_t k, std::uint64_t n, double p) noexcept {
  if (k >= n || p <= 0) return 0;
  if (p >= 1) return kNever;
  if (static_cast<double>(k) <= static_cast<double>(n) * p) return std::min(0.0, below(k, n, p));
  return log_one_minus_exp(above(k + 1, n, p));
}

double log_at_least(std::uint64_t k, std::uint64_t n, double p) noexcept {
  if (k == 0 || p >= 1) return 0;
  if (p <= 0) return kNever;
  if (static_cast<double>(k) >= static_cast<double>(n) * p) return std::min(0.0, above(k, n, p));
  return log_one_minus_exp(below(k - 1, n, p));
}

double upper_bound(std::uint64_t k, std::uint64_t n, double delta) noexcept {
  if (k >= n) return 1;
  const double least = logarithm(delta);
  return crossing([=](double p) { return log_at_most(k, n, p) > least; });
}

double lower_bound(std::uint64_t k, std::uint64_t n, double delta) noexcept {
  if (k == 0) return 0;
  const double least = logarithm(delta);
  return crossing([=](double p) { return log_at_least(k, n, p) < least; });
}

Interval clopper_pearson(std::uint64_t k, std::uint64_t n, double confidence) noexcept {
  const double side = (1 - confidence) / 2;
  return {lower_bound(k, n, side), upper_bound(k, n, side)};
}

std::uint64_t trials_needed(std::uint64_t errors, double alpha, double delta) noexcept {
  const double most = logarithm(delta);
  std::uint64_t low = errors, high = errors + 1;  // low trials are too few, high enough
  while (log_at_most(errors, high, alpha) > most) {
    low = high;
    high *= 2;
  }
  while (high - low > 1) {
    const std::uint64_t middle = low + (high - low) / 2;
    (log_at_most(errors, middle, alpha) > most ? low : high) = middle;
  }
  return high;
}

}  // namespace thalweg::calibration
