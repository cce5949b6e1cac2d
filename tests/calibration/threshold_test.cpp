#include "calibration/threshold.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <cmath>

#include "calibration/binomial.h"
#include "calibration/data.h"

using namespace thalweg;
using namespace thalweg::calibration;
using namespace thalweg::calibration::testing;

namespace {

struct Rows {
  std::vector<double> score;
  std::vector<std::uint8_t> good;
};

// `rows` rows of falling score, all good but those named.
Rows falling(std::size_t rows, std::initializer_list<std::size_t> wrong) {
  Rows out{std::vector<double>(rows), std::vector<std::uint8_t>(rows, 1)};
  for (std::size_t i = 0; i < rows; ++i) out.score[i] = 1 - static_cast<double>(i + 1) / static_cast<double>(rows + 1);
  for (const std::size_t rank : wrong) out.good[rank] = 0;
  return out;
}

double f1(const Rows& rows, double threshold) {
  double hits = 0, wrong = 0, missed = 0;
  for (std::size_t i = 0; i < rows.score.size(); ++i) {
    const bool accepted = rows.score[i] >= threshold, good = rows.good[i] != 0;
    hits += accepted && good;
    wrong += accepted && !good;
    missed += !accepted && good;
  }
  return 2 * hits / (2 * hits + wrong + missed);
}

// How often, over many drawn samples, the threshold chosen has a true risk above alpha; a refusal is no violation.
template <class RiskAt, class TrueRisk>
double violations(std::size_t rows, const RiskOptions& options, RiskAt&& risk_at, TrueRisk&& true_risk, double& chosen) {
  constexpr int kSamples = 4'000;
  Random random(23);
  int violated = 0, given = 0;
  for (int sample = 0; sample < kSamples; ++sample) {
    Rows drawn;
    for (std::size_t i = 0; i < rows; ++i) {
      drawn.score.push_back(random.uniform());
      drawn.good.push_back(random.uniform() < risk_at(drawn.score.back()) ? 0 : 1);
    }
    const auto threshold = threshold_by_risk(drawn.score, drawn.good, options);
    if (!threshold) continue;
    ++given;
    violated += true_risk(threshold->value) > options.alpha ? 1 : 0;
  }
  chosen = static_cast<double>(given) / kSamples;
  return static_cast<double>(violated) / kSamples;
}

}  // namespace

TEST_CASE("by F1 and by cost: no cut does better, and the figures are those of the threshold") {
  rc::check([] {
    const std::size_t count = *rc::gen::inRange<std::size_t>(1, 30);
    Rows rows;
    for (std::size_t i = 0; i < count; ++i) {
      rows.score.push_back(*rc::gen::inRange(0, 9) / 8.0);
      rows.good.push_back(static_cast<std::uint8_t>(*rc::gen::inRange(0, 2)));
    }
    const auto best = threshold_by_f1(rows.score, rows.good);
    RC_ASSERT(best.has_value() == std::ranges::any_of(rows.good, [](std::uint8_t good) { return good != 0; }));
    if (!best) return;
    RC_ASSERT(std::abs(f1(rows, best->value) - best->objective) < 1e-12);
    for (const double cut : rows.score) RC_ASSERT(f1(rows, cut) <= best->objective + 1e-12);

    const Costs costs{.false_accept = *rc::gen::inRange(0, 5) / 2.0, .false_reject = *rc::gen::inRange(0, 5) / 2.0};
    const auto found = threshold_by_cost(rows.score, rows.good, costs);
    const auto cost = [&](double cut) {
      double sum = 0;
      for (std::size_t i = 0; i < count; ++i) {
        const bool accepted = rows.score[i] >= cut;
        if (accepted && rows.good[i] == 0) sum += costs.false_accept;
        if (!accepted && rows.good[i] != 0) sum += costs.false_reject;
      }
      return sum / static_cast<double>(count);
    };
    if (!found) {  // accepting nothing is cheaper than anything
      for (const double cut : rows.score) RC_ASSERT(cost(2) < cost(cut));
      return;
    }
    RC_ASSERT(std::abs(cost(found->value) - found->objective) < 1e-12);
    for (const double cut : rows.score) RC_ASSERT(found->objective <= cost(cut) + 1e-12);
    RC_ASSERT(found->objective <= cost(2) + 1e-12);
    RC_ASSERT(found->value <= 1);
  });
}

TEST_CASE("a threshold stands half way between the scores it divides") {
  const std::vector<double> score = {0.9, 0.2, 0.8, 0.4};
  const std::vector<std::uint8_t> good = {1, 0, 1, 0};
  const auto found = threshold_by_f1(score, good).value();
  CHECK(found.value == doctest::Approx(0.6));
  CHECK(found.objective == 1);
  CHECK(found.accepted == 2);
  CHECK(found.wrong == 0);
  CHECK(found.missed == 0);
  CHECK(threshold_by_cost(score, good, {.false_accept = 0, .false_reject = 1}).value().accepted == 2);
}

