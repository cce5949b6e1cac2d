// Fits against scikit-learn's and against an earlier system's parameters. sklearn_reference.py made the numbers.
#include "calibration/fit.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <cmath>
#include <limits>

#include "calibration/data.h"
#include "calibration/logit.h"

using namespace thalweg;
using namespace thalweg::calibration;
using namespace thalweg::calibration::testing;

namespace {

bool warned(const Fit& fit, Warning::Kind kind) {
  return std::ranges::find(fit.warnings, kind, &Warning::kind) != fit.warnings.end();
}

void check_probabilities(const Calibrator& calibrator, const Value& grid, const Value& want, double within = 1e-6) {
  for (std::size_t i = 0; i < grid.size(); ++i) {
    const double raw = grid.items()[i].as_number();
    REQUIRE(std::abs(calibrator.apply(raw) - want.items()[i].as_number()) <= within);
  }
}

void check_against(const Column& column, const Value& want, const Value& grid) {
  CAPTURE(column.label);
  const auto platt = fit(Method::platt, column.sample()).value();
  const Value& sigmoid_form = *want.find("platt");
  CHECK(std::abs(platt.calibrator.a() - sigmoid_form.find("a")->as_real()) <= 1e-5);
  CHECK(std::abs(platt.calibrator.b() - sigmoid_form.find("b")->as_real()) <= 1e-5);
  check_probabilities(platt.calibrator, grid, *sigmoid_form.find("p"));
  CHECK(platt.steps < 20);
  CHECK(warned(platt, Warning::Kind::negative_slope) == (platt.calibrator.a() < 0));

  const auto isotonic = fit(Method::isotonic, column.sample()).value().calibrator;
  const auto x = doubles(*want.find("isotonic")->find("x")), y = doubles(*want.find("isotonic")->find("y"));
  REQUIRE(isotonic.x().size() == x.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    REQUIRE(std::abs(logit(isotonic.x()[i]) - x[i]) <= 1e-9);
    REQUIRE(std::abs(isotonic.y()[i] - y[i]) <= 1e-12);
  }
  check_probabilities(isotonic, grid, *want.find("isotonic")->find("p"));

  const auto temperature = fit(Method::temperature, column.sample()).value();
  const double t = want.find("temperature")->find("t")->as_real();
  check_probabilities(temperature.calibrator, grid, *want.find("temperature")->find("p"));
  if (warned(temperature, Warning::Kind::at_bound)) {
    CHECK(t > 1e4);  // saturated scores: the best temperature flattens them all
  } else {
    CHECK(std::abs(temperature.calibrator.t() / t - 1) <= 1e-5);
  }

  const auto near = [](const Calibrator& got, const Value& three) {
    const auto w = doubles(three);
    CHECK(got.a() == doctest::Approx(w[0]).epsilon(1e-5));
    CHECK(got.b() == doctest::Approx(w[1]).epsilon(1e-5));
    CHECK(got.c() == doctest::Approx(w[2]).epsilon(1e-5));
  };
  near(fit(Method::beta, column.sample()).value().calibrator, *want.find("beta_smoothed"));
  if (const Value* hard = want.find("hard")) {
    const FitOptions plain{.targets = Targets::hard};
    const auto best = fit(Method::platt, column.sample(), plain).value().calibrator;
    CHECK(best.a() == doctest::Approx(hard->find("a")->as_real()).epsilon(1e-5));
    CHECK(best.b() == doctest::Approx(hard->find("b")->as_real()).epsilon(1e-5));
    near(fit(Method::beta, column.sample(), plain).value().calibrator, *hard->find("beta"));
  }
}

}  // namespace

TEST_CASE("every label with 5 rows of each class is fitted as scikit-learn fits it") {
  const Value want = reference();
  std::size_t compared = 0;
  for (const Column& column : loom().labels) {
    const Value* label = want.find("labels")->find(column.label);
    const bool enough = std::min(column.sample().positives(), column.sample().negatives()) >= 5;
    REQUIRE(enough == (label != nullptr));
    if (!enough) continue;
    check_against(column, *label, *want.find("grid"));
    ++compared;
  }
  CHECK(compared == 15);
}

TEST_CASE("scores with many ties are fitted as scikit-learn fits them") {
  const Value want = reference();
  check_against(made(7, 500), *want.find("ties"), *want.find("grid"));
}

