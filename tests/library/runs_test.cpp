// The runners with scorers of one's own, and what may go wrong with them.
#include <atomic>
#include <cmath>
#include <stdexcept>
#include <thread>

#include "library.h"

using namespace thalweg;
using namespace thalweg::scoring;
using namespace library_test;

namespace {

/// Accepts texts of more than four letters; has one label, "long".
ScoreResult by_length(const std::string& text) {
  const double raw = std::min(1.0, static_cast<double>(text.size()) / 10);
  return {.decision = raw > 0.4 ? Decision::accept : Decision::reject,
          .score = raw,
          .categories = {{.name = "length",
                          .score = raw,
                          .labels = {{.name = "long", .raw = raw, .calibrated = raw, .score = raw, .threshold = 0.5}}}}};
}

struct Single {
  Result<ScoreResult> score(const std::string& text) const {
    if (text == "broken") return std::unexpected(Error(Code::unavailable, "no model"));
    if (text == "thrown") throw std::runtime_error("bang");
    return by_length(text);
  }
};
struct Plain {  // cannot fail
  ScoreResult score(const std::string& text, const thalweg::Context& /*context*/) const { return by_length(text); }
};
struct Batched {
  std::size_t most = 4;
  std::atomic<std::size_t>* largest = nullptr;
  std::vector<Result<ScoreResult>> score_batch(std::span<const std::string> texts) const {
    if (largest != nullptr && texts.size() > *largest) *largest = texts.size();
    std::vector<Result<ScoreResult>> all;
    for (const std::string& text : texts) all.push_back(Single().score(text));
    return all;
  }
  std::size_t batch_size() const { return most; }
};
struct AsLayer {
  using Input = std::string;
  using Output = ScoreResult;
  Result<ScoreResult> process(const std::string& text, const thalweg::Context& /*context*/) const { return Single().score(text); }
  static std::string name() { return "own"; }
};
struct Nothing {
  static int score(int of) { return of; }
};
static_assert(Scorer<Single> && !BatchScorer<Single> && Scorer<Plain> && BatchScorer<Batched> && !Scorer<Batched>);
static_assert(ScoringLayer<AsLayer> && Scores<AsLayer> && !Scorer<AsLayer> && !Scores<Nothing> && !Scores<int>);
static_assert(Scorer<ScoreLayer> && BatchScorer<ScoreLayer> && Layer<ScoreLayer>);
static_assert(Scores<Pipeline<std::string, PipelineResult>> && !Scores<Pipeline<int, ScoreResult>>);

std::vector<Sample> five() {
  std::vector<Sample> all;
  for (const char* text : {"to be", "or not", "no", "broken", "that is it"}) {
    all.push_back({.id = text,
                   .text = text,
                   .expected_decision = Decision::accept,
                   .expected_labels = {"long", "other"},
                   .primary_category = "hamlet"});
  }
  return all;
}

void check_five(const Metrics& metrics) {
  CHECK(metrics.total == 4);
  CHECK(metrics.correct == 3);  // "no" is rejected
  CHECK(metrics.errors == 1);   // "broken" is neither
  CHECK(metrics.accuracy == 0.75);
  CHECK(metrics.per_category.at("hamlet").total == 4);
  const Metrics::Detection& label = metrics.per_label.at("long");
  CHECK(label.expected == 4);
  CHECK(label.detected == 3);
  CHECK(label.false_negatives == 1);
  CHECK(label.recall == 0.75);
  CHECK(metrics.details.find("error_codes")->find("UNAVAILABLE")->as_int() == 1);
}

}  // namespace

TEST_CASE("scorers, batch scorers, layers and pipelines of one's own run alike; failures are counted apart from rejections") {
  check_five(must(run_pipeline_async(Single(), five()).wait()));
  check_five(must(run_pipeline_async(AsLayer(), five()).wait()));
  check_five(must(run_batch_async(Batched(), five()).wait()));
  const auto pipeline = must(pipe<std::string>("own").map(AsLayer()).build(runtime()));
  check_five(must(run_pipeline_async(pipeline, five()).wait()));
  check_five(must(run_pipeline_async(must(pipe<std::string>("own").layer("score", AsLayer()).collect().build(runtime())), five(),
                                     {.concurrency = 2, .batch_size = 2})
                      .wait()));
  CHECK(must(run_pipeline_async(Plain(), five()).wait()).errors == 0);

  const ResultsRun run = must(run_pipeline_async_with_results(Single(), five()).wait());
  REQUIRE(run.results.size() == 5);
  CHECK(run.results[2].result.score()->decision == Decision::reject);
  CHECK(run.results[3].result.layer("score")->output.error().message() == "no model");
  CHECK_FALSE(run.results[3].result.score());
  CHECK(run.results[4].result.score() == by_length("that is it"));

  const ScoresRun scores = must(run_pipeline_async_with_scores(Batched(), five()).wait());
  CHECK(scores.samples[0].scores == std::vector<std::pair<std::string, double>>{{"long", 0.5}});
  CHECK(scores.samples[3].scores.empty());
  CHECK(scores.samples[3].expected_labels.size() == 2);
}

