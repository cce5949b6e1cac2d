#include "calibration/report.h"

#include <doctest/doctest.h>

#include <cmath>

#include "calibration/data.h"
#include "calibration/logit.h"

using namespace thalweg;
using namespace thalweg::calibration;
using namespace thalweg::calibration::testing;

namespace {

std::vector<LabelData> columns_of(const Loom& data) {
  std::vector<LabelData> out;
  for (const Column& column : data.labels) out.push_back({column.label, column.sample()});
  return out;
}

}  // namespace

TEST_CASE("a report of fits one by one, one row left out at a time, says what scikit-learn says") {
  const Loom data = loom();
  const Value want = *reference().find("leave_one_out")->find("raw_below_5");
  const auto report =
      calibrate(columns_of(data), {.method = Method::platt, .shrink = false, .folds = 0, .bootstrap = {.resamples = 50}}).value();
  CHECK(report.folds == 112);
  CHECK(report.held_out.value == doctest::Approx(want.find("platt")->as_real()).epsilon(1e-5));
  CHECK(report.before.value == doctest::Approx(want.find("raw")->as_real()).epsilon(1e-9));
  CHECK(report.base_rate ==
        doctest::Approx(reference().find("leave_one_out")->find("every")->find("base_rate")->as_real()).epsilon(1e-6));
  std::size_t skipped = 0;
  for (std::size_t i = 0; i < report.labels.size(); ++i) {
    const LabelReport& label = report.labels[i];
    CAPTURE(label.name);
    CHECK(label.name == data.labels[i].label);
    CHECK(label.positives + label.negatives == 112);
    skipped += label.skipped.empty() ? 0 : 1;
    CHECK(label.skipped.empty() == (label.positives >= 5));
    if (!label.skipped.empty()) {
      CHECK(label.calibrator == Calibrator());
      CHECK(label.held_out.log_loss.value == doctest::Approx(label.before.log_loss.value));
      continue;
    }
    CHECK(label.after.log_loss.value < label.held_out.log_loss.value);
    CHECK(label.held_out.log_loss.value < label.before.log_loss.value);
    for (const Quality* quality : {&label.before, &label.after, &label.held_out}) {
      for (const Figure* figure : {&quality->log_loss, &quality->brier, &quality->ece}) {
        CHECK(figure->interval.low <= figure->interval.high);
        CHECK(figure->interval.low >= 0);
      }
      CHECK(quality->log_loss.interval.low <= quality->log_loss.value);
      CHECK(quality->log_loss.value <= quality->log_loss.interval.high);
    }
    std::size_t rows = 0;
    for (const ReliabilityBin& bin : label.reliability) rows += bin.rows;
    CHECK(rows == 112);
  }
  CHECK(skipped == 11);
}

TEST_CASE("a report of shrunk fits calibrates every label, and says where nothing is gained") {
  const Loom data = loom();
  std::size_t steps = 0;
  const auto report = calibrate(columns_of(data), {.bootstrap = {.resamples = 200},
                                                   .progress =
                                                       [&](std::size_t done, std::size_t total) {
                                                         CHECK(done == ++steps);
                                                         CHECK(total == 11);
                                                         return Result<>();
                                                       }})
                          .value();
  CHECK(steps == 11);
  CHECK(report.held_out.value < 0.17);  // ten folds, so a tenth of the rows fewer to fit on than leave-one-out
  CHECK(report.after.value < report.held_out.value);
  CHECK(report.held_out.interval.low < report.held_out.value);
  CHECK(report.held_out.interval.high < report.base_rate);
  std::size_t no_better = 0;
  for (const LabelReport& label : report.labels) {
    CHECK(label.skipped.empty());
    CHECK(label.calibrator.method() == Method::beta);
    CHECK(label.auc.value() > 0.6);
    no_better += std::ranges::find(label.warnings, Warning::Kind::no_better, &Warning::kind) != label.warnings.end() ? 1 : 0;
  }
  CHECK(no_better >= 1);
  CHECK(no_better < 6);

  const auto again = calibrate(columns_of(data), {.bootstrap = {.resamples = 200}}).value();
  const Value value = report.to_value();
  CHECK(again.to_value() == value);
  CHECK(parse_json(to_json(value).value()).value() == value);
  CHECK(value.find("labels")->find("time")->find("positives")->as_int() == 27);
  CHECK(value.find("log_loss")->find("held_out")->find("value")->as_real() == report.held_out.value);
  CHECK(Calibrator::from_value(*value.find("labels")->find("time")->find("calibration")).value() ==
        report.labels.back().calibrator);
}

TEST_CASE("what cannot be reported on is refused") {
  const Loom data = loom();
  auto labels = columns_of(data);
  CHECK(calibrate({}).error().message() == "there is no label");
  CHECK(calibrate(labels, {.method = Method::isotonic}).error().message() ==
        "labels are shrunk in the forms platt and beta, not isotonic");
  CHECK(calibrate(labels, {.folds = 113}).error().message() == "112 rows cannot be cut into 113 folds");
  CHECK(calibrate(labels, {.bins = 0}).error().message() == "a reliability diagram has at least one bin");
  const auto stopped =
      calibrate(labels, {.progress = [](std::size_t, std::size_t) -> Result<> { return fail(Code::cancelled, "stopped"); }});
  CHECK(stopped.error().code() == Code::cancelled);
  const std::vector<double> raw = {0.5, 7};
  const std::vector<std::uint8_t> present = {0, 1};
  labels[3].sample = {raw, present};
  CHECK(calibrate(labels).error().text() == "entity: score 7 of row 1 is not within [0, 1]");
  labels[3].sample = {std::span(raw).first(1), std::span(present).first(1)};
  CHECK(calibrate(labels).error().message() == "label 'entity' has 1 rows, and 'anger' 112");
}
