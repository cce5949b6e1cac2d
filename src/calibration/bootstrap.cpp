#include "calibration/bootstrap.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "thalweg/random.h"

namespace thalweg::calibration {
namespace {

using Statistics = std::function<void(std::span<const std::size_t> rows, std::span<double> out)>;

// Each figure of every resample, in the order drawn, without those that are not defined.
std::vector<std::vector<double>> resampled(std::size_t rows, std::size_t count, const Statistics& statistics,
                                           const BootstrapOptions& options) {
  Random random(options.seed);
  std::vector<std::size_t> drawn(rows);
  std::vector<double> figures(count);
  std::vector<std::vector<double>> out(count);
  for (std::size_t i = 0; i < options.resamples; ++i) {
    for (std::size_t& row : drawn) row = random.below(rows);
    statistics(drawn, figures);
    for (std::size_t j = 0; j < count; ++j) {
      if (!std::isnan(figures[j])) out[j].push_back(figures[j]);
    }
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
  return bootstrap(rows, 1, [&](auto drawn, auto out) { out[0] = statistic(drawn); }, options).front();
}

std::vector<Interval> bootstrap(std::size_t rows, std::size_t count, const Statistics& statistics,
                                const BootstrapOptions& options) {
  std::vector<Interval> out;
  for (auto& values : resampled(rows, count, statistics, options))
    out.push_back(percentiles(std::move(values), options.confidence));
  return out;
}

PairedDifference paired_difference(std::span<const double> left, std::span<const double> right, const BootstrapOptions& options) {
  PairedDifference out;
  const auto mean = [&](std::span<const std::size_t> rows, std::span<double> figure) {
    double sum = 0;
    for (const std::size_t row : rows) sum += left[row] - right[row];
    figure[0] = sum / static_cast<double>(rows.size());
  };
  for (std::size_t row = 0; row < left.size(); ++row) out.mean += (left[row] - right[row]) / static_cast<double>(left.size());
  std::vector<double> means = std::move(resampled(left.size(), 1, mean, options).front());
  out.interval = percentiles(std::move(means), options.confidence);
  return out;
}

}  // namespace thalweg::calibration
