#include "calibration/bootstrap.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "thalweg/random.h"

using namespace thalweg;
using namespace thalweg::calibration;

namespace {

double mean_of(std::span<const double> values, std::span<const std::size_t> rows) {
  double sum = 0;
  for (const std::size_t row : rows) sum += values[row];
  return sum / static_cast<double>(rows.size());
}

// Sum of twelve uniform numbers: nearly normal, deviation 1.
double normal(Random& random) {
  double sum = -6;
  for (int i = 0; i < 12; ++i) sum += random.uniform();
  return sum;
}

}  // namespace

TEST_CASE("the interval of a mean is the normal one where the rows are normal, and holds the truth as often as it says") {
  Random random(2);
  int held = 0;
  constexpr int kRounds = 300, kRows = 100;
  for (int round = 0; round < kRounds; ++round) {
    std::vector<double> values;
    for (int i = 0; i < kRows; ++i) values.push_back(3 + normal(random));
    const BootstrapOptions options{.resamples = 400, .seed = static_cast<std::uint64_t>(round)};
    const Interval interval = bootstrap(kRows, [&](auto rows) { return mean_of(values, rows); }, options);
    held += interval.low <= 3 && 3 <= interval.high ? 1 : 0;
    REQUIRE(interval.high - interval.low == doctest::Approx(2 * 1.96 / 10).epsilon(0.45));
  }
  CHECK(held > 0.9 * kRounds);
  CHECK(held < 0.985 * kRounds);
}

TEST_CASE("a seed fixes the interval, and rows without a figure are left out") {
  const std::vector<double> values = {1, 2, 4, 8, 16};
  const auto mean = [&](std::span<const std::size_t> rows) { return mean_of(values, rows); };
  const Interval first = bootstrap(5, mean, {.seed = 4}), again = bootstrap(5, mean, {.seed = 4}),
                 other = bootstrap(5, mean, {.seed = 5});
  CHECK(first.low == again.low);
  CHECK(first.high == again.high);
  CHECK((first.low != other.low || first.high != other.high));
  CHECK(first.low >= 1);
  CHECK(first.high <= 16);
  const Interval narrow = bootstrap(5, mean, {.confidence = 0.5, .seed = 4});
  CHECK(narrow.low > first.low);
  CHECK(narrow.high < first.high);
  const double none = std::numeric_limits<double>::quiet_NaN();
  CHECK(std::isnan(bootstrap(5, [&](auto) { return none; }).low));
  const Interval some = bootstrap(5, [&](std::span<const std::size_t> rows) { return rows[0] == 0 ? none : mean(rows); });
  CHECK(std::isfinite(some.low));
}

TEST_CASE("two columns are compared row by row: what they share takes no part") {
  Random random(8);
  std::vector<double> left, right;
  for (int i = 0; i < 200; ++i) {
    const double shared = 10 * normal(random);
    left.push_back(shared + 0.1 * normal(random));
    right.push_back(shared + 0.1 * normal(random) + 0.1);
  }
  const PairedDifference difference = paired_difference(left, right);
  CHECK(difference.mean == doctest::Approx(-0.1).epsilon(0.3));
  CHECK(difference.interval.high < 0);
  const PairedDifference none = paired_difference(left, left);
  CHECK(none.mean == 0);
  CHECK(none.interval.low == 0);
  CHECK(none.interval.high == 0);
}
