// What explain shows: values, origins, what was overridden, defaults and problems of a schema.

#include "config/explain.h"

#include <doctest/doctest.h>

#include "config/layers.h"
#include "thalweg/json.h"

using namespace thalweg;
using namespace thalweg::config;

namespace {

Tree tree() {
  Layers layers;
  REQUIRE(layers.text("base.yaml", "strict: false\nlayers:\n  score: {threshold: 0.75, files: [1, .inf], \"a.b\": x}\nempty: {}",
                      Format::yaml));
  REQUIRE(layers.text("dev.yaml", "layers: {score: {threshold: 0.5}}\nstrict: {as: 1}", Format::yaml));
  REQUIRE(layers.set("layers.score.threshold=0.8", "--set"));
  return std::move(layers).build();
}

const Schema kSchema{{"strict", "layers"}, [](Section root) {
                       root.boolean("strict", true);
                       root.any("empty");
                       Section score = root.section("layers").section("score");
                       score.number("threshold", 0.75, {0, 0.7});
                       score.integer("top_k", 2);
                       score.any("files");
                     }};

}  // namespace

TEST_CASE("each setting is a line") {
  const Explanation explained = explain(tree(), nullptr);
  CHECK(explain_text(explained).value() ==
        "strict                  {...}      dev.yaml:2:9, over false (base.yaml:1:9)\n"
        "strict.as               1          dev.yaml:2:14\n"
        "layers.score.threshold  0.8        --set, over 0.5 (dev.yaml:1:29), 0.75 (base.yaml:3:22)\n"
        "layers.score.files      [1,\"inf\"]  base.yaml:3:35\n"
        "layers.score.\"a.b\"      \"x\"        base.yaml:3:53\n"
        "empty                   {}         base.yaml:4:8\n");
  CHECK(explain_text(explained, "layers.score.\"a.b\"").value() == "layers.score.\"a.b\"  \"x\"  base.yaml:3:53\n");
  CHECK(explain_text(explained, "layers.skore.x").error().text() ==
        "there is no setting 'layers.skore' in 'layers'; did you mean 'score'?");
  CHECK(!explain_text(explained, "layers..score"));
}

TEST_CASE("a schema adds defaults and problems") {
  const Explanation explained = explain(tree(), &kSchema);
  REQUIRE(explained.problems.size() == 3);
  CHECK(explained.problems[0].text() == "base.yaml:3:46: layers.score: unknown key 'a.b'; known: threshold, top_k, files");
  CHECK(explained.problems[1].text() == "dev.yaml:2:9: strict: must be true or false, not a map");
  CHECK(explained.problems[2].text() == "--set: layers.score.threshold: must be from 0 to 0.7, not 0.8");
  CHECK(explain_text(explained, "layers.score.top_k").value() == "layers.score.top_k  2  default\n");
}

TEST_CASE("as JSON with the whole values") {
  const auto value = explain_value(explain(tree(), &kSchema), "layers.score.threshold");
  REQUIRE(value);
  CHECK(
      to_json(*value) ==
      R"({"sources":["base.yaml","dev.yaml","--set"],"settings":[{"path":"layers.score.threshold","value":0.8,)"
      R"("from":{"kind":"command_line","source":"--set"},"overrode":[{"value":0.75,)"
      R"("from":{"kind":"file","source":"base.yaml","line":3,"column":22}},{"value":0.5,)"
      R"("from":{"kind":"file","source":"dev.yaml","line":1,"column":29}}]}],"warnings":[],"problems":[)"
      R"({"from":{"kind":"file","source":"base.yaml","line":3,"column":46},"path":"layers.score","message":"unknown key 'a.b'; known: threshold, top_k, files"},)"
      R"({"from":{"kind":"file","source":"dev.yaml","line":2,"column":9},"path":"strict","message":"must be true or false, not a map"},)"
      R"({"from":{"kind":"command_line","source":"--set"},"path":"layers.score.threshold","message":"must be from 0 to 0.7, not 0.8"}]})");
}

TEST_CASE("texts of others do not drive the terminal, long ones are cut") {
  Layers layers;
  REQUIRE(layers.text("a.json", R"({"\u001b[31m": "\u001b]0;x", "long": ")" + std::string(1000, 'x') + "\"}", Format::json));
  const std::string text = explain_text(explain(std::move(layers).build(), nullptr)).value();
  CHECK(text.find('\x1b') == std::string::npos);
  CHECK(text.size() < 300);
}
