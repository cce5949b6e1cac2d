#pragma once
// How far a figure would move if the rows had been drawn anew.

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "calibration/interval.h"

namespace thalweg::calibration {

struct BootstrapOptions {
  std::size_t resamples = 1'000;
  double confidence = 0.95;
  std::uint64_t seed = 1;
};

/// A figure of the rows named (each as often as it is named); NaN where it is not defined for them.
using Statistic = std::function<double(std::span<const std::size_t> rows)>;

/// The percentile interval (Efron 1979) of `statistic` over `rows` rows drawn with replacement, quantiles interpolated. Resamples
/// where it is NaN are left out; both ends are NaN when all are. The same seed gives the same interval on every machine.
/// Precondition: rows > 0, resamples > 0, 0 < confidence < 1.
[[nodiscard]] Interval bootstrap(std::size_t rows, const Statistic& statistic, const BootstrapOptions& options = {});

/// Several figures of the same rows at once: `statistics` writes `count` of them into its second argument. Intervals in their
/// order.
[[nodiscard]] std::vector<Interval> bootstrap(
    std::size_t rows, std::size_t count,
    const std::function<void(std::span<const std::size_t> rows, std::span<double> out)>& statistics,
    const BootstrapOptions& options = {});

/// Whether one of two systems, measured on the same rows, is better.
struct PairedDifference {
  double mean = 0;    ///< of left - right
  Interval interval;  ///< of that mean
};

/// The mean difference of two columns, row by row, with its bootstrap interval. Precondition: columns of one length, not empty.
[[nodiscard]] PairedDifference paired_difference(std::span<const double> left, std::span<const double> right,
                                                 const BootstrapOptions& options = {});

}  // namespace thalweg::calibration
