// Merging of layers, includes, variables and options, and where every setting came from.

#include "config/layers.h"

#include <doctest/doctest.h>

#include "scratch.h"
#include "thalweg/json.h"

using namespace thalweg;
using namespace thalweg::config;

namespace {

using Variables = std::vector<std::pair<std::string, std::string>>;

Tree tree_of(const std::string& path) {
  Layers layers;
  const auto read = layers.file(path);
  REQUIRE_MESSAGE(read, read.error().text());
  return std::move(layers).build();
}

std::string json(const Tree& tree) { return to_json(tree.to_value()).value_or("no JSON"); }

std::string error_of(const Scratch& scratch, const std::string& path, FileOptions options = {}) {
  Layers layers;
  const auto read = layers.file(path, options);
  return read ? "no error" : scratch.told(read.error().text());
}

Tree with_variables(std::string_view yaml, const Variables& variables, std::span<const std::string_view> known = {}) {
  Layers layers;
  REQUIRE(layers.text("a.yaml", std::string(yaml), Format::yaml));
  const auto read = layers.environment("THALWEG_", variables, known);
  REQUIRE_MESSAGE(read, read.error().text());
  return std::move(layers).build();
}

std::string origin(const Tree& tree, std::string_view path) {
  const Setting* found = tree.find(path);
  return found == nullptr ? "nothing" : found->origin.text();
}

}  // namespace

TEST_CASE("maps are merged key by key, lists and everything else are replaced") {
  Layers layers;
  REQUIRE(layers.text("a.yaml", "x: {keep: 1, change: 2, list: [1, 2, 3], inner: {deep: true}}\ny: text", Format::yaml));
  REQUIRE(layers.text("b.json", R"({"x": {"change": 3, "list": [9], "new": null, "inner": 7}, "y": {"z": 1}})", Format::json));
  const Tree tree = std::move(layers).build();
  CHECK(json(tree) == R"({"x":{"keep":1,"change":3,"list":[9],"inner":7,"new":null},"y":{"z":1}})");
  CHECK(origin(tree, "x.keep") == "a.yaml:1:11");
  CHECK(origin(tree, "x.change") == "b.json:1:18");
  const Setting* change = tree.find("x.change");
  REQUIRE(change != nullptr);
  REQUIRE(change->overridden.size() == 1);
  CHECK(change->overridden[0].origin.text() == "a.yaml:1:22");
  CHECK(change->overridden[0].value == Value(2));
  CHECK(to_json(tree.find("x.inner")->overridden[0].value) == R"({"deep":true})");
  CHECK(to_json(tree.find("x.list")->overridden[0].value) == "[1,2,3]");
  CHECK(tree.sources == std::vector<std::string>{"a.yaml", "b.json"});
}

TEST_CASE("file, variable and option win over each other in the order of their layers") {
  Layers layers;
  REQUIRE(layers.text("a.yaml", "batch_size: 8\noutput: a\nstrict: false", Format::yaml));
  REQUIRE(layers.environment("THALWEG_", Variables{{"THALWEG_BATCH__SIZE", "16"}, {"THALWEG_OUTPUT", "b"}}));
  REQUIRE(layers.set("batch_size", Value(32), "--batch-size"));
  const Tree tree = std::move(layers).build();
  CHECK(json(tree) == R"({"batch_size":32,"output":"b","strict":false})");
  CHECK(origin(tree, "batch_size") == "--batch-size");
  CHECK(origin(tree, "output") == "THALWEG_OUTPUT");
  CHECK(origin(tree, "strict") == "a.yaml:3:9");
  const auto& overridden = tree.find("batch_size")->overridden;
  REQUIRE(overridden.size() == 2);
  CHECK(overridden[0].origin.text() == "a.yaml:1:13");
  CHECK(overridden[1].origin.text() == "THALWEG_BATCH__SIZE");
}

