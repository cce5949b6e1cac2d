#include "calibration/metrics.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <cmath>

#include "calibration/binned_scores.h"
#include "calibration/calibrator.h"
#include "calibration/data.h"
#include "calibration/logit.h"

using namespace thalweg;
using namespace thalweg::calibration;
using namespace thalweg::calibration::testing;

namespace {

void check_against(const Column& column, const Value& want) {
  CAPTURE(column.label);
  const Sample sample = column.sample();
  const auto is = [&](std::string_view key, std::optional<double> got) {
    CAPTURE(key);
    const Value& number = *want.find(key);
    REQUIRE(got.has_value() == !number.is_null());
    if (!got) return;
    CHECK(*got == doctest::Approx(number.as_number()).epsilon(1e-9));
  };
  is("log_loss", mean_log_loss(sample));
  is("brier", brier(sample));
  is("auc", roc_auc(sample));
  is("average_precision", average_precision(sample));
  const auto points = reliability(sample);
  is("ece_width", ece(points));
  is("ece_mass", ece(reliability(sample, 10, Binning::equal_mass)));
  const auto present = doubles(want.find("reliability")->items()[0]), predicted = doubles(want.find("reliability")->items()[1]);
  REQUIRE(points.size() == present.size());
  for (std::size_t i = 0; i < points.size(); ++i) {
    CHECK(points[i].present == doctest::Approx(present[i]).epsilon(1e-9));
    CHECK(points[i].predicted == doctest::Approx(predicted[i]).epsilon(1e-9));
  }
  const Confusion decided = confusion(sample, 0.5);
  CHECK(decided.rows() == sample.size());
  is("precision", decided.precision());
  is("recall", decided.recall());
  is("f1", decided.f1());
  is("mcc", decided.mcc());
  is("balanced_accuracy", decided.balanced_accuracy());
}

}  // namespace

TEST_CASE("metrics are scikit-learn's, on saturated scores and on scores with many ties") {
  const Value want = reference();
  check_against(made(7, 500), *want.find("ties")->find("measured"));
  std::size_t compared = 0;
  for (const Column& column : loom().labels) {
    if (const Value* measured = want.find("measured")->find(column.label)) {
      check_against(column, *measured);
      ++compared;
    }
  }
  CHECK(compared == 3);
}

TEST_CASE("AUC and average precision by their definitions, pair by pair and threshold by threshold") {
  rc::check([] {
    const std::size_t rows = *rc::gen::inRange<std::size_t>(1, 25);
    Column column{"", {}, {}};
    for (std::size_t i = 0; i < rows; ++i) {
      column.raw.push_back(*rc::gen::inRange(0, 8) / 7.0);
      column.present.push_back(static_cast<std::uint8_t>(*rc::gen::inRange(0, 2)));
    }
    const Sample sample = column.sample();
    double wins = 0, pairs = 0, precision_sum = 0;
    for (std::size_t i = 0; i < rows; ++i) {
      if (column.present[i] == 0) continue;
      double accepted = 0, hits = 0;
      for (std::size_t j = 0; j < rows; ++j) {
        if (column.raw[j] >= column.raw[i]) ++accepted, hits += column.present[j];
        if (column.present[j] != 0) continue;
        ++pairs;
        wins += column.raw[i] > column.raw[j] ? 1 : column.raw[i] == column.raw[j] ? 0.5 : 0;
      }
      precision_sum += hits / accepted;
    }
    const auto auc = roc_auc(sample), precision = average_precision(sample);
    RC_ASSERT(auc.has_value() == (pairs > 0));
    if (auc) RC_ASSERT(std::abs(*auc - wins / pairs) < 1e-12);
    RC_ASSERT(precision.has_value() == (sample.positives() > 0));
    if (precision) RC_ASSERT(std::abs(*precision - precision_sum / static_cast<double>(sample.positives())) < 1e-12);
  });
}

TEST_CASE("what is not defined is nothing, not 0") {
  Confusion all_absent;
  CHECK_FALSE(all_absent.accuracy().has_value());
  all_absent.add(false, false);
  all_absent.add(false, false);
  CHECK(all_absent.accuracy() == 1);
  CHECK(all_absent.majority() == 1);
  CHECK_FALSE(all_absent.precision().has_value());
  CHECK_FALSE(all_absent.recall().has_value());
  CHECK_FALSE(all_absent.f1().has_value());
  CHECK_FALSE(all_absent.mcc().has_value());
  CHECK_FALSE(all_absent.balanced_accuracy().has_value());
  CHECK(all_absent.specificity() == 1);
  Confusion sum = all_absent;
  sum += {3, 1, 2, 0};
  CHECK(sum == Confusion{3, 1, 2, 2});
  CHECK(sum.accuracy() == 5.0 / 8);
  CHECK(sum.majority() == 5.0 / 8);
}

TEST_CASE("a million rows in constant memory say what the rows themselves say") {
  const auto curve = Calibrator::platt(0.8, -3);
  Random random(31);
  Column column{"", {}, {}};
  BinnedScores scores;
  CHECK_FALSE(scores.roc_auc().has_value());
  CHECK_FALSE(scores.mean_log_loss().has_value());
  int taken = 0;
  for (int i = 0; i < 1'000'000; ++i) {
    const double raw = sigmoid(14 * random.uniform() - 4);  // most near 1, as models' scores are
    const bool present = random.uniform() < curve.apply(raw);
    column.raw.push_back(raw);
    column.present.push_back(present ? 1 : 0);
    taken += scores.add(raw, present) ? 1 : 0;
  }
  CHECK(taken == 1'000'000);
  for (const double wrong : {-0.1, 1.1, std::nan("")}) CHECK_FALSE(scores.add(wrong, true));
  const Sample sample = column.sample();
  CHECK(scores.rows() == 1'000'000);
  CHECK(scores.positives() == sample.positives());
  CHECK(scores.mean_log_loss().value() == doctest::Approx(mean_log_loss(sample)).epsilon(1e-9));
  CHECK(scores.brier().value() == doctest::Approx(brier(sample)).epsilon(1e-9));
  CHECK(std::abs(scores.roc_auc().value() - roc_auc(sample).value()) < 5e-4);
  CHECK(scores.average_precision().value() == doctest::Approx(average_precision(sample).value()).epsilon(1e-3));
  CHECK(ece(scores.reliability()) == doctest::Approx(ece(reliability(sample))).epsilon(1e-3));
  BinnedScores ends;
  CHECK(ends.add(0, false));
  CHECK(ends.add(1, true));
  CHECK(ends.roc_auc() == 1);
}