TEST_CASE("means over the labels expected are undefined where none is") {
  std::vector<Sample> data = five();
  CHECK(must(run_pipeline_async(Single(), data).wait()).recall == 0.75);  // "long" 3 of 4; no result names "other"
  for (Sample& sample : data) sample.expected_labels.clear();
  const Metrics metrics = must(run_pipeline_async(Single(), data).wait());
  CHECK(metrics.total == 4);
  CHECK_FALSE(metrics.precision);
  CHECK_FALSE(metrics.recall);
  CHECK_FALSE(metrics.f1);
  CHECK(metrics.details.find("macro")->find("f1")->is_null());
}

TEST_CASE("labels may be told only where they are found") {
  struct Sparse {
    ScoreResult score(const std::string& text) const {
      ScoreResult result = by_length(text);
      if (!result.categories[0].labels[0].detected()) result.categories.clear();
      return result;
    }
  };
  std::vector<Sample> data = five();
  std::swap(data[0], data[2]);  // the first result has no label
  const Metrics metrics = must(run_pipeline_async(Sparse(), data, {.concurrency = 1}).wait());
  const Metrics::Detection& label = metrics.per_label.at("long");
  CHECK(label.expected == 5);
  CHECK(label.detected == 4);
  CHECK(label.false_negatives == 1);
  CHECK(label.false_positives == 0);
}

