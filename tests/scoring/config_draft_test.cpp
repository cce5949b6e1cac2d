// A first configuration for a data set.

#include "scoring/config_draft.h"

#include <doctest/doctest.h>

#include "configs.h"

using namespace thalweg;
using namespace thalweg::scoring;

namespace {

Sample sample(std::string text, Decision decision, std::string category, std::vector<std::string> labels) {
  return {.text = std::move(text),
          .expected_decision = decision,
          .expected_labels = std::move(labels),
          .primary_category = std::move(category)};
}

}  // namespace

TEST_CASE("a draft has every category and label of the samples") {
  ConfigDraft draft;
  draft.add(sample("Finish the report", Decision::accept, "task", {"task", "time"}));
  draft.add(sample("Call Mom\nat 5", Decision::accept, "task", {"task", "time"}));
  draft.add(sample("It is noon", Decision::accept, "factual", {"time"}));
  draft.add(sample("See you", Decision::reject, "phatic", {"phatic"}));
  draft.add(sample("Hm", Decision::reject, "other", {}));
  const auto yaml = draft.yaml("set.json");
  REQUIRE(yaml.has_value());
  const auto config = config_from(*yaml);
  REQUIRE(config.has_value());
  const ScoreConfig& score = config->score;
  REQUIRE(score.categories.size() == 4);
  CHECK(score.has_category("other"));
  REQUIRE(score.labels().size() == 3);
  CHECK(score.label("time")->hypothesis == "This is about time.");
  CHECK(score.label("time")->weight == 1);
  CHECK(score.label("phatic")->weight == 0);
  for (const CategoryConfig& category : score.categories) {
    CHECK(category.labels.size() == (category.name == "task" ? 2 : category.name == "phatic" ? 1 : 0));
  }
  CHECK(yaml->find("5 samples, 4 categories, 3 labels") != std::string::npos);
  CHECK(yaml->find("# 2 accepted, 0 rejected: Finish the report\n") != std::string::npos);
}

TEST_CASE("names and texts of any characters stay what they are") {
  const std::string label = "a: \"b\" #c\\\n- {d}";
  ConfigDraft draft;
  draft.add(sample(std::string(59, 'x') + "\xc3\xa9\xc3\xa9\x1b[31m\nlayers: {}", Decision::accept, "yes", {label}));
  const auto yaml = draft.yaml("a\nb: c.json");
  REQUIRE(yaml.has_value());
  CHECK(yaml->find('\x1b') == std::string::npos);
  const auto config = config_from(*yaml);
  REQUIRE(config.has_value());
  REQUIRE(config->score.label(label) != nullptr);
  CHECK(config->score.categories[0].name == "yes");
}

TEST_CASE("without labels there is no draft") {
  ConfigDraft draft;
  draft.add(sample("Hm", Decision::reject, "other", {}));
  const auto yaml = draft.yaml("set.json");
  REQUIRE(!yaml.has_value());
  CHECK(yaml.error().code() == Code::failed_precondition);
}
