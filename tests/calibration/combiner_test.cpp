#include "calibration/combiner.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "calibration/data.h"
#include "calibration/folds.h"
#include "calibration/logit.h"
#include "calibration/metrics.h"

using namespace thalweg;
using namespace thalweg::calibration;
using namespace thalweg::calibration::testing;

namespace {

struct Table {
  std::size_t width = 0;
  std::vector<double> features;
  std::vector<std::uint8_t> good;

  [[nodiscard]] Examples examples() const noexcept { return {width, features, good}; }
};

// The logits of all labels of the loom texts, and whether the text is to be accepted.
Table decisions() {
  const Loom data = loom();
  Table out{data.labels.size(), {}, data.accept};
  for (std::size_t row = 0; row < data.accept.size(); ++row) {
    for (const Column& column : data.labels) out.features.push_back(logit(column.raw[row]));
  }
  return out;
}

// Rows of `width` numbers, of which the first three tell the truth; vectors of length 1, as embeddings are.
Table drawn(std::uint64_t seed, std::size_t rows, std::size_t width) {
  Random random(seed);
  Table out{width, {}, {}};
  for (std::size_t row = 0; row < rows; ++row) {
    double length = 0, sum = 0;
    const std::size_t first = out.features.size();
    for (std::size_t j = 0; j < width; ++j) {
      const double part = (random.uniform() - 0.5) * (j < 3 ? 10 : 1);
      out.features.push_back(part);
      length += part * part;
      if (j < 3) sum += part;
    }
    for (std::size_t j = 0; j < width; ++j) out.features[first + j] /= std::sqrt(length);
    out.good.push_back(sum > 0 ? 1 : 0);
  }
  return out;
}

// Each row's probability from a fit, choice of penalty and all, on the folds it is not in.
std::vector<double> held_out(const Table& table, const Folds& folds) {
  std::vector<double> out(table.good.size());
  for (std::size_t fold = 0; fold < folds.count(); ++fold) {
    Table part{table.width, {}, {}};
    for (const std::size_t row : folds.outside(fold)) {
      const auto features = table.examples().row(row);
      part.features.insert(part.features.end(), features.begin(), features.end());
      part.good.push_back(table.good[row]);
    }
    const auto fit = fit_combiner(part.examples(), {.minimum = 2}).value();
    for (const std::size_t row : folds.inside(fold)) out[row] = fit.combiner.apply(table.examples().row(row));
  }
  return out;
}

}  // namespace

TEST_CASE("a combiner of given penalty is scikit-learn's") {
  const Table table = decisions();
  for (const Value& want : reference().find("combined")->items()) {
    const auto fit = fit_combiner(table.examples(), {.lambdas = {want.find("lambda")->as_number()}}).value();
    CHECK(fit.losses.empty());
    const auto p = doubles(*want.find("p"));
    for (std::size_t row = 0; row < p.size(); ++row) {
      REQUIRE(std::abs(fit.combiner.apply(table.examples().row(row)) - p[row]) <= 1e-6);
    }
  }
}

TEST_CASE("accepting the loom texts, each by a combiner that has not seen it") {
  const Table table = decisions();
  const auto p = held_out(table, Folds::leave_one_out(table.good.size()));
  const Confusion told = confusion({p, table.good}, 0.5);
  CHECK(told.majority().value() == doctest::Approx(0.848).epsilon(1e-3));
  MESSAGE("leave-one-out: accuracy " << told.accuracy().value() << ", log-loss " << mean_log_loss({p, table.good})
                                     << ", false accepts " << told.false_positives << ", false rejects " << told.false_negatives);
  CHECK(told.accuracy().value() > 0.93);
  CHECK(mean_log_loss({p, table.good}) < 0.2);
}