TEST_CASE("progress comes in the order of the data, and batches have the size and number asked for") {
  std::vector<std::string> ids;
  std::size_t correct = 0;
  const auto show = [&](const scoring::Progress& progress) {
    ids.push_back(progress.id);
    CHECK(progress.current == ids.size());
    CHECK(progress.total == 5);
    correct += progress.correct ? 1 : 0;
  };
  check_five(must(run_pipeline_async(Single(), five(), {.concurrency = 3, .progress = show}).wait()));
  CHECK(ids == std::vector<std::string>{"to be", "or not", "no", "broken", "that is it"});
  CHECK(correct == 3);

  std::atomic<std::size_t> largest = 0;
  CHECK(run_batch_async(Batched{.most = 2, .largest = &largest}, five()).wait());
  CHECK(largest == 2);
  CHECK(run_batch_async(Batched{.most = 2, .largest = &largest}, five(), {.batch_size = 100}).wait());
  CHECK(largest == 5);
  for (const RunOptions& none : {RunOptions{.concurrency = 0}, RunOptions{.batch_size = 0}, RunOptions{.concurrency = 100'000}}) {
    const auto refused = run_batch_async(Batched(), five(), none).wait();
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code() == Code::invalid_argument);
  }
}

TEST_CASE("what a scorer throws or miscounts is that sample's error") {
  std::vector<Sample> data = five();
  data[3].text = "thrown";
  const ResultsRun run = must(run_pipeline_async_with_results(Single(), data).wait());
  CHECK(run.metrics.errors == 1);
  CHECK(run.results[3].result.layer("score")->output.error().code() == Code::internal);
  CHECK(run.results[3].result.layer("score")->output.error().message().contains("bang"));
  CHECK(must(run_batch_async(Batched(), data, {.batch_size = 5}).wait()).errors == 5);

  struct Short {
    std::vector<Result<ScoreResult>> score_batch(std::span<const std::string> texts) const { return {by_length(texts[0])}; }
    static std::size_t batch_size() { return 3; }
  };
  const ResultsRun few = must(run_pipeline_async_with_results(Short(), five()).wait());
  CHECK(few.metrics.errors == 5);
  CHECK(few.results[0].result.layer("score")->output.error().message().contains("gave 1 results for 3 texts"));

  const auto blind = must(pipe<std::string>("blind").layer("other").collect().build(runtime()));
  const ResultsRun none = must(run_pipeline_async_with_results(blind, five()).wait());
  CHECK(none.metrics.errors == 5);
  CHECK(none.results[0].result.layer("score")->output.error().message().contains("no layer 'score'"));
}

TEST_CASE("a run can be stopped: by its task, by the caller's context, by dropping it") {
  // Without end.
  const auto endless = [] {
    return Dataset(Dataset::Next([n = 0]() mutable -> Result<std::optional<Sample>> {
      return Sample{.id = std::to_string(n++), .text = "to be", .primary_category = "hamlet"};
    }));
  };
  std::atomic<bool> running = false;
  const RunOptions options{.progress = [&](const scoring::Progress&) {
    running = true;
    running.notify_all();
  }};
  const auto task = run_pipeline_async(Plain(), endless(), options);
  running.wait(false);
  CHECK_FALSE(task.done());
  task.cancel();
  REQUIRE_FALSE(task.wait());
  CHECK(task.wait().error().code() == Code::cancelled);

  std::stop_source stop;
  RunOptions stoppable{.context = runtime().context().with_stop(stop.get_token())};
  const auto by_context = run_pipeline_async(must(recorded().build_pipeline(runtime())), endless(), stoppable);
  stop.request_stop();
  CHECK(by_context.wait().error().code() == Code::cancelled);
  stoppable.context = runtime().context().with_deadline(runtime().clock().now() + 20 * kMillisecond);
  CHECK(run_pipeline_async(Plain(), endless(), stoppable).wait().error().code() == Code::deadline_exceeded);

  running = false;
  {
    const auto dropped = run_pipeline_async(Plain(), endless(), options);
    running.wait(false);
  }  // waits for its end
}

TEST_CASE("errors of the data end a run") {
  int left = 3;
  Dataset failing(Dataset::Next([&]() -> Result<std::optional<Sample>> {
    if (left-- > 0) return Sample{.id = "x", .text = "to be"};
    return std::unexpected(Error(Code::data_loss, "the disk is gone"));
  }));
  const auto run = run_pipeline_async(Plain(), std::move(failing)).wait();
  REQUIRE_FALSE(run);
  CHECK(run.error().code() == Code::data_loss);
}

TEST_CASE("a data set is checked against the configuration: what is wrong is passed over, or, when strict, ends the run") {
  const Scratch folder;
  const std::string text = samples()[0].text;
  const auto row = [&](const std::string& id, const std::string& category, const std::string& label) {
    return R"({"id": ")" + id + R"(", "text": ")" + text + R"(", "expected_decision": "accept", "expected_labels": [")" + label +
           R"("], "primary_category": ")" + category + "\"}\n";
  };
  const std::string path =
      folder.write("set.jsonl", row("a", "work", "task") + "{\"id\": \n" + row("b", "works", "task") + row("a", "work", "plan"));
  const Config config = recorded();
  const Metrics metrics = must(run_batch_async(must(config.build_scorer(runtime())), must(config.open(path))).wait());
  CHECK(metrics.total == 1);
  CHECK(metrics.dropped == 3);
  REQUIRE(metrics.problems.size() >= 3);
  CHECK_MESSAGE(metrics.problems[0].contains("set.jsonl:2"), metrics.problems[0]);

  const Config strict = recorded("strict: true\n");
  const auto refused = run_batch_async(must(strict.build_scorer(runtime())), must(strict.open(path))).wait();
  REQUIRE_FALSE(refused);
  CHECK_MESSAGE(refused.error().text().contains("set.jsonl:2"), refused.error().text());
  CHECK(config.open(folder / "none.json").error().code() == Code::not_found);
}

