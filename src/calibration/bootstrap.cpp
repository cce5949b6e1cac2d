#include "calibration/bootstrap.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "thalweg/random.h"

namespace thalweg::calibration {
namespace {

// The statistic of every resample, in the order drawn.
std::vector<double> resampled(std::size_t rows, const Statistic& statistic, const BootstrapOptions& options) {
  Random random(options.seed);
  std::vector<std::size_t> drawn(rows);
  std::vector<double> out;
  out.reserve(options.resamples);
  for (std::size_t i = 0; i < options.resamples; ++i) {
    for (std::size_t& row : drawn) row = random.below(rows);
    if (const double value = statistic(drawn); !std::isnan(value)) out.push_back(value);
  }
  return out;
}

double quantile(std::span<const double> sorted, double share) noexcept {
  const double at = share * static_cast<double>(sorted.size() - 1);
  const auto low = static_cast<std::size_t>(at);
  const double high = sorted[std::min(low + 1, sorted.size() - 1)];
  return sorted[low] + (at - static_cast<double>(low)) * (high - sorted[low]);
}

Interval percentiles(std::vector<double> values, double confidence) {
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  if (values.empty()) return {kNone, kNone};
  std::ranges::sort(values);
  const double side = (1 - confidence) / 2;
  return {quantile(values, side), quantile(values, 1 - side)};
}

}  // namespace

Interval bootstrap(std::size_t rows, const Statistic& statistic, const BootstrapOptions& options) {
  return percentiles(resampled(rows, statistic, options), options.confidence);
}

PairedDifference paired_difference(std::span<const double> left, std::span<const double> right, const BootstrapOptions& options) {
  PairedDifference out;
  const auto mean = [&](std::span<const std::size_t> rows) {
    double sum = 0;
    for (const std::size_t row : rows) sum += left[row] - right[row];
    return sum / static_cast<double>(rows.size());
  };
  for (std::size_t row = 0; row < left.size(); ++row) out.mean += (left[row] - right[row]) / static_cast<double>(left.size());
  std::vector<double> means = resampled(left.size(), mean, options);
  for (const double value : means) out.share_below += value < 0 ? 1 : value == 0 ? 0.5 : 0;
  out.share_below /= static_cast<double>(std::max<std::size_t>(means.size(), 1));
  out.interval = percentiles(std::move(means), options.confidence);
  return out;
}

}  // namespace thalweg::calibration
