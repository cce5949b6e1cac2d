#include "base/histogram.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "thalweg/random.h"

using namespace thalweg;

TEST_CASE("percentiles agree with the sorted samples within the stated error, over every size of number") {
  Random random(5);
  for (int round = 0; round < 60; ++round) {
    Histogram whole, left, right;
    std::vector<std::uint64_t> samples;
    const std::uint64_t bits = 1 + random.below(64), n = 1 + random.below(3'000);
    for (std::uint64_t i = 0; i < n; ++i) {
      const std::uint64_t sample = random.next() >> (64 - (1 + random.below(bits)));
      samples.push_back(sample);
      whole.record(sample);
      (random.below(2) == 0 ? left : right).record(sample);
    }
    left.merge(right);
    std::ranges::sort(samples);
    REQUIRE(whole.count() == n);
    REQUIRE(whole.least() == samples.front());
    REQUIRE(whole.most() == samples.back());
    for (const double share : {0.0, 0.001, 0.1, 0.5, 0.9, 0.99, 0.999, 1.0}) {
      const auto rank = static_cast<std::size_t>(std::max(1.0, std::ceil(share * static_cast<double>(n))));
      const auto truth = static_cast<double>(samples[rank - 1]);
      const auto told = static_cast<double>(whole.percentile(share));
      REQUIRE(std::abs(told - truth) <= truth * Histogram::kRelativeError);
      REQUIRE(left.percentile(share) == whole.percentile(share));
    }
  }
}

TEST_CASE("small numbers are exact, and an empty histogram has no percentiles") {
  Histogram histogram;
  CHECK(histogram.percentile(0.5) == 0);
  CHECK(histogram.mean() == 0);
  CHECK(histogram.least() == 0);
  for (std::uint64_t i = 0; i < 64; ++i) histogram.record(i);
  CHECK(histogram.percentile(0.5) == 31);
  CHECK(histogram.percentile(1) == 63);
  CHECK(histogram.mean() == 31.5);
  histogram.record(UINT64_MAX, 64);
  histogram.record(7, 0);
  CHECK(histogram.count() == 128);
  CHECK(histogram.percentile(0.5) == 63);
  CHECK(histogram.percentile(0.51) == (std::uint64_t{63} << 58) + (std::uint64_t{1} << 57));
}