TEST_CASE("the legacy fit gives the parameters that the earlier system shipped") {
  const Value shipped = read_json("../data/loom/params.json");
  const Value &params = *shipped.find("params"), &counts = *shipped.find("metadata")->find("samples_per_label");
  std::size_t negative = 0;
  for (const Column& column : loom().labels) {
    CAPTURE(column.label);
    const Value &want = *params.find(column.label), &count = *counts.find(column.label);
    const auto legacy = fit(Method::legacy, column.sample());
    REQUIRE(legacy.has_value() == !count.find("skipped")->as_bool());
    if (!legacy) {
      CHECK(legacy.error().code() == Code::failed_precondition);
      continue;
    }
    CHECK(std::abs(legacy->calibrator.a() - want.find("a")->as_number()) <= 1e-6);
    CHECK(std::abs(legacy->calibrator.b() - want.find("b")->as_number()) <= 1e-6);
    CHECK(static_cast<std::int64_t>(legacy->positives) == count.find("positive")->as_int());
    CHECK(static_cast<std::int64_t>(legacy->negatives) == count.find("negative")->as_int());
    CHECK(warned(*legacy, Warning::Kind::not_converged));
    negative += warned(*legacy, Warning::Kind::negative_slope) ? 1 : 0;
  }
  CHECK(negative == 12);
}

TEST_CASE("too few rows of a class are refused with the counts") {
  const std::vector<double> raw = {0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8};
  const std::vector<std::uint8_t> present = {0, 0, 0, 0, 0, 1, 1, 1};
  for (const Method method : {Method::legacy, Method::platt, Method::isotonic, Method::temperature, Method::beta}) {
    const auto refused = fit(method, {raw, present});
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code() == Code::failed_precondition);
    CHECK(refused.error().message() ==
          "too thin to fit: the label is present in 3 rows and absent in 5, and at least 5 of each are needed");
    CHECK(fit(method, {raw, present}, {.minimum = 3}).has_value());
  }
  CHECK(fit(Method::none, {raw, present}).value().calibrator == Calibrator());
}

TEST_CASE("what is no score is refused with its row") {
  const std::vector<std::uint8_t> present(10, 1);
  const auto refused = [&](double value) {
    std::vector<double> raw(10, 0.5);
    raw[7] = value;
    const auto result = fit(Method::platt, {raw, present});
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error().code() == Code::invalid_argument);
    return result.error().message();
  };
  CHECK(refused(std::nan("")) == "score nan of row 7 is not within [0, 1]");
  CHECK(refused(std::numeric_limits<double>::infinity()) == "score inf of row 7 is not within [0, 1]");
  CHECK(refused(-0.5) == "score -0.5 of row 7 is not within [0, 1]");
  CHECK(refused(1.5) == "score 1.5 of row 7 is not within [0, 1]");
  const std::vector<double> raw(9, 0.5);
  CHECK(fit(Method::platt, {raw, present}).error().message() == "9 scores for 10 truths");
  CHECK(fit(Method::platt, {}).error().message() == "there is no row");
  const std::vector<std::uint8_t> odd = {0, 2};
  CHECK(fit(Method::platt, {std::span(raw).first(2), odd}).error().message() == "truth 2 of row 1 is neither 0 nor 1");
}

TEST_CASE("scores that divide the classes: smoothed targets have an optimum and say so, hard ones are refused") {
  std::vector<double> raw;
  std::vector<std::uint8_t> present;
  for (int i = 0; i < 20; ++i) {
    raw.push_back(i < 10 ? 0.1 + 0.01 * i : 0.7 + 0.01 * i);
    present.push_back(i < 10 ? 0 : 1);
  }
  CHECK(warned(fit(Method::isotonic, {raw, present}).value(), Warning::Kind::separable));
  for (const Method method : {Method::platt, Method::beta}) {
    const auto smoothed = fit(method, {raw, present}).value();
    CHECK(warned(smoothed, Warning::Kind::separable));
    CHECK_FALSE(warned(smoothed, Warning::Kind::not_converged));
    CHECK(smoothed.calibrator.apply(0.85) > 0.85);
    CHECK(smoothed.calibrator.apply(0.15) < 0.15);
    const auto hard = fit(method, {raw, present}, {.targets = Targets::hard});
    REQUIRE_FALSE(hard.has_value());
    CHECK(hard.error().code() == Code::failed_precondition);
  }
  const auto temperature = fit(Method::temperature, {raw, present}).value();
  CHECK(warned(temperature, Warning::Kind::at_bound));
  CHECK(temperature.calibrator.apply(0.71) > 0.999);
  CHECK(fit(Method::isotonic, {raw, present}).value().calibrator.apply(0.19) == 0);
}

