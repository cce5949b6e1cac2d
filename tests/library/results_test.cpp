// Results of several layers: there and back, through values, JSON and pipelines.
#include "library.h"
#include "thalweg/json.h"

using namespace thalweg;
using namespace thalweg::scoring;
using namespace library_test;

namespace {

ScoreResult a_score() {
  return {
      .decision = Decision::accept,
      .score = 0.1 + 0.2,
      .reason = {.rule = Reason::Rule::veto,
                 .category = "work",
                 .label = "plan",
                 .value = 1.0 / 3,
                 .threshold = 0.7,
                 .length = LengthRule::long_text,
                 .characters = 201},
      .categories = {{.name = "empty", .score = 0, .labels = {}},
                     {.name = "work",
                      .score = 5e-324,
                      .labels = {{.name = "plan", .raw = 0.1, .calibrated = 0.7000000000000001, .score = 0.7, .threshold = 0.7},
                                 {.name = "a \"b\"\n", .raw = 1, .calibrated = 0, .score = 0, .threshold = 1}}}}};
}

/// Through JSON, as another program would read it.
PipelineResult again(const PipelineResult& result) {
  const std::string text = must(to_json(result.to_value()));
  return must(PipelineResult::from_value(must(parse_json(text))));
}

struct Length {
  using Input = TextContext;
  using Output = std::int64_t;
  Result<std::int64_t> process(const TextContext& input, const thalweg::Context& /*context*/) const {
    if (input.text.empty()) return std::unexpected(Error(Code::out_of_range, "nothing to measure"));
    return static_cast<std::int64_t>(input.text.size());
  }
  static std::string name() { return "length"; }
};
static_assert(Layer<Length> && !Layer<int> && !Layer<ScoreResult>);

std::string upper(const TextContext& input) {
  std::string text = input.text;
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

}  // namespace

TEST_CASE("a score comes back out of a pipeline's result, bit for bit") {
  const ScoreResult score = a_score();
  CHECK(PipelineResult::from_score(score).score() == score);
  CHECK(again(PipelineResult::from_score(score)).score() == score);
  const PipelineResult converted = score;  // a ScoreResult is one where one is wanted
  CHECK(converted.score() == score);
  CHECK(converted.ok());
  CHECK(converted.layers().size() == 1);
  CHECK(must(Codec<ScoreResult>::decode(must(Codec<ScoreResult>::encode(score)))) == score);

  const PipelineResult told = PipelineResult::from_score_with_meta(score, Value::map({{"source", "chat"}}));
  CHECK(again(told).meta().find("source")->as_string() == "chat");
  CHECK(again(told).score() == score);

  CHECK_FALSE(PipelineResult().score());
  CHECK_FALSE(PipelineResult().with_layer(kScoreLayer, {.output = Value(1)}).score());
  CHECK_FALSE(PipelineResult().with_layer(kScoreLayer, LayerResult::from_error(Error(Code::unavailable, "gone"))).score());
}

TEST_CASE("a reason never contradicts itself by rounding") {
  Reason reason{.category = "c", .label = "l", .value = 0.749999999, .threshold = 0.75, .length = LengthRule::medium};
  reason.characters = 21;
  CHECK(reason.text() == "c (by l) 0.749999999 < 0.750000000 (medium text, 21 characters)");
  reason.value = 0.7501;
  CHECK(reason.text() == "c (by l) 0.7501 >= 0.7500 (medium text, 21 characters)");
  reason.value = 0.75;
  CHECK(reason.text() == "c (by l) 0.750 >= 0.750 (medium text, 21 characters)");
  reason.value = std::nextafter(0.75, 0);
  CHECK(reason.text() == "c (by l) 0.7499999999999999 < 0.7500000000000000 (medium text, 21 characters)");
  reason.value = 1e-300;
  reason.threshold = 1e-299;
  CHECK(reason.text() == "c (by l) 1e-300 < 1e-299 (medium text, 21 characters)");

  reason = {.rule = Reason::Rule::combiner, .label = "l", .label_score = 0.2, .value = 0.49996, .threshold = 0.5};
  CHECK(reason.text() == "combined probability 0.49996 < 0.50000 (l 0.200 counts most)");
  reason = {.rule = Reason::Rule::veto, .label = "l", .value = 0.70001, .threshold = 0.7};
  CHECK(reason.text() == "veto by l 0.70001 >= 0.70000");
}

TEST_CASE("several layers keep their order, metadata, children and errors") {
  PipelineResult result = PipelineResult::from_score(a_score());
  result.layer(kScoreLayer)->meta = Value::map({{"elapsed_ns", 7}, {"model", "minilm"}, {"version", "1"}, {"batch_size", 64}});
  result.with_layer("zulu", {.meta = Value::map({{"elapsed_ns", 9}}), .output = Value::list({1, 2})});
  result.with_layer("alpha", LayerResult::from_error(Error(Code::deadline_exceeded, "late").at("models")));
  result.with_layer("parts", {.children = {Value(1), std::unexpected(Error(Code::aborted, "no"))}});
  CHECK_FALSE(result.ok());
  const PipelineResult back = again(result);
  REQUIRE(back.layers().size() == 4);
  CHECK(back.layers()[0].first == "score");
  CHECK(back.layers()[1].first == "zulu");
  CHECK(back.layers()[2].first == "alpha");
  CHECK(back.score() == a_score());
  CHECK(back.layer("score")->meta.find("batch_size")->as_int() == 64);
  CHECK(back.layer("zulu")->meta.find("elapsed_ns")->as_int() == 9);
  CHECK(back.layer("zulu")->output->size() == 2);
  REQUIRE_FALSE(back.layer("alpha")->output);
  CHECK(back.layer("alpha")->output.error().code() == Code::deadline_exceeded);
  CHECK(back.layer("alpha")->output.error().text() == "models: late");
  REQUIRE(back.layer("parts")->children.size() == 2);
  CHECK(back.layer("parts")->children[0].value() == Value(1));
  CHECK(back.layer("parts")->children[1].error().message() == "no");
  CHECK_FALSE(back.layer("parts")->ok());
  CHECK(back.layer("none") == nullptr);
  CHECK(must(to_json(back.to_value())) == must(to_json(result.to_value())));

  for (const char* text :
       {"{}", R"({"meta": {}, "layers": []})", R"({"meta": {}, "layers": {"a": {"meta": {}}}})",
        R"({"meta": {}, "layers": {"a": {"meta": {}, "error": {"code": "NO_CODE", "message": "", "path": ""}}}})"}) {
    const auto read = PipelineResult::from_value(must(parse_json(text)));
    REQUIRE_FALSE(read);
    CHECK(read.error().code() == Code::invalid_argument);
  }
}

TEST_CASE("the stage collect ends a definition in a result with all its layers") {
  const std::string definition =
      "name: gate\ninput: {text: string, step: int?, meta: dyn?}\nstages:\n"
      "  - id: gate\n    uses: score\n    with:\n      text: \"{{ input.text }}\"\n"
      "      config: {layers: {score: {model: {type: recorded, scores: \"" +
      kScores +
      "\"}, categories: {work: {labels: {task: {hypothesis: T.}}}}}}}\n"
      "  - id: size\n    uses: set\n    with: {characters: \"{{ size(input.text) }}\"}\n"
      "  - id: none\n    uses: try\n    with: {do: [{id: stop, uses: fail, with: {message: not today}}]}\n"
      "  - id: all\n    uses: collect\n    with:\n      meta: {step: \"{{ input.step }}\"}\n"
      "      layers: {score: \"{{ gate }}\", size: \"{{ size }}\", none: \"{{ none }}\"}\n"
      "output: \"{{ all }}\"\n";
  const auto pipeline = must(Pipeline<TextContext, PipelineResult>::load(definition, runtime()));
  const std::string text = samples()[0].text;
  const PipelineResult result = must(pipeline.run({.text = text, .step = 3}));
  CHECK(result.meta().find("step")->as_int() == 3);
  REQUIRE(result.layers().size() == 3);
  REQUIRE(result.score());
  CHECK(result.score()->label("task")->raw == 0.9972601);  // tests/data/loom/scores.json, task-001
  CHECK(result.layer("score")->meta.find("batch_size")->as_int() == 1);
  CHECK(result.layer("score")->meta.find("elapsed_ns")->as_int() > 0);
  CHECK(result.layer("size")->output->find("characters")->as_int() == static_cast<std::int64_t>(text.size()));
  CHECK(result.layer("none")->output.error().text().contains("not today"));
  CHECK_FALSE(result.ok());
}

TEST_CASE("layer and collect do so for a typed pipeline, which can be printed and loaded back") {
  const Config config = recorded();
  const auto gate = pipe<TextContext>("gate")
                        .layer("score", config.pipe())
                        .layer(Length())
                        .map("upper", upper)
                        .layer("upper")
                        .collect(Value::map({{"by", "{{ a test }}"}}));
  const auto built = must(gate.build(runtime()));
  const std::string text = samples()[5].text;
  const PipelineResult result = must(built.run({.text = text}));
  REQUIRE(result.layers().size() == 3);
  CHECK(result.meta().find("by")->as_string() == "{{ a test }}");
  CHECK(result.score() == must(must(config.build_scorer(runtime())).score(text)));
  CHECK(result.layer("score")->meta.find("model")->as_string() == kScores);
  CHECK(result.layer("score")->meta.find("version")->as_string() == must(config.build_scorer(runtime())).version());
  CHECK(result.layer("length")->output.value() == Value(static_cast<std::int64_t>(text.size())));
  CHECK(result.layer("upper")->output.value() == Value(upper({.text = text})));
  CHECK(result.ok());

  // A layer that fails leaves the others their entries.
  const PipelineResult unknown = must(built.run({.text = ""}));
  REQUIRE(unknown.layers().size() == 3);
  CHECK(unknown.layer("length")->output.error().code() == Code::out_of_range);
  CHECK(unknown.layer("score")->output.error().code() == Code::not_found);
  CHECK(unknown.layer("upper")->ok());

  const auto printed = pipe<TextContext>("gate").layer("score", config.pipe()).map("upper", upper).layer("upper").collect();
  const std::string definition = must(must(printed.build(runtime())).definition());
  const auto loaded = must(Pipeline<TextContext, PipelineResult>::load(definition, runtime()));
  CHECK(must(loaded.run({.text = text})).score() == result.score());

  // Of a Result: its value, or its error.
  const auto tried = pipe<TextContext>("tried").try_map(Length()).layer("it").collect();
  CHECK(must(must(tried.build(runtime())).run({.text = "four"})).layer("it")->output.value() == Value(4));
  CHECK_FALSE(must(must(tried.build(runtime())).run({.text = ""})).layer("it")->output);
}

TEST_CASE("layers that nobody collects, or that have one name, are refused") {
  using namespace std::chrono_literals;
  const auto told = [](const auto& pipe) {
    const auto built = pipe.build(runtime());
    return built ? std::string("built") : built.error().text();
  };
  const auto begin = pipe<TextContext>("p");
  CHECK(told(begin.layer("a")).contains("the layer 'a' is not collected"));
  CHECK(told(begin.layer("a").timeout(1s)).contains("before a timeout"));
  CHECK(told(begin.group(pipe<TextContext>().layer("a"))).contains("the layer 'a' is not collected"));
  CHECK(told(begin.collect()).contains("there is none"));
  CHECK(told(begin.layer("a").layer("a").collect()).contains("two layers 'a'"));
  CHECK(told(begin.layer("").collect()).contains("needs a name"));
  CHECK(told(begin.layer("a").collect(Value(1))).contains("must be a map"));
  CHECK(told(begin.layer("a").collect().timeout(1s)) == "built");
  const auto flow = begin.layer("a").collect().build(Runtime(1));
  REQUIRE_FALSE(flow);
  CHECK(flow.error().text().contains("collect"));
}
