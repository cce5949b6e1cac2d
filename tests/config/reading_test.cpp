// Typed reading: ranges, unknown keys, defaults, and all problems at once.

#include "config/reading.h"

#include <doctest/doctest.h>

#include "config/layers.h"
#include "thalweg/json.h"

using namespace thalweg;
using namespace thalweg::config;

namespace {

Tree tree_of(std::string yaml) {
  Layers layers;
  const auto read = layers.text("a.yaml", std::move(yaml), Format::yaml);
  REQUIRE_MESSAGE(read, read.error().text());
  return std::move(layers).build();
}

std::string json(const Tree& tree) { return to_json(tree.to_value()).value_or("no JSON"); }

struct Labels {
  std::string names;
  double sum = 0;
};

// What a schema looks like: fixed keys, a map of free names, a section that may be left out.
Labels read_all(Reading& reading) {
  Section root = reading.root();
  root.optional_text("output");
  root.boolean("strict", false);
  root.integer("concurrency", 4, {.least = 1, .most = 64});
  constexpr std::string_view kModes[] = {"exact", "approximate"};
  root.choice("mode", kModes, "exact");
  root.texts("files");
  Section score = root.section("layers").section("score");
  score.number("threshold", 0.75, {0, 1});
  Section modifiers = score.section("modifiers");
  modifiers.integer("short_text_limit", 20, {.least = 1});
  Labels labels;
  score.each("labels", [&](std::string_view name, Section label) {
    labels.names.append(name).append(" ");
    label.required_text("hypothesis");
    labels.sum += label.number("weight", 0.5, {0, 1});
  });
  return labels;
}

std::string problems(std::string yaml) {
  Tree tree = tree_of(std::move(yaml));
  Reading reading(tree);
  read_all(reading);
  const auto finished = reading.finish(&tree);
  return finished ? "" : finished.error().message();
}

}  // namespace

TEST_CASE("what is set is read, the rest takes defaults that the tree shows") {
  Tree tree = tree_of(
      "strict: true\nlayers:\n  score:\n    labels:\n      task: {hypothesis: This is a task., weight: 1}\n      plan: "
      "{hypothesis: A plan.}\n");
  Reading reading(tree);
  const Labels labels = read_all(reading);
  REQUIRE(reading.finish(&tree));
  CHECK(labels.names == "task plan ");
  CHECK(labels.sum == 1.5);
  CHECK(tree.find("layers.score.threshold")->origin.text() == "default");
  CHECK(json(tree) == R"({"strict":true,"layers":{"score":{"labels":{"task":{"hypothesis":"This is a task.","weight":1},)"
                      R"("plan":{"hypothesis":"A plan.","weight":0.5}},"threshold":0.75,"modifiers":{"short_text_limit":20}}},)"
                      R"("concurrency":4,"mode":"exact"})");
}

TEST_CASE("all problems are told, in order of place") {
  CHECK(problems("strict: maybe\n"
                 "concurrency: 0\n"
                 "mode: exakt\n"
                 "files: [a, 2, [b]]\n"
                 "layers:\n"
                 "  score:\n"
                 "    treshold: 0.5\n"
                 "    threshold: 1.5\n"
                 "    modifiers: 3\n"
                 "    labels:\n"
                 "      task: {weight: .nan}\n"
                 "      plan: [1]\n"
                 "      goal: {hypothesis: '  ', weight: high}\n") ==
        "a.yaml:1:9: strict: must be true or false, not a string\n"
        "a.yaml:2:14: concurrency: must be from 1 to 64, not 0\n"
        "a.yaml:3:7: mode: there is no 'exakt'; did you mean 'exact'?\n"
        "a.yaml:4:12: files[1]: must be a string, not an int\n"
        "a.yaml:4:15: files[2]: must be a string, not a list\n"
        "a.yaml:7:5: layers.score: unknown key 'treshold'; did you mean 'threshold'?\n"
        "a.yaml:8:16: layers.score.threshold: must be from 0 to 1, not 1.5\n"
        "a.yaml:9:16: layers.score.modifiers: must be a map, not an int\n"
        "a.yaml:11:13: layers.score.labels.task: 'hypothesis' is missing: a string\n"
        "a.yaml:11:22: layers.score.labels.task.weight: must be from 0 to 1, not nan\n"
        "a.yaml:12:13: layers.score.labels.plan: must be a map, not a list\n"
        "a.yaml:13:26: layers.score.labels.goal.hypothesis: must not be blank\n"
        "a.yaml:13:40: layers.score.labels.goal.weight: must be a number, not a string");
}

TEST_CASE("numbers are what they are: no rounding, no other kinds") {
  CHECK(problems("concurrency: 2.0") == "a.yaml:1:14: concurrency: must be an int, not a double");
  CHECK(problems("concurrency: 18446744073709551615") ==
        "a.yaml:1:14: concurrency: must be from 1 to 64, not 18446744073709551615");
  CHECK(problems("layers: {score: {modifiers: {short_text_limit: -1}}}") ==
        "a.yaml:1:48: layers.score.modifiers.short_text_limit: must be at least 1, not -1");
  CHECK(problems("output: 3") == "a.yaml:1:9: output: must be a string, not an int; write it in quotes");
  CHECK(problems("layers: {score: {threshold: 1}}").empty());
}

