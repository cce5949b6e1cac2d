#include "calibration/label_thresholds.h"

#include <doctest/doctest.h>

#include <cmath>

#include "calibration/data.h"

using namespace thalweg;
using namespace thalweg::calibration;
using namespace thalweg::calibration::testing;

namespace {

// A label whose probabilities hold: present with probability p, for p spread as p = u^power.
Column drawn(const std::string& name, std::size_t rows, double power, std::uint64_t seed) {
  Random random(seed);
  Column column{name, {}, {}};
  for (std::size_t row = 0; row < rows; ++row) {
    column.raw.push_back(std::pow(random.uniform(), power));
    column.present.push_back(random.uniform() < column.raw.back() ? 1 : 0);
  }
  return column;
}

double f1(const Sample& sample, double threshold) { return confusion(sample, threshold).f1().value_or(0); }

}  // namespace

TEST_CASE("where probabilities hold, no threshold has a better F1 but by chance, and it is half of that F1") {
  for (const double power : {0.5, 1.0, 3.0, 8.0}) {
    CAPTURE(power);
    const Column column = drawn("x", 20'000, power, 11);
    const std::vector<Sample> samples = {column.sample()};
    const auto found = choose_label_thresholds(samples, Folds::stratified(column.present, 10, 1).value()).value();
    const double reached = f1(samples[0], found.values[0]);
    for (int cut = 1; cut < 100; ++cut) CHECK(f1(samples[0], cut / 100.0) < reached + 0.005);
    CHECK(found.values[0] == doctest::Approx(reached / 2).epsilon(0.02));
    CHECK(found.held_out.micro_f1 == doctest::Approx(reached).epsilon(0.01));
    CHECK(found.held_out.macro_f1 == doctest::Approx(reached).epsilon(0.01));
  }
}

TEST_CASE("each label has its own threshold, and detection counts as it is told") {
  const Column common = drawn("common", 2'000, 0.5, 3), rare = drawn("rare", 2'000, 20, 4);
  const std::vector<Sample> samples = {common.sample(), rare.sample()};
  const auto found = choose_label_thresholds(samples, Folds::leave_one_out(2'000)).value();
  CHECK(found.values[0] != found.values[1]);
  const Detection by_hand = detection(samples, found.values);
  const Confusion a = confusion(samples[0], found.values[0]), b = confusion(samples[1], found.values[1]);
  CHECK(by_hand.micro_f1 == doctest::Approx(2.0 * static_cast<double>(a.true_positives + b.true_positives) /
                                            static_cast<double>(2 * (a.true_positives + b.true_positives) + a.false_positives +
                                                                b.false_positives + a.false_negatives + b.false_negatives)));
  const double precision = (*a.precision() + *b.precision()) / 2, recall = (*a.recall() + *b.recall()) / 2;
  CHECK(by_hand.macro_f1 == doctest::Approx(2 * precision * recall / (precision + recall)));
}

TEST_CASE("thresholds of labels that cannot be chosen are refused") {
  const Column column = drawn("x", 60, 1, 5);
  const std::vector<Sample> samples = {column.sample()};
  CHECK(choose_label_thresholds({}, Folds::leave_one_out(60)).error().message() == "there is no label");
  CHECK(choose_label_thresholds(samples, Folds::leave_one_out(59)).error().message() == "folds of 59 rows for 60");
  const std::vector<double> raw = {0.1, 0.2};
  const std::vector<std::uint8_t> none = {0, 0};
  const std::vector<Sample> empty = {{raw, none}};
  CHECK(choose_label_thresholds(empty, Folds::leave_one_out(2)).error().code() == Code::failed_precondition);
}
