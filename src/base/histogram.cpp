#include "base/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace thalweg {

// From 64 on a number of b bits goes by its 6 highest: those are 32..63 after the shift.
std::size_t Histogram::bucket(std::uint64_t value) noexcept {
  if (value < 64) return value;
  const auto shift = static_cast<std::size_t>(std::bit_width(value)) - 6;
  return 32 * shift + (value >> shift);
}

std::uint64_t Histogram::middle(std::size_t bucket) noexcept {
  if (bucket < 64) return bucket;
  const std::size_t shift = (bucket - 32) / 32;
  const std::uint64_t low = static_cast<std::uint64_t>(bucket - 32 * shift) << shift;
  return low + (std::uint64_t{1} << shift) / 2;
}

void Histogram::record(std::uint64_t value, std::uint64_t times) noexcept {
  if (times == 0) return;
  counts_[bucket(value)] += times;
  count_ += times;
  sum_ += static_cast<double>(value) * static_cast<double>(times);
  least_ = std::min(least_, value);
  most_ = std::max(most_, value);
}

void Histogram::merge(const Histogram& other) noexcept {
  for (std::size_t i = 0; i < kBuckets; ++i) counts_[i] += other.counts_[i];
  count_ += other.count_;
  sum_ += other.sum_;
  least_ = std::min(least_, other.least_);
  most_ = std::max(most_, other.most_);
}

std::uint64_t Histogram::percentile(double share) const noexcept {
  if (count_ == 0) return 0;
  const double exact = std::ceil(std::clamp(share, 0.0, 1.0) * static_cast<double>(count_));
  const std::uint64_t rank = std::clamp<std::uint64_t>(static_cast<std::uint64_t>(exact), 1, count_);
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < kBuckets; ++i) {
    below += counts_[i];
    if (below >= rank) return std::clamp(middle(i), least_, most_);
  }
  return most_;
}

}  // namespace thalweg
