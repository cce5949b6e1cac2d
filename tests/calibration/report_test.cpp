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
  CHECK(report.held_out_with_skipped == doctest::Approx(want.find("platt")->as_real()).epsilon(1e-5));
  const auto mean = [&](auto figure, bool fitted_only) {
    double sum = 0, count = 0;
    for (const LabelReport& label : report.labels) {
      if (fitted_only && !label.skipped.empty()) continue;
      sum += figure(label);
      ++count;
    }
    return sum / count;
  };
  CHECK(mean([](const LabelReport& label) { return label.before.log_loss.value; }, false) ==
        doctest::Approx(want.find("raw")->as_real()).epsilon(1e-9));
  CHECK(mean([](const LabelReport& label) { return label.base_rate; }, false) ==
        doctest::Approx(reference().find("leave_one_out")->find("every")->find("base_rate")->as_real()).epsilon(1e-6));
  CHECK(report.fitted == 15);
  CHECK(report.held_out.value ==
        doctest::Approx(mean([](const LabelReport& label) { return label.held_out.log_loss.value; }, true)));
  CHECK(report.base_rate == doctest::Approx(mean([](const LabelReport& label) { return label.base_rate; }, true)));
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

TEST_CASE("labels that are fitted together are refused when all of them are too thin, and skipped when nothing holds them up") {
  const std::vector<double> raw = {0.1, 0.9, 0.2, 0.8, 0.3, 0.7, 0.4, 0.6, 0.45, 0.55, 0.5, 0.65};
  const std::vector<std::uint8_t> some = {0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1}, all(12, 1), none(12, 0);
  const std::span<const double> scores(raw);
  const auto report_of = [](std::vector<LabelData> labels) {
    return calibrate(labels, {.folds = 2, .bootstrap = {.resamples = 10}});
  };

  const auto thin = report_of({{"x", {scores.first(8), std::span(some).first(8)}}});
  REQUIRE_FALSE(thin.has_value());
  CHECK(thin.error().code() == Code::failed_precondition);
  CHECK(thin.error().message() ==
        "too thin to fit: over all labels, 4 rows have a label and 4 have it not, and at least 5 of each are needed");
  CHECK(report_of({{"x", {scores, all}}}).error().code() == Code::failed_precondition);
  CHECK(report_of({{"x", {scores, all}}, {"y", {scores, none}}}).error().message() ==
        "too thin to fit: every label is present in all rows or in none");

  const auto held_up = report_of({{"x", {scores, some}}, {"y", {scores, none}}}).value();
  CHECK(held_up.fitted == 2);
  const auto left =
      report_of({{"x", {scores.first(9), std::span(some).first(9)}}, {"y", {scores.first(9), std::span(all).first(9)}}});
  CHECK(left.value().fitted == 1);
  CHECK(left.value().labels[1].calibrator == Calibrator());
  CHECK(left.value().labels[1].skipped ==
        "present in 9 rows and absent in 0, and the other labels have too few rows to hold it up");
}

TEST_CASE("what cannot be reported on is refused") {
  const Loom data = loom();
  auto labels = columns_of(data);
  CHECK(calibrate({}).error().message() == "there is no label");
  CHECK(calibrate(labels, {.method = Method::isotonic}).error().message() ==
        "labels are shrunk in the forms platt and beta, not isotonic");
  CHECK(calibrate(labels, {.folds = 113}).error().message() ==
        "112 texts cannot be cut into 113 folds; label more of them, or take fewer folds");
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