TEST_CASE("YAML, JSON and TOML give the same tree, also through each other's includes") {
  const Scratch scratch;
  scratch.write("c.json", R"({"list": [1, "two", 3.5], "map": {"from": "json", "j": true}})");
  scratch.write("b.toml", "\"$include\" = 'c.json'\nwhen = 2024-02-29T12:00:00.5+02:00\n[map]\nfrom = 'toml'\nt = 1e3\n");
  const std::string file = scratch.write("a.yml", "$include: b.toml\nmap: {from: yaml, y: ~}\n");
  const Tree tree = tree_of(file);
  CHECK(json(tree) ==
        R"({"list":[1,"two",3.5],"map":{"from":"yaml","j":true,"t":1000.0,"y":null},"when":"2024-02-29T10:00:00.5Z"})");
  CHECK(scratch.told(origin(tree, "map.t")) == "b.toml:5:5");
  CHECK(scratch.told(origin(tree, "map.from")) == "a.yml:2:13");
  CHECK(scratch.told(origin(tree, "list")) == "c.json:1:10");
}

TEST_CASE("includes are merged in order, the file's own settings on top, relative to the file they stand in") {
  const Scratch scratch;
  scratch.write("shared/base.yaml", "$include: more/deep.yaml\na: base\nb: base\nc: base\n");
  scratch.write("shared/more/deep.yaml", "a: deep\nd: deep\n");
  scratch.write("other.yaml", "b: other\nc: other\n");
  const Tree tree = tree_of(scratch.write("app/main.yaml", "c: main\n$include: [../shared/base.yaml, ../other.yaml]\n"));
  CHECK(json(tree) == R"({"a":"base","d":"deep","b":"other","c":"main"})");
  CHECK(scratch.told(origin(tree, "d")) == "shared/more/deep.yaml:2:4");
}

TEST_CASE("a file included by two others is merged where each of them has it") {
  const Scratch scratch;
  scratch.write("base.yaml", "x: base\ny: base\nz: base\n");
  scratch.write("left.yaml", "$include: base.yaml\nx: left\n");
  scratch.write("right.yaml", "$include: ./base.yaml\ny: right\n");
  const Tree tree = tree_of(scratch.write("main.yaml", "$include: [left.yaml, right.yaml]\n"));
  CHECK(json(tree) == R"({"x":"base","y":"right","z":"base"})");  // right brings base once more, over left
  CHECK(tree.find("z")->overridden.empty());
  REQUIRE(tree.sources.size() == 4);
  CHECK(scratch.told(tree.sources[0]) == "base.yaml");
}

TEST_CASE("files that include each other are refused with the whole chain") {
  const Scratch scratch;
  scratch.write("b.yaml", "$include: [sub/c.json]\n");
  scratch.write("sub/c.json", R"({"$include": "../a.yaml"})");
  const std::string file = scratch.write("a.yaml", "x: 1\n$include: b.yaml\n");
  CHECK(error_of(scratch, file) ==
        "sub/c.json:1:14: $include: files that include each other: a.yaml -> b.yaml -> sub/c.json -> a.yaml");
  scratch.write("itself.yaml", "$include: itself.yaml");
  CHECK(error_of(scratch, scratch.path("itself.yaml")) ==
        "itself.yaml:1:11: $include: files that include each other: itself.yaml -> itself.yaml");
  std::filesystem::create_symlink(scratch.path("link.yaml"), scratch.path("other"));
  scratch.write("link.yaml", "$include: other");
  CHECK(error_of(scratch, scratch.path("link.yaml")) ==
        "link.yaml:1:11: $include: files that include each other: link.yaml -> link.yaml");
}

TEST_CASE("an include that is not there is told with both files") {
  const Scratch scratch;
  CHECK(error_of(scratch, scratch.write("a.yaml", "x: 1\n$include: [gone.yaml]\n")) ==
        "a.yaml:2:12: $include: cannot open gone.yaml: No such file or directory");
  CHECK(error_of(scratch, scratch.path("gone.yaml")) == "cannot open gone.yaml: No such file or directory");
  Layers layers;
  CHECK(layers.file(scratch.path("gone.yaml"), {.required = false}));
  CHECK(layers.tree().sources.empty());
}

