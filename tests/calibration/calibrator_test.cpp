#include "calibration/calibrator.h"

#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "calibration/logit.h"
#include "thalweg/json.h"
#include "thalweg/random.h"

using namespace thalweg;
using namespace thalweg::calibration;

namespace {

std::vector<Calibrator> one_of_each() {
  const std::vector<double> x = {0.001, 0.2, 0.5, 0.9, 0.99999}, y = {0.0, 0.1, 0.1, 0.7, 0.95};
  return {Calibrator(),
          Calibrator::legacy(2.5, -1.25),
          Calibrator::legacy(1, 0),
          Calibrator::platt(1.7, -4.2),
          Calibrator::platt(-80, 3),
          Calibrator::isotonic(x, y).value(),
          Calibrator::temperature(2.75),
          Calibrator::beta(0.4, 1.9, -0.3)};
}

// Distance in units in the last place of `want`.
double places(double got, double want) {
  return std::abs(got - want) / (std::nextafter(std::abs(want), std::numeric_limits<double>::infinity()) - std::abs(want));
}

}  // namespace

TEST_CASE("exponential and logarithm are within 2 places of the C library's") {
  Random random(3);
  double worst_exponential = 0, worst_logarithm = 0;
  for (int i = 0; i < 400'000; ++i) {
    const double x = (random.uniform() - 0.5) * (i % 2 == 0 ? 1'400 : 4);
    worst_exponential = std::max(worst_exponential, places(exponential(x), std::exp(x)));
    const double q = std::exp(x);
    worst_logarithm = std::max(worst_logarithm, places(logarithm(q), std::log(q)));
  }
  CHECK(worst_exponential <= 2);
  CHECK(worst_logarithm <= 2);
  CHECK(exponential(0) == 1);
  CHECK(logarithm(1) == 0);
  CHECK(logarithm(0.5) == -logarithm(2));
}

TEST_CASE("logit and sigmoid undo each other, and stay sane at the ends") {
  Random random(4);
  for (int i = 0; i < 10'000; ++i) {
    const double p = random.uniform();
    REQUIRE(sigmoid(logit(p)) == doctest::Approx(clip(p)).epsilon(1e-13));
  }
  CHECK(logit(0.5) == 0);
  CHECK(sigmoid(0) == 0.5);
  CHECK(logit(0) == doctest::Approx(-16.118095551).epsilon(1e-10));
  CHECK(logit(1) == doctest::Approx(16.118095551).epsilon(1e-10));
  CHECK(sigmoid(1e300) == 1);
  CHECK(sigmoid(-1e300) == doctest::Approx(0));
  CHECK(sigmoid(-40) == doctest::Approx(4.248354255291589e-18).epsilon(1e-12));  // e^-40: no cancellation in the lower tail
  CHECK(log_loss(true, 1) == doctest::Approx(1e-7).epsilon(1e-6));
  CHECK(log_loss(false, 1) == doctest::Approx(16.11809565).epsilon(1e-9));
  CHECK(log_loss(true, 0.25) == doctest::Approx(std::log(4)));
}

TEST_CASE("each form by its formula") {
  const auto [none, legacy, shortcut, platt, steep, isotonic, temperature, beta] = [] {
    const auto all = one_of_each();
    return std::array{all[0], all[1], all[2], all[3], all[4], all[5], all[6], all[7]};
  }();
  CHECK(none.apply(0.3) == 0.3);
  CHECK(Calibrator::legacy(2, -1).apply(0.5) == 0.5);
  CHECK(Calibrator::legacy(1.5, -0.3).apply(0.6) == doctest::Approx(1 / (1 + std::exp(-0.6))).epsilon(1e-14));
  CHECK(shortcut.apply(0.3) == 0.3);                             // (1, 0) means the score itself
  CHECK(Calibrator::legacy(1.0001, 0).apply(0.3) > 0.57);        // and what is near to it does not
  CHECK(Calibrator::legacy(1 + 1e-8, -1e-8).apply(0.3) == 0.3);  // nearer than a float can tell
  CHECK(Calibrator::platt(1, 0).apply(0.3) == doctest::Approx(0.3).epsilon(1e-14));
  CHECK(platt.apply(0.93) == doctest::Approx(1 / (1 + std::exp(-(1.7 * std::log(0.93 / 0.07) - 4.2)))).epsilon(1e-13));
  CHECK(temperature.apply(0.93) == doctest::Approx(1 / (1 + std::exp(-std::log(0.93 / 0.07) / 2.75))).epsilon(1e-13));
  CHECK(beta.apply(0.93) ==
        doctest::Approx(1 / (1 + std::exp(-(0.4 * std::log(0.93) - 1.9 * std::log(0.07) - 0.3)))).epsilon(1e-13));
  CHECK(Calibrator::beta(1, 1, 0).apply(0.8) == doctest::Approx(0.8).epsilon(1e-14));

  CHECK(isotonic.apply(0) == 0);
  CHECK(isotonic.apply(0.001) == 0);
  CHECK(isotonic.apply(0.2) == 0.1);
  CHECK(isotonic.apply(0.35) == 0.1);
  CHECK(isotonic.apply(0.9) == 0.7);
  CHECK(isotonic.apply(1) == 0.95);
  const auto odds = [](double p) { return std::log(p / (1 - p)); };
  CHECK(isotonic.apply(0.7) == doctest::Approx(0.1 + 0.6 * (odds(0.7) - odds(0.5)) / (odds(0.9) - odds(0.5))).epsilon(1e-13));
}

TEST_CASE("any score gives a probability, and a NaN stays one") {
  const double infinite = std::numeric_limits<double>::infinity();
  for (const Calibrator& calibrator : one_of_each()) {
    for (const double raw : {-infinite, -1.0, -0.0, 0.0, 1e-300, 1e-7, 0.5, 1 - 1e-16, 1.0, 2.0, 1e300, infinite}) {
      const double p = calibrator.apply(raw);
      REQUIRE(p >= 0);
      REQUIRE(p <= 1);
    }
    CHECK(calibrator.apply(-1) == calibrator.apply(0));
    CHECK(calibrator.apply(7) == calibrator.apply(1));
    CHECK(std::isnan(calibrator.apply(std::nan(""))));
  }
}

TEST_CASE("many at once are the same bits as one by one, also in place") {
  Random random(9);
  for (const Calibrator& calibrator : one_of_each()) {
    for (const std::size_t n : {0, 1, 2, 3, 7, 64, 1'001}) {
      std::vector<double> raw(n);
      for (double& value : raw) {
        const double u = random.uniform();
        value = u < 0.02 ? std::nan("") : u < 0.04 ? 0.0 : u < 0.06 ? 1.0 : u < 0.5 ? random.uniform() : sigmoid(30 * u - 15);
      }
      std::vector<double> out(n);
      calibrator.apply(raw, out);
      for (std::size_t i = 0; i < n; ++i) {
        REQUIRE(std::bit_cast<std::uint64_t>(out[i]) == std::bit_cast<std::uint64_t>(calibrator.apply(raw[i])));
      }
      calibrator.apply(raw, raw);
      for (std::size_t i = 0; i < n; ++i) REQUIRE(std::bit_cast<std::uint64_t>(out[i]) == std::bit_cast<std::uint64_t>(raw[i]));
    }
  }
}

TEST_CASE("a calibration goes through JSON and back without losing a bit") {
  Random random(11);
  std::vector<Calibrator> all = one_of_each();
  for (int i = 0; i < 200; ++i) {
    all.push_back(Calibrator::platt(std::exp(random.uniform() * 20 - 10), random.uniform() * 1e-5));
    all.push_back(Calibrator::beta(random.uniform(), 1 / (1 + random.uniform()), -random.uniform()));
  }
  for (const Calibrator& calibrator : all) {
    const Value read = parse_json(to_json(calibrator.to_value()).value()).value();
    const auto back = Calibrator::from_value(read);
    REQUIRE(back.has_value());
    REQUIRE(*back == calibrator);
    for (const double raw : {0.0, 0.123, 0.7, 1.0}) REQUIRE(back->apply(raw) == calibrator.apply(raw));
  }
  CHECK(to_json(all[3].to_value()).value() == R"({"method":"platt","a":1.7,"b":-4.2})");
  CHECK(to_json(all[0].to_value()).value() == R"({"method":"none"})");
  CHECK(Calibrator::platt(1, 2) != Calibrator::legacy(1, 2));
  CHECK(Calibrator::from_value(parse_json(R"({"method": "platt", "a": 2, "b": 0})").value()).value() == Calibrator::platt(2, 0));
}

TEST_CASE("a damaged calibration is refused with the key") {
  const auto refused = [](std::string_view text) {
    const auto read = Calibrator::from_value(parse_json(text).value());
    REQUIRE_FALSE(read.has_value());
    CHECK(read.error().code() == Code::invalid_argument);
    return read.error().message();
  };
  CHECK(refused("[]") == "a calibration must be a map, not a list");
  CHECK(refused("{}") == "'method' is missing; it must be one of none, legacy, platt, isotonic, temperature, beta");
  CHECK(refused(R"({"method": 3})") == "'method' must be a text, not a number");
  CHECK(refused(R"({"method": "plat"})") ==
        "unknown calibration method 'plat' (did you mean 'platt'?); there are none, legacy, platt, isotonic, temperature, beta");
  CHECK(refused(R"({"method": "platt", "a": 1})") == "'b' is missing; it must be a number");
  CHECK(refused(R"({"method": "platt", "a": 1, "b": "2"})") == "'b' must be a number, not a text");
  CHECK(refused(R"({"method": "platt", "a": 1, "b": 2, "c": 3})") ==
        "unknown key 'c'; a calibration of method 'platt' has method, a, b");
  CHECK(refused(R"({"method": "none", "a": 1})") == "unknown key 'a'; a calibration of method 'none' has method");
  CHECK(refused(R"({"method": "temperature", "t": 0})") == "'t' must be above 0, not 0");
  CHECK(refused(R"({"method": "isotonic", "x": [0.1], "y": 1})") == "'y' must be a list of numbers, not a number");
  CHECK(refused(R"({"method": "isotonic", "x": [0.1, true], "y": [0, 1]})") == "'x[1]' must be a number, not true or false");
  CHECK(refused(R"({"method": "isotonic", "x": [], "y": []})") == "'x' holds no knot");
  CHECK(refused(R"({"method": "isotonic", "x": [0.1, 0.2], "y": [0.5]})") == "'x' holds 2 knots, and 'y' 1");
  CHECK(refused(R"({"method": "isotonic", "x": [0.1, 1.2], "y": [0, 1]})") == "'x[1]' must be within [0, 1], not 1.2");
  CHECK(refused(R"({"method": "isotonic", "x": [0.2, 0.2], "y": [0, 1]})") == "'x[1]' = 0.2 must be above x[0] = 0.2");
  CHECK(refused(R"({"method": "isotonic", "x": [0.1, 0.2], "y": [0.5, 0.4]})") == "'y[1]' = 0.4 must not be below y[0] = 0.5");
  const Value infinite = Value::map({{"method", "platt"}, {"a", std::numeric_limits<double>::infinity()}, {"b", 0.0}});
  CHECK(Calibrator::from_value(infinite).error().message() == "'a' must be finite, not inf");
}

TEST_CASE("knots beyond the clipping count as one") {
  const auto calibrator = Calibrator::isotonic(std::vector{0.0, 1e-9, 0.5, 1 - 1e-12, 1.0}, std::vector{0.0, 0.1, 0.2, 0.8, 0.9});
  REQUIRE(calibrator.has_value());
  CHECK(calibrator->apply(0) == 0.1);
  CHECK(calibrator->apply(1) == 0.9);
  CHECK(calibrator->x().size() == 5);
}
