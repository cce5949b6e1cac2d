#include "calibration/binomial.h"

#include <doctest/doctest.h>

#include <cmath>

#include "calibration/data.h"

using namespace thalweg;
using namespace thalweg::calibration;
using namespace thalweg::calibration::testing;

TEST_CASE("tails and bounds are SciPy's, from one trial to a million") {
  for (const Value& row : reference().find("binomial")->items()) {
    const auto n = static_cast<std::uint64_t>(row.find("n")->as_int()), k = static_cast<std::uint64_t>(row.find("k")->as_int());
    const double p = row.find("p")->as_number();
    CAPTURE(n);
    CAPTURE(k);
    CHECK(log_at_most(k, n, p) == doctest::Approx(row.find("log_below")->as_number()).epsilon(1e-8));
    CHECK(log_at_least(k, n, p) == doctest::Approx(row.find("log_above")->as_number()).epsilon(1e-8));
    const Interval bounds = clopper_pearson(k, n, 0.95);
    CHECK(bounds.low == doctest::Approx(row.find("low")->as_number()).epsilon(1e-9));
    CHECK(bounds.high == doctest::Approx(row.find("high")->as_number()).epsilon(1e-9));
  }
}

TEST_CASE("all outcomes together have probability 1, and both tails agree with their sum") {
  for (const std::uint64_t n : {1, 2, 7, 30, 211}) {
    for (const double p : {1e-9, 0.05, 0.3, 0.5, 0.97}) {
      double sum = 0;
      for (std::uint64_t k = 0; k <= n; ++k) {
        if (k > 0) REQUIRE(std::exp(log_at_least(k, n, p)) == doctest::Approx(1 - sum).epsilon(1e-10));
        sum += std::exp(log_binomial(k, n, p));
        REQUIRE(std::exp(log_at_most(k, n, p)) == doctest::Approx(sum).epsilon(1e-11));
      }
      REQUIRE(sum == doctest::Approx(1).epsilon(1e-12));
    }
  }
  CHECK(log_at_most(3, 10, 0) == 0);
  CHECK(std::isinf(log_at_most(3, 10, 1)));
  CHECK(std::isinf(log_at_least(3, 10, 0)));
  CHECK(log_at_least(3, 10, 1) == 0);
}

TEST_CASE("59 trials without an error prove 5 % with 95 %, and 58 do not") {
  CHECK(trials_needed(0, 0.05, 0.05) == 59);
  CHECK(trials_needed(1, 0.05, 0.05) == 93);
  CHECK(trials_needed(2, 0.05, 0.05) == 124);
  CHECK(trials_needed(0, 0.01, 0.05) == 299);
  CHECK(upper_bound(0, 59, 0.05) < 0.05);
  CHECK(upper_bound(0, 58, 0.05) > 0.05);
  CHECK(upper_bound(5, 5, 0.05) == 1);
  CHECK(lower_bound(0, 5, 0.05) == 0);
  CHECK(upper_bound(0, 100, 0.05) == doctest::Approx(1 - std::pow(0.05, 0.01)).epsilon(1e-12));
}
