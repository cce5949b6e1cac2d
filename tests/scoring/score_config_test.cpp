#include "scoring/score_config.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "configs.h"
#include "scoring/models/probe.h"
#include "scratch.h"
#include "thalweg/json.h"

using namespace thalweg;
using namespace thalweg::scoring;

namespace {

std::string problems(const std::string& yaml) {
  const auto read = config_from(yaml);
  REQUIRE(!read.has_value());
  return read.error().text();
}

bool warns(const std::string& yaml, std::string_view what) {
  std::vector<config::Warning> warnings;
  REQUIRE(config_from(yaml, &warnings).has_value());
  return std::ranges::any_of(warnings, [&](const config::Warning& one) { return one.message.find(what) != std::string::npos; });
}

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("defaults are those of the reference, and a model on a fresh machine") {
  const auto read = config_from("layers: {score: {categories: {c: {labels: {l: {hypothesis: H.}}}}}}");
  REQUIRE(read.has_value());
  CHECK(!read->strict);
  CHECK(read->concurrency == 4);
  CHECK(read->batch_size == 8);
  CHECK(read->score.threshold == 0.75);
  CHECK(read->score.model.type == ModelType::sentence_embeddings);
  CHECK(read->score.modifiers.short_text_limit == 20);
  CHECK(read->score.modifiers.long_text_limit == 200);
  CHECK(read->score.categories[0].top_k == 2);
  CHECK(read->score.categories[0].labels[0].weight == 0.50);
  CHECK(read->score.categories[0].labels[0].threshold == 0.70);
}

TEST_CASE("top_k of the section is the default of its categories") {
  const auto read = config_from(
      "layers: {score: {top_k: 3, categories: {a: {labels: {l: {hypothesis: H.}}}, b: {top_k: 1, labels: {m: {hypothesis: "
      "H.}}}}}}");
  REQUIRE(read.has_value());
  CHECK(read->score.categories[0].top_k == 3);
  CHECK(read->score.categories[1].top_k == 1);
}

TEST_CASE("all that is wrong is told with its place") {
  const std::string text = problems(R"(concurrency: 0
batchsize: 8
layers:
  score:
    threshold: 1.5
    modifiers: {short_text_limit: 50, long_text_limit: 50}
    model: {type: zero_shot}
    categories:
      c:
        top_k: 0
        labels:
          a: {hypothesis: "", weight: -1}
          b: {hypothesis: B., platt_a: 1, calibration: {method: platt, a: 1, b: 0}}
          d: {hypothesis: D., calibration: {method: plat}}
)");
  CHECK(has(text, "test.yaml:1:14: concurrency"));
  CHECK(has(text, "test.yaml:2:1: "));
  CHECK(has(text, "did you mean 'batch_size'?"));
  CHECK(has(text, "test.yaml:5:16: layers.score.threshold"));
  CHECK(has(text, "long_text_limit"));
  CHECK(has(text, "layers.score.model.type"));
  CHECK(has(text, "layers.score.categories.c.top_k"));
  CHECK(has(text, "labels.a.hypothesis"));
  CHECK(has(text, "labels.a.weight"));
  CHECK(has(text, "either platt_a and platt_b or calibration"));
  CHECK(has(text, "labels.d.calibration"));
}

TEST_CASE("fields that the model's type does not take are problems") {
  CHECK(has(problems("layers: {score: {model: {type: recorded, model: x, probe: p}, categories: {}}}"),
            "a recorded model has none"));
  CHECK(has(problems("layers: {score: {model: {type: recorded, probe: p}, categories: {}}}"),
            "only a model of type sentence_embeddings"));
  CHECK(has(problems("layers: {score: {model: {type: zero_shot_classification}, categories: {}}}"), "needs a 'model'"));
  CHECK(has(problems("layers: {score: {model: {type: text_generation, prompt: Hm}, categories: {}}}"), "has no {text}"));
}

TEST_CASE("one name is one label") {
  CHECK(
      has(problems("layers: {score: {categories: {a: {labels: {x: {hypothesis: One.}}}, b: {labels: {x: {hypothesis: Two.}}}}}}"),
          "with different hypotheses"));
  const std::string twice =
      "layers: {score: {categories: {a: {labels: {x: {hypothesis: One., weight: 1}}}, b: {labels: {x: {hypothesis: One.}}}}}}";
  CHECK(warns(twice, "the label 'x' stands in the categories a, b"));
  CHECK(config_from(twice)->score.labels().size() == 1);
}

TEST_CASE("what can hardly be meant is warned about") {
  const auto labels = [](const std::string& labels) { return "layers: {score: {categories: {c: {labels: {" + labels + "}}}}}"; };
  CHECK(warns(labels("a: {hypothesis: A.}"), "no text can be accepted: the score is at most 0.5000"));
  CHECK(warns(labels("a: {hypothesis: A.}"), "top_k 2 but only 1 label"));
  CHECK(warns(labels("a: {hypothesis: A., weight: 0.72}, b: {hypothesis: B., weight: 0.72}"),
              "no medium or long text can be accepted"));
  CHECK(warns(labels("a: {hypothesis: A., weight: 0.77}, b: {hypothesis: B., weight: 0.77}"), "no long text can be accepted"));
  CHECK(!warns(labels("a: {hypothesis: A., weight: 1}, b: {hypothesis: B., weight: 1}"), "can be accepted"));
  CHECK(warns(labels("a: {hypothesis: A., platt_a: 0.5, platt_b: -2}"), "can never be detected"));
  CHECK(warns(labels("a: {hypothesis: A., platt_a: -0.5, platt_b: 2}"), "falls"));
  CHECK(warns("layers: {score: {categories: {}}}", "there are no categories"));
  const auto combined = [](std::string_view combiner) {
    return fmt::format("layers: {{score: {{combiner: {{{}}}, categories: {{c: {{labels: {{a: {{hypothesis: A.}}}}}}}}}}}}",
                       combiner);
  };
  CHECK(warns(combined("weights: {}, bias: -5, threshold: 0.9"), "no text can be accepted: the combiner gives at most 0.0067"));
  CHECK(warns(combined("weights: {a: -1}, bias: 20, threshold: 0.5"), "the combiner gives at least 0.97"));
  CHECK(!warns(combined("weights: {a: -1}, bias: 1, threshold: 0.5"), "accepted"));
  CHECK(warns("layers: {score: {threshold: 0, categories: {c: {labels: {a: {hypothesis: A.}}}}}}", "every text"));
}

TEST_CASE("a label that can never be detected is told with its category, and numbers so that they differ") {
  const std::string two =
      "layers: {score: {categories: {a: {labels: {x: {hypothesis: X., platt_a: 4, platt_b: -2, threshold: 0.7}}}, "
      "b: {labels: {x: {hypothesis: X., platt_a: 4, platt_b: -2, threshold: 0.99}}}}}}";
  CHECK(warns(two,
              "the label 'x' can never be detected in the category 'b': its calibrated score is at most 0.8808, its "
              "threshold 0.9900"));
  CHECK(!warns(two, "in the category 'a'"));
  CHECK(warns("layers: {score: {categories: {c: {labels: {x: {hypothesis: X., threshold: 1, platt_a: 1, platt_b: 15}}}}}}",
              "its calibrated score is at most 0.9999999, its threshold 1.0000000"));
  CHECK(
      warns("layers: {score: {threshold: 0.99999, modifiers: {short_text_delta: 0, long_text_delta: 0}, "
            "categories: {c: {top_k: 1, labels: {x: {hypothesis: X., weight: 0.99998}}}}}}",
            "the score is at most 0.99998, the threshold 0.99999;"));
}

TEST_CASE("warnings stand at the place of what they are about") {
  const auto told = [](const std::string& score) {
    std::vector<config::Warning> warnings;
    REQUIRE(config_from("layers:\n  score:\n" + score, &warnings).has_value());
    std::vector<std::string> all;
    for (const config::Warning& one : warnings) all.push_back(one.text().substr(0, one.text().find(": the ")));
    return all;
  };
  using All = std::vector<std::string>;
  CHECK(told("    threshold: 0\n    categories: {}\n") ==
        All{"test.yaml:4:17: layers.score.categories: there are no categories, so every score is 0"});
  CHECK(told("    threshold: 0.5\n"
             "    categories:\n"
             "      c:\n"
             "        labels:\n"
             "          a: {hypothesis: A., weight: 1, platt_a: 1, platt_b: -3}\n"
             "          b: {hypothesis: B., weight: 1, platt_a: -9, platt_b: 9}\n") ==
        All{"test.yaml:7:51: layers.score.categories.c.labels.a.platt_a",
            "test.yaml:8:51: layers.score.categories.c.labels.b.platt_a",
            "test.yaml:3:16: layers.score.threshold: no medium or long text can be accepted"});
  // A default is told where the map that it is missing in begins.
  CHECK(told("    combiner: {weights: {a: 0}, bias: -9}\n"
             "    categories:\n"
             "      c:\n"
             "        labels: {a: {hypothesis: A., weight: 1}}\n") ==
        All{"test.yaml:6:9: layers.score.categories.c.top_k",
            "test.yaml:3:15: layers.score.combiner.threshold: no text can be accepted"});
}

TEST_CASE("labels that a probe has nothing of are warned about by name") {
  const Scratch folder;
  Probe probe{.model = "m", .width = 1, .labels = {}};
  probe.labels["b"] = {.hypothesis = "h", .weights = {1}, .nearness = 0, .bias = 0};
  const auto config = [&](std::string_view labels) {
    return fmt::format("layers: {{score: {{model: {{probe: {}}}, categories: {{c: {{labels: {{{}}}}}}}}}}}",
                       folder.write("probe.json", to_json(probe.to_value()).value()), labels);
  };
  CHECK(warns(config("a: {hypothesis: A.}, b: {hypothesis: B.}, c: {hypothesis: C.}"), "has nothing of the labels a, c: "));
  CHECK(warns(config("a: {hypothesis: A.}, b: {hypothesis: B.}"), "has nothing of the label a: "));
  CHECK(!warns(config("b: {hypothesis: B.}"), "probe"));
  // Without the file: told where the model is opened.
  CHECK(!warns("layers: {score: {model: {probe: nowhere.json}, categories: {c: {labels: {a: {hypothesis: A.}}}}}}", "probe"));
}