TEST_CASE("an optional file that is there and wrong is an error all the same") {
  const Scratch scratch;
  CHECK(error_of(scratch, scratch.write("a.yaml", "x: [1,"), {.required = false}).starts_with("a.yaml:"));
}

TEST_CASE("what may stand under $include, and where") {
  const Scratch scratch;
  const std::string wrong = scratch.write("a.yaml", "$include: [1, '', {}]\nx:\n  $include: b.yaml\n");
  CHECK(error_of(scratch, wrong) ==
        "a.yaml:1:12: $include: must be a path or a list of paths, relative to this file\n"
        "a.yaml:1:15: $include: must be a path or a list of paths, relative to this file\n"
        "a.yaml:1:19: $include: must be a path or a list of paths, relative to this file\n"
        "a.yaml:3:3: $include can only stand at the root of a file");
  CHECK(json(tree_of(scratch.write("b.yaml", "$include: []\nx: 1"))) == R"({"x":1})");
  CHECK(error_of(scratch, scratch.write("c.yaml", "$include: b.yaml"), {.includes = false}) ==
        "c.yaml:1:1: $include is turned off here");
}

TEST_CASE("names of variables are paths: two underscores stand for one, one stands between keys") {
  const Tree tree = with_variables("layers: {score: {top_k: 2, threshold: 0.75}}\n", {{"THALWEG_CONCURRENCY", "4"},
                                                                                      {"THALWEG_BATCH__SIZE", "8"},
                                                                                      {"THALWEG_LAYERS_SCORE_TOP__K", "3"},
                                                                                      {"THALWEG_A___B", "x"},
                                                                                      {"OTHER", "1"},
                                                                                      {"THALWEG_", "1"},
                                                                                      {"THALWEG_HOME", "/home"},
                                                                                      {"THALWEG_ENVIRONMENT", "dev"}});
  CHECK(json(tree) == R"({"layers":{"score":{"top_k":3,"threshold":0.75}},"a_":{"b":"x"},"batch_size":8,"concurrency":4})");
  CHECK(tree.warnings.empty());
}

TEST_CASE("values of variables are bools, null, numbers, else text") {
  for (const auto& [text, wanted] :
       std::initializer_list<std::pair<std::string, std::string>>{{"true", "true"},
                                                                  {"False", "false"},
                                                                  {"null", "null"},
                                                                  {"0", "0"},
                                                                  {"-12", "-12"},
                                                                  {"+3", "3"},
                                                                  {"1.5", "1.5"},
                                                                  {"-.5", "-0.5"},
                                                                  {"1e3", "1000.0"},
                                                                  {"", R"("")"},
                                                                  {"nan", R"("nan")"},
                                                                  {"inf", R"("inf")"},
                                                                  {"-inf", R"("-inf")"},
                                                                  {"4 ", R"("4 ")"},
                                                                  {"1.2.3", R"("1.2.3")"},
                                                                  {"0x10", R"("0x10")"},
                                                                  {"+-3", R"("+-3")"},
                                                                  {"[1, 2]", R"("[1, 2]")"},
                                                                  {"yes", R"("yes")"},
                                                                  {"1e999", R"("1e999")"},
                                                                  {"99999999999999999999", R"("99999999999999999999")"},
                                                                  {"9223372036854775807", "9223372036854775807"}}) {
    const Tree tree = with_variables("", {{"THALWEG_X", text}});
    CHECK_MESSAGE(to_json(tree.find("x")->value) == wanted, text);
    CHECK(tree.find("x")->written == Value(text));
  }
}