TEST_CASE("samples may bring their raw scores: from a file, from memory") {
  const Scratch folder;
  const Config recorded_config = recorded();
  const ScoreLayer scorer = must(recorded_config.build_scorer(runtime()));
  const std::string path = folder / "raw.jsonl";
  REQUIRE(must(export_pipeline_async(scorer, samples(), path).wait()).total == 112);
  const Config own =
      must(Config::parse("layers: {score: {model: {type: recorded}, threshold: 0.6, categories: {"
                         "work: {top_k: 1, labels: {task: {hypothesis: T., weight: 1}, "
                         "plan: {hypothesis: P., weight: 0.9}}}, "
                         "chat: {labels: {phatic: {hypothesis: H., veto: true, threshold: 0.01}}}}}}"));
  const ScoreLayer by_samples = must(own.build_scorer(runtime()));
  // The data set's labels and categories are not this configuration's: Dataset::open() does not mind.
  const ResultsRun run = must(run_pipeline_async_with_results(by_samples, must(Dataset::open(path, true))).wait());
  REQUIRE(run.results.size() == 112);
  CHECK(run.metrics.errors == 0);
  for (const SampleResult& one : run.results) CHECK(one.result.score() == must(scorer.score(one.sample.text)));

  const auto sample = [](const char* id, std::vector<std::pair<std::string, double>> scores) {
    return Sample{
        .id = id, .text = "A text", .expected_labels = {"task"}, .primary_category = "work", .scores = std::move(scores)};
  };
  const std::vector<Sample> data{sample("good", {{"phatic", 0}, {"task", 0.75}, {"plan", 0.5}, {"more", 1}}),
                                 sample("few", {{"task", 0.75}}), sample("nan", {{"phatic", 0}, {"task", NAN}, {"plan", 0.5}}),
                                 sample("none", {})};
  const ScoresRun scores = must(run_pipeline_async_with_scores(by_samples, data).wait());
  CHECK(scores.metrics.total == 1);
  CHECK(scores.metrics.errors == 3);
  CHECK(std::ranges::is_permutation(scores.samples[0].scores,
                                    std::vector<std::pair<std::string, double>>{{"task", 0.75}, {"plan", 0.5}, {"phatic", 0}}));
  CHECK(scores.samples[1].scores.empty());

  // Checked by the configuration, a row without the score of a label is left out.
  folder.write("few.jsonl", R"({"id": "a", "text": "A", "expected_decision": "accept", "expected_labels": ["task"],)"
                            R"("primary_category": "work", "scores": {"task": 0.75, "phatic": 0}})"
                            "\n");
  const Metrics few = must(run_batch_async(by_samples, must(own.open(folder / "few.jsonl"))).wait());
  CHECK(few.dropped == 1);
  REQUIRE(few.problems.size() == 1);
  CHECK_MESSAGE(few.problems[0].contains("few.jsonl:1: (a) there is no raw score of the label \"plan\""), few.problems[0]);
}

TEST_CASE("exported scores score again to the same; a run that fails leaves no file") {
  const Scratch folder;
  const Config config = recorded();
  const auto pipeline = must(config.build_pipeline(runtime()));
  for (const char* name : {"out.json", "out.jsonl"}) {
    const std::string path = folder / name;
    const Metrics exported = must(export_pipeline_async(pipeline, samples(), path).wait());
    CHECK(exported.total == 112);
    const Config again = must(Config::Layers()
                                  .text("layers: {score: {model: {type: recorded, scores: \"" + kScores +
                                        "\"}, threshold: 0.6, categories: {"
                                        "work: {top_k: 1, labels: {task: {hypothesis: T., weight: 1}, "
                                        "plan: {hypothesis: P., weight: 0.9}}}, "
                                        "chat: {labels: {phatic: {hypothesis: H., veto: true, threshold: 0.01}}}}}}")
                                  .set("layers.score.model.scores", path)
                                  .read());
    const ScoreLayer first = must(config.build_scorer(runtime()));
    const ScoreLayer second = must(again.build_scorer(runtime()));
    for (const Sample& sample : samples()) CHECK(must(first.score(sample.text)) == must(second.score(sample.text)));
  }
  std::vector<Sample> data = five();
  const Metrics failed = must(export_pipeline_async(Single(), data, folder / "five.jsonl").wait());
  CHECK(failed.errors == 1);

  Dataset failing(
      Dataset::Next([]() -> Result<std::optional<Sample>> { return std::unexpected(Error(Code::data_loss, "gone")); }));
  CHECK_FALSE(export_pipeline_async(Plain(), std::move(failing), folder / "lost.json").wait());
  CHECK(std::distance(std::filesystem::directory_iterator(folder.folder()), {}) == 3);
  const auto nowhere = export_pipeline_async(Plain(), five(), "/nonexistent/out.json").wait();
  REQUIRE_FALSE(nowhere);
  CHECK(nowhere.error().code() == Code::not_found);
}

