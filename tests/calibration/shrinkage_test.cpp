// What calibrations are worth on rows they were not fitted on.
#include "calibration/shrinkage.h"

#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <map>

#include "calibration/data.h"
#include "calibration/logit.h"

using namespace thalweg;
using namespace thalweg::calibration;
using namespace thalweg::calibration::testing;

namespace {

using FitAll = std::function<std::vector<Calibrator>(std::span<const Sample>)>;

// Mean loss of each label over all rows, each scored by a fit of all labels on the other rows.
std::vector<double> leave_one_out(const Loom& data, const FitAll& fit_all) {
  const std::size_t rows = data.accept.size();
  std::vector<double> loss(data.labels.size());
  for (std::size_t row = 0; row < rows; ++row) {
    std::vector<Column> kept;
    for (const Column& column : data.labels) kept.push_back(column.without(row));
    std::vector<Sample> samples;
    for (const Column& column : kept) samples.push_back(column.sample());
    const auto calibrators = fit_all(samples);
    for (std::size_t i = 0; i < loss.size(); ++i) {
      const Column& column = data.labels[i];
      loss[i] += log_loss(column.present[row] != 0, calibrators[i].apply(column.raw[row])) / static_cast<double>(rows);
    }
  }
  return loss;
}

double mean(std::span<const double> values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

FitAll one_by_one(Method method) {
  return [method](std::span<const Sample> samples) {
    std::vector<Calibrator> out;
    for (const Sample& sample : samples) out.push_back(fit(method, sample, {.minimum = 0}).value().calibrator);
    return out;
  };
}

FitAll shrunk(Method form) {
  return [form](std::span<const Sample> samples) {
    std::vector<Calibrator> out;
    for (Fit& fit : fit_shrunk(samples, {.form = form}).value().labels) out.push_back(std::move(fit.calibrator));
    return out;
  };
}

}  // namespace

TEST_CASE("leave-one-out losses of the loom labels, fitted one by one, are scikit-learn's") {
  const Loom data = loom();
  const Value want = reference();
  const Value &every = *want.find("leave_one_out")->find("every"), &left = *want.find("leave_one_out")->find("raw_below_5");
  std::vector<double> raw(data.labels.size());
  for (std::size_t i = 0; i < raw.size(); ++i) {
    const Sample sample = data.labels[i].sample();
    for (std::size_t row = 0; row < sample.size(); ++row) {
      raw[i] += log_loss(sample.present[row] != 0, sample.raw[row]) / static_cast<double>(sample.size());
    }
  }
  CHECK(mean(raw) == doctest::Approx(every.find("raw")->as_real()).epsilon(1e-9));
  for (const Method method : {Method::platt, Method::isotonic, Method::temperature, Method::beta}) {
    CAPTURE(name(method));
    std::vector<double> loss = leave_one_out(data, one_by_one(method));
    CHECK(mean(loss) == doctest::Approx(every.find(name(method))->as_real()).epsilon(1e-5));
    for (std::size_t i = 0; i < loss.size(); ++i) {
      if (data.labels[i].sample().positives() < 5) loss[i] = raw[i];
    }
    CHECK(mean(loss) == doctest::Approx(left.find(name(method))->as_real()).epsilon(1e-5));
  }
  CHECK(every.find("platt")->as_real() == doctest::Approx(0.16715).epsilon(1e-4));
}

TEST_CASE("shrunk fits of the loom labels beat those made one by one, on rows they were not fitted on") {
  const Loom data = loom();
  CHECK(mean(leave_one_out(data, shrunk(Method::platt))) == doctest::Approx(0.16014).epsilon(1e-4));
  CHECK(mean(leave_one_out(data, shrunk(Method::beta))) == doctest::Approx(0.15807).epsilon(1e-4));
}

TEST_CASE("a label with many rows keeps its own curve, a rare one gets that of the others") {
  Random random(5);
  const auto common = Calibrator::platt(1.5, -2);
  std::vector<Column> columns;
  for (std::size_t label = 0; label < 12; ++label) {
    columns.push_back({fmt::format("label {}", label), {}, {}});
    const Calibrator truth = label == 11 ? Calibrator::platt(0.5, 1) : common;
    const std::size_t rows = label == 0 ? 6 : label == 11 ? 20'000 : 800;
    for (std::size_t row = 0; row < rows; ++row) {
      const double raw = random.uniform();
      columns.back().raw.push_back(raw);
      columns.back().present.push_back(random.uniform() < truth.apply(raw) && label != 0 ? 1 : 0);
    }
  }
  std::vector<Sample> samples;
  for (const Column& column : columns) samples.push_back(column.sample());
  const auto found = fit_shrunk(samples, {.form = Method::platt}).value();
  CHECK(found.converged);
  const Calibrator &rare = found.labels[0].calibrator, &rich = found.labels[11].calibrator;
  CHECK(std::abs(rich.a() - 0.5) < 0.06);
  CHECK(std::abs(rich.b() - 1) < 0.1);
  CHECK(rare.a() > 0.9);  // six rows and no present one: one by one that is no slope at all
  CHECK(rare.b() < -0.5);
  CHECK(std::abs(fit(Method::platt, samples[0], {.minimum = 0}).value().calibrator.a()) < 1e-9);
  CHECK(found.labels[0].positives == 0);
  CHECK(found.mean.size() == 2);
  CHECK(std::abs(found.mean[0] - 1.4) < 0.3);
}

TEST_CASE("every shrunk beta curve is monotone, and the same data gives the same bits") {
  const Loom data = loom();
  std::vector<Sample> samples;
  for (const Column& column : data.labels) samples.push_back(column.sample());
  const auto found = fit_shrunk(samples).value(), again = fit_shrunk(samples).value();
  CHECK(found.converged);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const Calibrator& curve = found.labels[i].calibrator;
    CHECK(curve == again.labels[i].calibrator);
    CHECK(curve.method() == Method::beta);
    CHECK(curve.a() * curve.b() >= 0);
    CHECK(found.labels[i].warnings.empty());
  }
  const auto cut_short = fit_shrunk(samples, {.most_rounds = 3}).value();
  CHECK_FALSE(cut_short.converged);
  CHECK(cut_short.labels[0].warnings.at(0).text == "what the labels have in common had not settled after 3 rounds");
}