TEST_CASE("more features than rows: the same solution by the rows' products") {
  // Every feature is there twice, and once more as a constant: 3 x 20 features of 50 rows are solved on products, and must agree
  // with the 20 features solved directly at twice the weight, which is half the penalty.
  const Table narrow = drawn(3, 50, 20);
  Table wide{60, {}, narrow.good};
  for (std::size_t row = 0; row < 50; ++row) {
    const auto part = narrow.examples().row(row);
    wide.features.insert(wide.features.end(), part.begin(), part.end());
    wide.features.insert(wide.features.end(), part.begin(), part.end());
    wide.features.insert(wide.features.end(), 20, 7.0);
  }
  const auto direct = fit_combiner(narrow.examples(), {.lambdas = {0.5}}).value().combiner;
  const auto dual = fit_combiner(wide.examples(), {.lambdas = {1}}).value().combiner;
  for (std::size_t row = 0; row < 50; ++row) {
    REQUIRE(dual.apply(wide.examples().row(row)) == doctest::Approx(direct.apply(narrow.examples().row(row))).epsilon(1e-6));
  }
  for (std::size_t j = 0; j < 20; ++j) {
    CHECK(dual.weights[j] == doctest::Approx(direct.weights[j] / 2).epsilon(1e-5));
    CHECK(dual.weights[20 + j] == doctest::Approx(direct.weights[j] / 2).epsilon(1e-5));
    CHECK(dual.weights[40 + j] == 0);
  }
}

TEST_CASE("384 features of 100 rows: the penalty is chosen inside, and rows held out are told better than by chance") {
  const Table table = drawn(5, 100, 384);
  const Table fresh = drawn(6, 400, 384);
  const auto auc = [&](bool standardise) {
    const auto fit = fit_combiner(table.examples(), {.standardise = standardise}).value();
    REQUIRE(fit.losses.size() == 11);
    CHECK(std::ranges::min(fit.losses) < 0.69);
    CHECK(fit_combiner(table.examples(), {.standardise = standardise}).value().combiner == fit.combiner);
    std::vector<double> p;
    for (std::size_t row = 0; row < 400; ++row) p.push_back(fit.combiner.apply(fresh.examples().row(row)));
    return roc_auc({p, fresh.good}).value();
  };
  CHECK(auc(true) > 0.6);  // brought to one scale, the three parts that matter are three of 384
  CHECK(auc(false) > 0.85);
}

TEST_CASE("truth that has nothing to do with the features gets the heaviest penalty and no more than the base rate") {
  Table table = drawn(7, 120, 10);
  Random random(1);
  for (std::uint8_t& truth : table.good) truth = random.uniform() < 0.5 ? 1 : 0;
  const auto fit = fit_combiner(table.examples()).value();
  CHECK(fit.lambda >= 100);
}

TEST_CASE("a class of five rows is enough, also where one of them is held out") {
  Table table = drawn(9, 40, 3);
  std::size_t bad = 0;
  for (std::size_t row = 0; row < 40; ++row) {
    if (table.good[row] == 0 && ++bad > 5) table.good[row] = 1;
  }
  REQUIRE(bad > 5);
  CHECK(fit_combiner(table.examples()).has_value());
  CHECK(held_out(table, Folds::leave_one_out(40)).size() == 40);
  CHECK(fit_combiner(table.examples(), {.minimum = 6}).error().code() == Code::failed_precondition);
}

TEST_CASE("what a combiner cannot be fitted on is refused") {
  Table table = drawn(3, 20, 4);
  const auto refused = [&](const CombinerOptions& options = {}) {
    return fit_combiner(table.examples(), options).error().message();
  };
  CHECK(refused({.lambdas = {1, 0}}) == "a penalty must be above 0, not 0");
  CHECK(refused({.folds = 1}) == "1 folds: there must be at least 2, one to hold out and one to fit");
  CHECK(fit_combiner({}).error().message() == "there is no feature");
  table.features[9] = std::numeric_limits<double>::infinity();
  CHECK(refused() == "feature 1 of row 2 is inf");
  table.features.pop_back();
  CHECK(refused() == "20 rows of 4 features are 80 numbers, not 79");
  table = drawn(3, 20, 4);
  std::ranges::fill(table.good, 0);
  table.good[0] = 1;
  CHECK(refused() == "too thin to fit: 1 rows are good and 19 are not, and at least 5 of each are needed");
  table.good[3] = 2;
  CHECK(refused() == "truth 2 of row 3 is neither 0 nor 1");
}