TEST_CASE("a variable finds the key that differs in case only") {
  const Tree tree = with_variables("layers: {Score: {Top_K: 2}, both: 1, Both: 2, BOTH: 3}\n",
                                   {{"THALWEG_LAYERS_SCORE_TOP__K", "3"}, {"THALWEG_LAYERS_BOTH", "4"}});
  CHECK(json(tree) == R"({"layers":{"Score":{"Top_K":3},"both":4,"Both":2,"BOTH":3}})");
}

TEST_CASE("variables that no setting answers to are passed over with a warning") {
  constexpr std::string_view kKnown[] = {"concurrency", "batch_size"};
  const Tree tree = with_variables(
      "", {{"THALWEG_CONCURENCY", "1"}, {"THALWEG_A_", "1"}, {"THALWEG_BATCH__SIZE", "2"}, {"THALWEG_Q", "1"}}, kKnown);
  CHECK(json(tree) == R"({"batch_size":2})");
  REQUIRE(tree.warnings.size() == 3);
  CHECK(tree.warnings[0].text() ==
        "THALWEG_CONCURENCY: there is no setting 'concurency', and it is passed over; did you mean 'concurrency'?");
  CHECK(tree.warnings[1].text() ==
        "THALWEG_A_: its name is no path of a setting, and it is passed over; one underscore stands between keys, two stand for "
        "one");
  CHECK(tree.warnings[2].text() == "THALWEG_Q: there is no setting 'q', and it is passed over; known: concurrency, batch_size");
}

TEST_CASE("variables that contradict each other, and values that are no text, are errors") {
  const auto error = [](const Variables& variables) {
    Layers layers;
    const auto read = layers.environment("THALWEG_", variables);
    return read ? "no error" : read.error().text();
  };
  CHECK(error({{"THALWEG_A_B", "1"}, {"THALWEG_A", "2"}}) ==
        "THALWEG_A and THALWEG_A_B set a and a part of it; leave one of them out");
  CHECK(error({{"THALWEG_A", "1"}, {"THALWEG_a", "2"}}) == "THALWEG_A and THALWEG_a set the same setting; leave one of them out");
  CHECK(error({{"THALWEG_A", "x\xff"}}) == "THALWEG_A: byte 1 of its value is not UTF-8");
  CHECK(error({{"THALWEG_A_B", "1"}, {"THALWEG_A_C", "2"}, {"THALWEG_AB", "2"}}) == "no error");
}

TEST_CASE("--set takes a path and a value that is JSON or text") {
  Layers layers;
  REQUIRE(layers.set(R"(layers."a.b".list=[1, {"x": 2}])", "--set"));
  REQUIRE(layers.set("layers.text=plain = text", "--set"));
  REQUIRE(layers.set("layers.empty=", "--set"));
  REQUIRE(layers.set(R"("q\"=\\".x=1)", "--set"));
  CHECK(json(layers.tree()) == R"({"layers":{"a.b":{"list":[1,{"x":2}]},"text":"plain = text","empty":""},"q\"=\\":{"x":1}})");
  CHECK(layers.tree().find("layers.text")->origin.kind == Origin::Kind::command_line);
  for (const std::string wrong : {"", "=1", "a", "a..b=1", ".a=1", "a.=1", "\"a=1", "\"a\"b=1", "a\xff=1"}) {
    CHECK_MESSAGE(!layers.set(wrong, "--set"), wrong);
  }
  CHECK(layers.set("a..b=1", "--set").error().text() ==
        "--set: 'a..b' is no path: names with single dots between them, such as layers.score.top_k");
}

TEST_CASE("paths are read as they are written") {
  for (const Keys& keys : {Keys{"a"}, Keys{"a", "b_c"}, Keys{"a.b", "", "c\"d\\", "e f"}})
    CHECK(parse_path(path_text(keys)) == keys);
}

TEST_CASE("a file of the environment stands beside the file") {
  CHECK(variant_path("configs/basic.yaml", "dev") == "configs/basic.dev.yaml");
  CHECK(variant_path("basic", "dev") == "basic.dev");
}
