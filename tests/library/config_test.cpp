// Configurations as C++ programs read them.
#include <cstdlib>

#include "library.h"

using namespace thalweg;
using namespace thalweg::scoring;
using namespace library_test;

namespace {

constexpr std::string_view kBase =
    "batch_size: 16\nlayers:\n  score:\n    threshold: 0.7\n    model: {type: recorded}\n"
    "    categories: {c: {top_k: 1, labels: {l: {hypothesis: H., weight: 1}}}}\n";

}  // namespace

TEST_CASE("sources lie on each other: files with what they include, texts, variables, settings") {
  const Scratch folder;
  folder.write("base.yaml", kBase);
  folder.write("gate.yaml", "$include: base.yaml\nconcurrency: 2\nlayers: {score: {threshold: 0.8}}\n");
  const Config gate = must(Config::read(folder / "gate.yaml"));
  CHECK(gate.threshold() == 0.8);
  CHECK(gate.batch_size() == 16);
  CHECK(gate.concurrency() == 2);
  CHECK_FALSE(gate.strict());
  CHECK(gate.labels() == std::vector<std::string>{"l"});
  CHECK(gate.categories() == std::vector<std::string>{"c"});
  CHECK(gate.settings().find("strict")->as_bool() == false);
  CHECK(gate.warnings().empty());

  REQUIRE(setenv("THALWEG_BATCH__SIZE", "32", 1) == 0);
  const Config over = must(Config::Layers()
                               .file(folder / "gate.yaml")
                               .text("concurrency: 3")
                               .environment()
                               .set("layers.score.threshold", 0.9)
                               .set("strict", true)
                               .read());
  REQUIRE(unsetenv("THALWEG_BATCH__SIZE") == 0);
  CHECK(over.threshold() == 0.9);
  CHECK(over.concurrency() == 3);
  CHECK(over.batch_size() == 32);
  CHECK(over.strict());
  CHECK(must(Config::read("memory")).labels().size() == 26);
}

TEST_CASE("what is wrong with a configuration is told with its place, all of it") {
  const Scratch folder;
  folder.write("bad.yaml",
               "concurrency: 0\nlayers:\n  score:\n    treshold: 0.5\n    model: {type: recorded}\n    categories:\n"
               "      c: {labels: {l: {hypothesis: H., weight: 2}}}\n");
  const auto bad = Config::read(folder / "bad.yaml");
  REQUIRE_FALSE(bad);
  CHECK(bad.error().code() == Code::invalid_argument);
  for (const char* part : {"bad.yaml:1:14: concurrency", "bad.yaml:4:5: ", "threshold", "bad.yaml:7:48: "})
    CHECK_MESSAGE(bad.error().text().contains(part), bad.error().text());

  const auto missing = Config::read(folder / "none.yaml");
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code() == Code::not_found);
  const auto first = Config::Layers().file(folder / "none.yaml").set("strict", true).read();
  REQUIRE_FALSE(first);
  CHECK(first.error().code() == Code::not_found);
  CHECK_FALSE(Config::parse("layers: [", "text.yaml"));
  CHECK(Config::parse("layers: {}", "text.yaml").error().text().contains("text.yaml:1:9: layers: 'score' is missing"));

  const Config odd =
      must(Config::parse("layers: {score: {model: {type: recorded}, threshold: 0.9, categories: "
                         "{c: {top_k: 1, labels: {l: {hypothesis: H., weight: 0.1}}}}}}",
                         "odd.yaml"));
  REQUIRE(odd.warnings().size() == 1);
  CHECK_MESSAGE(odd.warnings()[0].contains("odd.yaml:1:"), odd.warnings()[0]);
}

TEST_CASE("a scorer needs a runtime with models, and files that are there") {
  const auto none = recorded().build_scorer(Runtime(1));
  REQUIRE_FALSE(none);
  CHECK(none.error().code() == Code::failed_precondition);
  CHECK(none.error().message().contains("StageTypes::all()"));
  CHECK_FALSE(recorded().build_pipeline(Runtime(1)));

  const Config lost =
      must(Config::parse("layers: {score: {model: {type: recorded, scores: /nonexistent/s.json}, categories: "
                         "{c: {labels: {task: {hypothesis: H.}}}}}}"));
  const auto unread = lost.build_scorer(runtime());
  REQUIRE_FALSE(unread);
  CHECK(unread.error().code() == Code::not_found);
  const auto pipeline = must(lost.build_pipeline(runtime()));  // opens its model when it is run
  CHECK(pipeline.run({.text = "x"}).error().code() == Code::not_found);
}

TEST_CASE("a printed pipeline brings its configuration along, and finds its files from anywhere") {
  const Scratch folder;
  std::filesystem::copy(kScores, folder / "s.json");
  folder.write("c.yaml",
               "layers: {score: {model: {type: recorded, scores: s.json}, categories: {c: {labels: {task: {hypothesis: \"{{ H "
               "}}.\"}}}}}}\n");
  const Config config = must(Config::read(folder / "c.yaml"));
  const std::string text = samples()[0].text;
  const std::string definition = must(must(config.build_pipeline(runtime())).definition());
  CHECK(definition.contains(folder / "s.json"));
  const auto loaded = must(Pipeline<TextContext, ScoreResult>::load(definition, runtime()));
  CHECK(must(loaded.run({.text = text})) == must(must(config.build_scorer(runtime())).score(text)));
}