TEST_CASE(
    "exported scores are marked as the command marks them: texts that the model was fitted on, and whose scores these are") {
  const Scratch folder;
  const Config memory = must(Config::read("memory"));
  const ScoreLayer scorer = must(memory.build_scorer(runtime()));
  std::vector<Sample> data = samples();
  data.push_back({.id = "new", .text = "Nobody labelled this one before", .primary_category = "task"});
  const auto marked = [](const std::vector<ScoredSample>& rows) {
    return std::ranges::count(rows, true, &ScoredSample::fitted_on);
  };

  const ScoresRun run = must(run_pipeline_async_with_scores(scorer, data).wait());
  REQUIRE(run.samples.size() == 113);
  CHECK(marked(run.samples) == 112);
  CHECK_FALSE(run.samples.back().fitted_on);
  for (const ScoredSample& one : run.samples) CHECK(one.model == scorer.version());
  CHECK(run.metrics.fitted_on == 112);
  CHECK(run.metrics.details.find("fitted_on")->as_int() == 112);

  const std::string ours = folder / "ours.jsonl", theirs = folder / "theirs.jsonl";
  CHECK(must(export_pipeline_async(scorer, must(memory.open(kSamples)), ours).wait()).fitted_on == 112);
  const std::string command =
      std::string(THALWEG_PROGRAM) + " eval score " + kSamples + " -c memory -o " + theirs + " > " + (folder / "told") + " 2>&1";
  REQUIRE_MESSAGE(std::system(command.c_str()) == 0, bytes_of(folder / "told"));
  CHECK(bytes_of(ours) == bytes_of(theirs));
  CHECK(bytes_of(ours).contains(R"("fitted_on":true)"));

  // The same through pipelines: alone, and inside of more, with functions that have no name.
  const std::string piped = folder / "piped.jsonl";
  CHECK(
      must(export_pipeline_async(must(memory.build_pipeline(runtime())), must(memory.open(kSamples)), piped).wait()).fitted_on ==
      112);
  CHECK(bytes_of(piped) == bytes_of(theirs));
  const auto layered = must(pipe<TextContext>("gate")
                                .map([](TextContext text) { return text; })
                                .layer("score", memory.pipe())
                                .collect()
                                .build(runtime()));
  const ScoresRun of_layers = must(run_pipeline_async_with_scores(layered, data).wait());
  CHECK(marked(of_layers.samples) == 112);
  CHECK(of_layers.samples[0].model == scorer.version());
  CHECK(of_layers.metrics.fitted_on == 112);

  // What the model was not fitted on, calibrations may have been: that counts for decisions, not for raw scores.
  const Config calibrated = must(Config::Layers()
                                     .text("layers: {score: {model: {type: recorded, scores: \"" + kScores +
                                           "\"}, training: {texts: \"shipped:memory.probe.json\"}, categories: {work: "
                                           "{top_k: 1, labels: {task: {hypothesis: T., weight: 1}}}}}}")
                                     .read());
  const ScoresRun recorded_run = must(run_pipeline_async_with_scores(must(calibrated.build_scorer(runtime())), samples()).wait());
  CHECK(marked(recorded_run.samples) == 0);
  CHECK(must(run_pipeline_async(must(calibrated.build_pipeline(runtime())), samples()).wait()).fitted_on == 112);
  CHECK(recorded_run.samples[0].model.empty());  // tests/data/loom/scores.json does not tell
  CHECK(recorded_run.metrics.fitted_on == 112);

  // Of a scorer of one's own nothing is known but what the samples tell.
  std::vector<Sample> own = five();
  own[1].fitted_on = true;
  const ScoresRun told = must(run_pipeline_async_with_scores(Single(), own).wait());
  CHECK(told.metrics.fitted_on == 1);
  CHECK(told.samples[1].fitted_on);
  CHECK(marked(told.samples) == 1);
  CHECK(told.samples[0].model.empty());
}

TEST_CASE("the last copy of a task may go inside its own work") {
  auto task = std::make_shared<std::optional<Task<int>>>();
  std::atomic<int> step = 0;
  *task = Task<int>::begin([&step, task](const std::stop_token& stop) mutable -> Result<int> {
    step.wait(0);
    task->reset();
    const bool stopped = stop.stop_requested();
    task.reset();
    step = 2;
    step.notify_all();
    return stopped ? 1 : 0;
  });
  task.reset();
  step = 1;
  step.notify_all();
  step.wait(1);
  CHECK(step == 2);
}
