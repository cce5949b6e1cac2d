#pragma once
// Percentiles of many measurements in little memory.

#include <array>
#include <cstddef>
#include <cstdint>

namespace thalweg {

/// Counts of non-negative numbers in log-linear buckets (as HdrHistogram): exact below 64, then 32 buckets for every power of
/// two. A percentile is off by at most 1/64 (1.6 %) of the sample it stands for; count, sum, least and most are exact. 15 KiB, no
/// allocation. Not thread-safe: keep one a thread and merge.
class Histogram {
 public:
  static constexpr double kRelativeError = 1.0 / 64;

  void record(std::uint64_t value, std::uint64_t times = 1) noexcept;
  void merge(const Histogram& other) noexcept;

  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
  [[nodiscard]] double mean() const noexcept { return count_ == 0 ? 0 : sum_ / static_cast<double>(count_); }
  [[nodiscard]] std::uint64_t least() const noexcept { return count_ == 0 ? 0 : least_; }
  [[nodiscard]] std::uint64_t most() const noexcept { return most_; }
  /// The sample of rank ceil(share * count) (nearest rank; 0.5 is the median), 0 when there are none.
  [[nodiscard]] std::uint64_t percentile(double share) const noexcept;

 private:
  static constexpr std::size_t kBuckets = 64 + 58 * 32;
  static std::size_t bucket(std::uint64_t value) noexcept;
  static std::uint64_t middle(std::size_t bucket) noexcept;

  std::array<std::uint64_t, kBuckets> counts_{};
  std::uint64_t count_ = 0;
  double sum_ = 0;
  std::uint64_t least_ = UINT64_MAX;
  std::uint64_t most_ = 0;
};

}  // namespace thalweg