TEST_CASE("few labels, or labels that scores divide, do not run away") {
  std::vector<double> raw;
  std::vector<std::uint8_t> present;
  for (int i = 0; i < 40; ++i) {
    raw.push_back(i < 20 ? 0.2 : 0.8);
    present.push_back(i < 20 ? 0 : 1);
  }
  for (const std::size_t count : {1, 2, 5}) {
    const std::vector<Sample> samples(count, Sample{raw, present});
    for (const Method form : {Method::platt, Method::beta}) {
      const auto found = fit_shrunk(samples, {.form = form}).value();
      CHECK(found.converged);
      for (const Fit& fit : found.labels) {
        CHECK(fit.calibrator.apply(0.8) > 0.9);
        CHECK(fit.calibrator.apply(0.8) < 0.9999);
        CHECK(fit.calibrator.apply(0.2) < 0.1);
      }
    }
  }
}

TEST_CASE("what cannot be shrunk is refused") {
  const std::vector<double> raw = {0.5, 2};
  const std::vector<std::uint8_t> present = {0, 1};
  const std::vector<Sample> samples = {{std::span(raw).first(1), std::span(present).first(1)}, {raw, present}};
  CHECK(fit_shrunk({}).error().message() == "there is no label");
  CHECK(fit_shrunk(samples, {.form = Method::isotonic}).error().message() ==
        "labels are shrunk in the forms platt and beta, not isotonic");
  CHECK(fit_shrunk(samples).error().text() == "label 1: score 2 of row 1 is not within [0, 1]");
}