TEST_CASE("null stands for nothing: defaults are taken, and an included entry can be taken out") {
  Layers layers;
  REQUIRE(layers.text("base.yaml", "concurrency: 8\nlayers: {score: {labels: {a: {hypothesis: A.}, b: {hypothesis: B.}}}}",
                      Format::yaml));
  REQUIRE(layers.text("own.yaml", "concurrency: ~\nlayers: {score: {labels: {a: null}}}", Format::yaml));
  Tree tree = std::move(layers).build();
  Reading reading(tree);
  CHECK(read_all(reading).names == "b ");
  REQUIRE(reading.finish(&tree));
  const Setting* concurrency = tree.find("concurrency");
  CHECK(concurrency->value == Value(4));
  CHECK(concurrency->origin.text() == "default");
  REQUIRE(concurrency->overridden.size() == 2);
  CHECK(concurrency->overridden[1].origin.text() == "own.yaml:1:14");
}

TEST_CASE("problems of variables and options name them; a text field takes their text") {
  Layers layers;
  const std::vector<std::pair<std::string, std::string>> variables{{"THALWEG_OUTPUT", "2024"},
                                                                   {"THALWEG_LAYERS_SCORE_THRESHOLD", "high"}};
  REQUIRE(layers.text("a.yaml", "strict: true", Format::yaml));
  REQUIRE(layers.environment("THALWEG_", variables));
  REQUIRE(layers.set("concurrency=lots", "--set"));
  REQUIRE(layers.set("strikt=1", "--set"));
  Tree tree = std::move(layers).build();
  Reading reading(tree);
  CHECK(reading.root().optional_text("output") == "2024");
  read_all(reading);
  const auto finished = reading.finish(&tree);
  REQUIRE(!finished);
  CHECK(finished.error().message() ==
        "THALWEG_LAYERS_SCORE_THRESHOLD: layers.score.threshold: must be a number, not a string\n"
        "--set: unknown key 'strikt'; did you mean 'strict'?\n"
        "--set: concurrency: must be an int, not a string");
}

TEST_CASE("what is missing is told at the nearest map that is there") {
  Tree tree = tree_of("x: 1\nlayers: {}\n");
  Reading reading(tree);
  reading.root().integer("x", 1);
  Section score = reading.root().section("layers").section("score");
  CHECK(score.required_number("threshold") == 0);
  score.each("labels", [](std::string_view, const Section&) {}, true);
  const auto finished = reading.finish(&tree);
  REQUIRE(!finished);
  CHECK(finished.error().message() ==
        "a.yaml:2:9: layers.score: 'labels' is missing: a map\n"
        "a.yaml:2:9: layers.score: 'threshold' is missing: a number");
}

TEST_CASE("what is odd is told at the setting that it is about, a default where the map around it was begun") {
  Tree tree =
      tree_of("layers:\n  score:\n    categories:\n      one: {labels: {a: {weight: 1}}}\n    top_k: 5\n    none: null\n");
  const auto variable = [](Setting setting) {
    const auto origin = [] { return Origin{Origin::Kind::environment, std::make_shared<const std::string>("VARIABLE"), {}}; };
    for (const char* key : {"a", "labels", "one", "categories", "score", "layers"}) {
      Setting around = Setting::map(origin());
      around.members.push_back({key, {}, std::move(setting)});
      setting = std::move(around);
    }
    return setting;
  };
  Setting weight = Setting::map({Origin::Kind::environment, std::make_shared<const std::string>("VARIABLE"), {}});
  weight.members.push_back({"weight", {}, Setting::scalar(Value(0.3), weight.origin)});
  merge(tree.root, variable(std::move(weight)));

  Reading reading(tree);
  Section score = reading.root().section("layers").section("score");
  const auto tell = [&](std::vector<Keys> about) { score.warning(about, "odd"); };
  tell({{"categories", "one", "labels", "a", "weight"}});
  tell({{"categories", "one", "top_k"}, {"top_k"}});
  tell({{"categories", "one", "labels", "a", "threshold"}});
  tell({{"none"}, {"missing"}});
  tell({{"threshold"}});
  (void)reading.finish(&tree);
  std::vector<std::string> told;
  for (const Warning& warning : tree.warnings) told.push_back(warning.text());
  CHECK(told == std::vector<std::string>{
                    "VARIABLE: layers.score.categories.one.labels.a.weight: odd",
                    "a.yaml:5:12: layers.score.top_k: odd",
                    "a.yaml:4:25: layers.score.categories.one.labels.a.threshold: odd",
                    "a.yaml:6:11: layers.score.none: odd",
                    "a.yaml:3:5: layers.score.threshold: odd",
                });

  Tree empty;
  Reading nothing(empty);
  const std::vector<Keys> about{{"x"}};
  nothing.root().warning(about, "odd");
  CHECK(nothing.finish(&empty));
  REQUIRE(empty.warnings.size() == 1);
  CHECK(empty.warnings[0].text() == "x: odd");
}
