#include "scoring/score_plan.h"

#include <doctest/doctest.h>

#include <cmath>
#include <random>

#include "configs.h"

using namespace thalweg;
using namespace thalweg::scoring;

namespace {

// One category "c" with these lines as its labels.
ScoreConfig with_labels(const std::string& labels, const std::string& more = "") {
  return score_config_from("layers: {score: {" + more + "categories: {c: {labels: {" + labels + "}}}}}");
}

ScoreResult score(const ScoreConfig& config, std::vector<double> raw, std::size_t characters = 100) {
  return ScorePlan(config).result(raw, characters);
}

}  // namespace

TEST_CASE("the threshold follows the number of characters, limits included") {
  const ScorePlan plan(with_labels("a: {hypothesis: A.}"));
  const auto at = [&](std::size_t characters) { return plan.threshold_for(characters).first; };
  CHECK(at(0) == doctest::Approx(0.70));
  CHECK(at(20) == doctest::Approx(0.70));
  CHECK(at(21) == doctest::Approx(0.75));
  CHECK(at(200) == doctest::Approx(0.75));
  CHECK(at(201) == doctest::Approx(0.80));
  CHECK(characters_of("Grüße, 世界") == 9);
}

TEST_CASE("platt_a and platt_b are the older formula, on the probability") {
  const auto calibrated = [](const std::string& platt, double raw) {
    return score(with_labels("a: {hypothesis: A., " + platt + "}"), {raw}).categories[0].labels[0].calibrated;
  };
  CHECK(calibrated("weight: 1", 0.37) == 0.37);
  CHECK(calibrated("platt_a: 1, platt_b: 0", 0.37) == 0.37);
  CHECK(calibrated("platt_a: 2, platt_b: -1", 0.5) == doctest::Approx(0.5));
  CHECK(calibrated("platt_a: 1.5, platt_b: -0.3", 0.6) == doctest::Approx(1 / (1 + std::exp(-0.6))));
  CHECK(calibrated("platt_a: 1000, platt_b: -300", 1) <= 1);
  CHECK(calibrated("platt_a: -1000, platt_b: -300", 1) >= 0);
  CHECK(calibrated("calibration: {method: platt, a: 1, b: 0}", 0.37) == doctest::Approx(0.37));
}

TEST_CASE("a label counts from its threshold on, times its weight") {
  const ScoreConfig config = with_labels("a: {hypothesis: A., weight: 0.3, threshold: 0.7}");
  CHECK(score(config, {0.8}).categories[0].labels[0].score == doctest::Approx(0.24));
  CHECK(score(config, {0.5}).categories[0].labels[0].score == 0);
  CHECK(score(config, {0.7}).categories[0].labels[0].score == doctest::Approx(0.21));
  CHECK(score(config, {0.7}).detected_labels() == std::vector<std::string>{"a"});
  CHECK(score(config, {0.6999}).detected_labels().empty());
}

TEST_CASE("a category is the mean of its top_k greatest label scores, zeros included") {
  const std::string labels =
      "a: {hypothesis: A., weight: 1, threshold: 0}, b: {hypothesis: B., weight: 1, threshold: 0}, "
      "d: {hypothesis: D., weight: 1, threshold: 0.6}";
  const ScoreConfig two = with_labels(labels);
  CHECK(score(two, {0.5, 0.9, 0.7}).score == doctest::Approx(0.8));
  CHECK(score(two, {0.0, 0.9, 0.5}).score == doctest::Approx(0.45));
  const ScoreConfig all =
      score_config_from("layers: {score: {top_k: 9, categories: {c: {labels: {" + labels + "}}, e: {labels: {}}}}}");
  CHECK(score(all, {0.5, 0.9, 0.7}).score == doctest::Approx(0.7));
  CHECK(score(all, {0.5, 0.9, 0.7}).category("e")->score == 0);
}

TEST_CASE("a rejected text keeps its scores, and says why") {
  const ScoreConfig config = score_config_from(R"(layers: {score: {top_k: 1, categories: {
    keep: {labels: {plan: {hypothesis: P., weight: 1}, task: {hypothesis: T., weight: 0.9}}},
    small_talk: {labels: {phatic: {hypothesis: H., weight: 0.4, threshold: 0.8, veto: true}}}}}})");
  // Columns by name: phatic, plan, task.
  const ScoreResult accepted = score(config, {0.1, 0.8, 0.95}, 50);
  CHECK(accepted.accepted());
  CHECK(accepted.reason.category == "keep");
  CHECK(accepted.reason.label == "task");
  CHECK(accepted.reason.text() == "keep (by task) 0.855 >= 0.750 (medium text, 50 characters)");
  const ScoreResult rejected = score(config, {0.1, 0.72, 0.71}, 50);
  CHECK(!rejected.accepted());
  CHECK(rejected.label("plan")->raw == 0.72);
  CHECK(rejected.reason.text() == "keep (by plan) 0.720 < 0.750 (medium text, 50 characters)");
  CHECK(score(config, {0.1, 0.72, 0.71}, 20).accepted());
  const ScoreResult vetoed = score(config, {0.85, 1, 1}, 50);
  CHECK(!vetoed.accepted());
  CHECK(vetoed.score == 1);
  CHECK(vetoed.reason.text() == "veto by phatic 0.850 >= 0.800");
}