TEST_CASE("scores that fall as the label comes: a negative slope is kept and told") {
  const Column column = made(3, 300);
  std::vector<std::uint8_t> absent;
  for (const std::uint8_t truth : column.present) absent.push_back(1 - truth);
  for (const Method method : {Method::platt, Method::beta}) {
    const auto falling = fit(method, {column.raw, absent}).value();
    CHECK(warned(falling, Warning::Kind::negative_slope));
    CHECK(falling.calibrator.apply(0.1) > falling.calibrator.apply(0.9));
  }
  CHECK(warned(fit(Method::temperature, {column.raw, absent}).value(), Warning::Kind::at_bound));
}

TEST_CASE("one and the same score everywhere gives the share of present rows") {
  const std::vector<double> raw(30, 0.4);
  std::vector<std::uint8_t> present(30, 0);
  std::fill_n(present.begin(), 10, 1);
  for (const Method method : {Method::platt, Method::beta}) {
    const auto flat = fit(method, {raw, present}).value();
    CHECK(warned(flat, Warning::Kind::constant_scores));
    CHECK(flat.calibrator.apply(0.9) == doctest::Approx((10 * 11.0 / 12 + 20 * 1.0 / 22) / 30));
  }
  const auto curve = fit(Method::isotonic, {raw, present}).value();
  CHECK(warned(curve, Warning::Kind::constant_scores));
  CHECK_FALSE(warned(curve, Warning::Kind::separable));
  CHECK(curve.calibrator.apply(0.4) == doctest::Approx(1.0 / 3));
  CHECK(fit(Method::temperature, {raw, present}).value().calibrator.apply(0.4) == doctest::Approx(1.0 / 3));
}

TEST_CASE("isotonic: the curve is the best ascending one, and keeps the mean") {
  rc::check([] {
    const std::size_t rows = *rc::gen::inRange<std::size_t>(1, 40);
    Column column{"", {}, {}};
    for (std::size_t i = 0; i < rows; ++i) {
      column.raw.push_back(*rc::gen::inRange(0, 12) / 11.0);
      column.present.push_back(static_cast<std::uint8_t>(*rc::gen::inRange(0, 2)));
    }
    const auto knots = fit_isotonic(column.sample());
    RC_ASSERT(std::ranges::is_sorted(knots.x, std::less_equal<>()) && std::ranges::is_sorted(knots.y));
    const auto curve = Calibrator::isotonic(knots.x, knots.y).value();
    // The least-squares ascending value at x is max over starts <= x of min over ends >= x of the mean between (Robertson,
    // Wright, Dykstra 1988): slow, and by another way.
    for (const double at : column.raw) {
      double best = 0;
      for (const double start : column.raw) {
        if (start > at) continue;
        double least = 1;
        for (const double end : column.raw) {
          if (end < at) continue;
          double sum = 0, count = 0;
          for (std::size_t i = 0; i < rows; ++i) {
            if (column.raw[i] < start || column.raw[i] > end) continue;
            sum += column.present[i];
            ++count;
          }
          least = std::min(least, sum / count);
        }
        best = std::max(best, least);
      }
      RC_ASSERT(std::abs(curve.apply(at) - best) <= 1e-12);
    }
  });
}

TEST_CASE("platt on a large sample finds the curve the data was drawn from") {
  Random random(17);
  Column column{"", {}, {}};
  const auto truth = Calibrator::platt(0.6, -1.3);
  for (int i = 0; i < 60'000; ++i) {
    column.raw.push_back(random.uniform());
    column.present.push_back(random.uniform() < truth.apply(column.raw.back()) ? 1 : 0);
  }
  const auto found = fit(Method::platt, column.sample()).value().calibrator;
  CHECK(std::abs(found.a() - 0.6) < 0.03);  // about four standard errors
  CHECK(std::abs(found.b() + 1.3) < 0.05);
  CHECK(std::abs(fit(Method::beta, column.sample()).value().calibrator.apply(0.7) - truth.apply(0.7)) < 0.02);
}