TEST_CASE("a row that no threshold accepts is missed at all of them, and never promised about") {
  std::vector<double> score(100, -0.03);
  const std::vector<std::uint8_t> good(100, 1);
  CHECK(threshold_by_risk(score, good).error().message() == "none of the 100 rows can be accepted by any threshold");
  std::fill_n(score.begin(), 70, 0.0);
  const auto found = threshold_by_risk(score, good).value();
  CHECK(found.value == 0);
  CHECK(found.accepted == 70);
  CHECK(found.missed == 30);
  CHECK(found.rows == 100);
  CHECK(threshold_by_f1(score, good).value().accepted == 70);
  CHECK(threshold_by_cost(score, good, {}).value().missed == 30);
}

TEST_CASE("accepting nothing is no threshold: the cheapest would lie above 1") {
  const std::vector<double> score = {1, 1, 0.4};
  const std::vector<std::uint8_t> good = {0, 0, 1};
  const auto refused = threshold_by_cost(score, good, {.false_accept = 5});
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code() == Code::failed_precondition);
  CHECK(refused.error().message() ==
        "accepting nothing is cheapest: it costs 0.3333 a row, and every threshold that accepts a row at least 3.333");
}

TEST_CASE("by risk: 59 accepted without an error are enough, 58 are not, and what is missing is told") {
  const auto enough = falling(59, {});
  const auto found = threshold_by_risk(enough.score, enough.good).value();
  CHECK(found.accepted == 59);
  CHECK(found.objective < 0.05);
  CHECK(found.objective == upper_bound(0, 59, 0.05));

  const auto short_by_one = falling(58, {});
  const auto refused = threshold_by_risk(short_by_one.score, short_by_one.good);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code() == Code::failed_precondition);
  CHECK(refused.error().message() ==
        "58 of 58 rows are accepted at the laxest threshold, 0; to prove a risk of at most 0.05 with confidence 0.95, at least "
        "59 are "
        "needed: 1 more");

  const auto unlucky = falling(80, {3});
  CHECK(threshold_by_risk(unlucky.score, unlucky.good).error().message() ==
        "at threshold 0.271 59 rows are accepted and 1 of them wrong; to prove a risk of at most 0.05 with confidence 0.95, 93 "
        "accepted "
        "rows with no more wrong ones are needed: 34 more");

  const auto bears_two = falling(130, {3, 70});
  CHECK_FALSE(threshold_by_risk(bears_two.score, bears_two.good).has_value());
  CHECK(threshold_by_risk(bears_two.score, bears_two.good, {.spare_errors = 2}).value().accepted == 130);
}

TEST_CASE("by risk: the walk ends where the rows stop proving it") {
  Rows rows = falling(400, {});
  for (std::size_t rank = 200; rank < 400; rank += 2) rows.good[rank] = 0;  // half wrong from rank 200 on
  const auto found = threshold_by_risk(rows.score, rows.good).value();
  CHECK(found.accepted >= 200);
  CHECK(found.accepted < 215);
  CHECK(found.objective <= 0.05);
  const std::vector<double> coarse = {0.75, 0.5, 0.25};
  CHECK(threshold_by_risk(rows.score, rows.good, {.grid = coarse}).value().value == 0.5);
}

TEST_CASE("by risk: over 4000 drawn samples the promise is broken at most delta of the time") {
  // Were it broken with probability delta exactly, the share over 4000 samples would lie above delta by 4 standard errors of
  // sqrt(delta (1 - delta) / 4000) with probability 3e-5.
  const auto most = [](double delta) { return delta + 4 * std::sqrt(delta * (1 - delta) / 4'000); };
  double chosen = 0;
  for (const double delta : {0.05, 0.2}) {
    // The worst case: the risk is a hair above alpha everywhere, so that every threshold given is a violation.
    const RiskOptions options{.alpha = 0.1, .delta = delta};
    const double always = violations(200, options, [](double) { return 0.1001; }, [](double) { return 0.1001; }, chosen);
    CHECK(always <= most(delta));
    CHECK(always >= delta / 4);  // exact p-values: what may be spent is nearly spent
    // A score that means something: wrong with probability (1 - score) / 2, so above t the risk is (1 - t) / 4.
    const double useful =
        violations(300, options, [](double s) { return (1 - s) / 2; }, [](double t) { return (1 - t) / 4; }, chosen);
    CHECK(useful <= most(delta));
    CHECK(chosen > 0.4);
  }
}

TEST_CASE("what cannot be chosen from is refused") {
  const std::vector<double> score = {0.5, 0.6};
  const std::vector<std::uint8_t> none = {0, 0}, good = {0, 1};
  CHECK(threshold_by_f1(score, none).error().code() == Code::failed_precondition);
  CHECK(threshold_by_cost(score, good, {.false_accept = -1}).error().code() == Code::invalid_argument);
  CHECK(threshold_by_risk(score, good, {.alpha = 0}).error().message() == "alpha must be within (0, 1), not 0");
  CHECK(threshold_by_risk(score, good, {.delta = 1}).error().message() == "delta must be within (0, 1), not 1");
  const std::vector<double> rising = {0.1, 0.2};
  CHECK(threshold_by_risk(score, good, {.grid = rising}).error().message() ==
        "threshold 1 of the grid, 0.2, is not below the one before it");
  const std::vector<double> broken = {0.5, std::nan("")};
  CHECK(threshold_by_f1(broken, good).error().message() == "score nan of row 1 is not at most 1");
}