TEST_CASE("a combiner decides by the log-odds of all labels") {
  const ScoreConfig config =
      with_labels("a: {hypothesis: A.}, b: {hypothesis: B.}", "combiner: {bias: 0.5, weights: {a: 2, b: -1}, threshold: 0.6}, ");
  const ScoreResult result = score(config, {0.7, 0.3});
  CHECK(result.score == doctest::Approx(1 / (1 + std::exp(-(0.5 + 2 * std::log(0.7 / 0.3) - std::log(0.3 / 0.7))))));
  CHECK(result.accepted());
  CHECK(result.reason.label == "a");
  CHECK(result.reason.text() == "combined probability 0.954 >= 0.600 (a 0.700 counts most)");
  CHECK(score(config, {0.4, 0.9}).reason.label == "b");
}

TEST_CASE("one text, batches of all sizes and the full result say the same, bit for bit") {
  const ScoreConfig config = score_config_from(R"(layers: {score: {threshold: 0.5, categories: {
    c: {labels: {a: {hypothesis: A., weight: 0.9, threshold: 0.3, calibration: {method: platt, a: 1.7, b: -0.4}},
                 b: {hypothesis: B., weight: 0.8, threshold: 0.2, calibration: {method: isotonic, x: [0.1, 0.5, 0.9], y: [0.0, 0.6, 1.0]}},
                 d: {hypothesis: D., weight: 0.7, threshold: 0.4, platt_a: 3, platt_b: -1}}},
    e: {top_k: 1, labels: {f: {hypothesis: F., weight: 1, threshold: 0.6, calibration: {method: beta, a: 1.1, b: 0.8, c: 0.2}},
                           g: {hypothesis: G., weight: 0.2, threshold: 0.9, veto: true, calibration: {method: temperature, t: 2}}}}}}})");
  const ScorePlan plan(config);
  constexpr std::size_t kTexts = 333;
  const std::size_t width = plan.columns().size();
  std::mt19937_64 random(7);
  std::uniform_real_distribution<double> share(0, 1);
  std::vector<double> raw(kTexts * width);
  for (double& one : raw) one = share(random);
  std::vector<std::size_t> characters(kTexts);
  for (std::size_t& one : characters) one = random() % 300;
  for (const std::size_t batch : {1UZ, 2UZ, 7UZ, 63UZ, 64UZ, 65UZ, kTexts}) {
    for (std::size_t begin = 0; begin < kTexts; begin += batch) {
      const std::size_t n = std::min(batch, kTexts - begin);
      std::vector<Verdict> verdicts(n);
      plan.decide(std::span(raw).subspan(begin * width, n * width), std::span(characters).subspan(begin, n), verdicts);
      for (std::size_t i = 0; i < n; ++i) {
        const ScoreResult one = plan.result(std::span(raw).subspan((begin + i) * width, width), characters[begin + i]);
        CHECK(one.decision == verdicts[i].decision);
        CHECK(one.score == verdicts[i].score);
        CHECK(one.reason.value == verdicts[i].value);
        CHECK(one.reason.threshold == verdicts[i].threshold);
        if (verdicts[i].rule == Reason::Rule::category)
          CHECK(one.category(plan.categories()[verdicts[i].category])->score == verdicts[i].score);
      }
    }
  }
}

TEST_CASE("results cross values without loss") {
  const ScoreConfig config = with_labels("a: {hypothesis: A., weight: 0.3}, 'b c': {hypothesis: B.}");
  for (const double raw : {0.1, 1.0 / 3, 0.7000000000000001}) {
    const ScoreResult result = score(config, {raw, 0.9}, 17);
    const auto back = ScoreResult::from_value(result.to_value());
    REQUIRE(back.has_value());
    CHECK(*back == result);
  }
  auto broken = score(config, {0.1, 0.2}).to_value().with({"categories", "c", "labels", "a", "raw"}, Value("x"));
  REQUIRE(broken.has_value());
  const auto read = ScoreResult::from_value(*broken);
  REQUIRE(!read.has_value());
  CHECK(read.error().text() == "categories.c: labels.a: the field 'raw' must be a number, not a text");
}
