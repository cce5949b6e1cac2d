// Two runs over the same texts.

#include "scoring/comparison.h"

#include <doctest/doctest.h>

#include <cmath>

#include "calibration/bootstrap.h"

namespace thalweg::scoring {
namespace {

Decided decided(bool expected, bool accepted, double loss = 0) {
  return {.expected = expected, .accepted = accepted, .present = {}, .detected = {}, .label_loss = loss};
}

TEST_CASE("what turned right and what turned wrong, with the exact test") {
  Comparison comparison(0, 1);
  for (int i = 0; i < 6; ++i) comparison.add(decided(true, false), decided(true, true));
  comparison.add(decided(false, false), decided(false, true));
  for (int i = 0; i < 20; ++i) comparison.add(decided(true, true), decided(true, true));
  CHECK(comparison.decisions().to_right == 6);
  CHECK(comparison.decisions().to_wrong == 1);
  // 2 (C(7,0) + C(7,1)) / 2^7
  CHECK(comparison.decisions().p_value() == doctest::Approx(0.125).epsilon(1e-12));
  CHECK(Turned{}.p_value() == 1);
  CHECK(Turned{.to_right = 3, .to_wrong = 3}.p_value() == 1);
}

TEST_CASE("intervals of few texts are those of the paired bootstrap of single texts") {
  Comparison comparison(0, 7);
  std::vector<double> before, after;
  Random random(3);
  for (int i = 0; i < 300; ++i) {
    const bool was = random.uniform() < 0.7, is = random.uniform() < 0.8;
    before.push_back(was ? 1 : 0);
    after.push_back(is ? 1 : 0);
    comparison.add(decided(true, was), decided(true, is));
  }
  const auto figures = comparison.figures();
  const auto expected = calibration::paired_difference(after, before, {.resamples = 10'000, .seed = 7});
  REQUIRE(figures.size() == 2);
  CHECK(figures[0].name == "accuracy");
  CHECK(figures[0].after - figures[0].before == doctest::Approx(expected.mean).epsilon(1e-12));
  CHECK(figures[0].difference.low == doctest::Approx(expected.interval.low).epsilon(1e-12));
  CHECK(figures[0].difference.high == doctest::Approx(expected.interval.high).epsilon(1e-12));
}

TEST_CASE("intervals of many texts are as wide as normal theory has it, whatever the order of the texts") {
  for (const bool sorted : {false, true}) {
    constexpr int kTexts = 60'000;
    Comparison comparison(1, 5);
    Random random(11);
    double sum = 0, squares = 0;
    for (int i = 0; i < kTexts; ++i) {
      const double share = sorted ? (i < kTexts / 2 ? 0.9 : 0.1) : (random.uniform() < 0.5 ? 0.9 : 0.1);
      const bool is = random.uniform() < share;
      Decided before = decided(true, true, 0.5), after = decided(true, is, is ? 0.1 : 0.9);
      before.present = after.present = {true};
      before.detected = {true};
      after.detected = {is};
      const double difference = (is ? 1.0 : 0.0) - 1;
      sum += difference;
      squares += difference * difference;
      comparison.add(before, after);
    }
    const double mean = sum / kTexts, half = 1.96 * std::sqrt((squares / kTexts - mean * mean) / kTexts);
    const auto figures = comparison.figures();
    REQUIRE(figures.size() == 4);
    CHECK(comparison.texts() == kTexts);
    CHECK(figures[0].after - figures[0].before == doctest::Approx(mean).epsilon(1e-9));
    CHECK((figures[0].difference.high - figures[0].difference.low) / 2 == doctest::Approx(half).epsilon(0.05));
    CHECK((figures[0].difference.high + figures[0].difference.low) / 2 == doctest::Approx(mean).epsilon(0.002));
    CHECK(figures[2].name == "label log-loss");
    CHECK(figures[2].before == doctest::Approx(0.5).epsilon(1e-9));
  }
}

TEST_CASE("label F1 over all labels, and turns of each") {
  Comparison comparison(2, 1);
  Decided before = decided(true, true), after = decided(true, true);
  before.present = after.present = {true, false};
  before.detected = {false, true};
  after.detected = {true, true};
  comparison.add(before, after);
  comparison.add(before, after);
  const auto figures = comparison.figures();
  CHECK(figures[3].name == "label F1");
  CHECK(figures[3].before == 0);
  CHECK(figures[3].after == doctest::Approx(2.0 / 3));  // 2 tp 2 / (2 tp 2 + 2 fp)
  CHECK(comparison.labels()[0].turned.to_right == 2);
  CHECK(comparison.labels()[1].turned.to_right == 0);
  CHECK(comparison.labels()[0].before.f1().value_or(0) == 0);
  CHECK(comparison.labels()[0].after.f1() == 1.0);
}

TEST_CASE("a figure that is defined for no resample has no interval") {
  Comparison comparison(1, 1);
  Decided none = decided(false, false);
  none.present = none.detected = {false};
  comparison.add(none, none);
  const auto figures = comparison.figures();
  CHECK(std::isnan(figures[3].difference.low));
  CHECK(std::isnan(figures[3].before));
}

}  // namespace
}  // namespace thalweg::scoring
