// A text gets the same result, bit for bit, whichever way it goes.
#include <atomic>
#include <thread>

#include "library.h"

using namespace thalweg;
using namespace thalweg::scoring;
using namespace library_test;

namespace {

const std::vector<std::string> kTexts{
    "Remember to feed the cat.",
    "ok",
    "The dog barked at the mailman until he left the street, and then it slept for the rest of the afternoon.",
    "Tomorrow at nine we meet in front of the station.",
    "caf\u00E9 na\u00EFve \U0001F680\U0001F30A",
    "\u6C34\u6DF1\u6D41\u7DE9",
    "A cat and a dog share one basket since we moved to the new flat.",
};

/// Sentence embeddings, a real model.
const Config& minilm() {
  static const Config config = must(
      Config::parse("{batch_size: 3, layers: {score: {threshold: 0.55, model: {type: sentence_embeddings, model: " THALWEG_MINILM
                    "}, categories: {animals: {labels: {cat: {hypothesis: This text is about a cat., threshold: 0.5, weight: 1}, "
                    "dog: {hypothesis: This text is about a dog., threshold: 0.5, weight: 1}}}}}}}"));
  return config;
}

std::vector<Sample> some() {
  std::vector<Sample> all;
  for (std::size_t i = 0; i < kTexts.size(); ++i) {
    all.push_back({.id = "s" + std::to_string(i),
                   .text = kTexts[i],
                   .expected_decision = i % 2 == 0 ? Decision::accept : Decision::reject,
                   .expected_labels = {i % 3 == 0 ? "cat" : "bird"},
                   .primary_category = "animals"});
  }
  return all;
}

/// All but the times.
void check_same(const Metrics& a, const Metrics& b) {
  CHECK(a.total == b.total);
  CHECK(a.correct == b.correct);
  CHECK(a.errors == b.errors);
  CHECK(a.accuracy == b.accuracy);
  CHECK(a.majority == b.majority);
  CHECK(a.per_category == b.per_category);
  CHECK(a.per_label == b.per_label);
  CHECK(a.f1 == b.f1);
  for (const char* figure : {"decisions", "micro", "mean_auc", "mean_log_loss"})
    CHECK(*a.details.find(figure) == *b.details.find(figure));
}

}  // namespace

TEST_CASE("one text, a batch, threads and a pipeline agree") {
  const ScoreLayer scorer = must(minilm().build_scorer(runtime()));
  const auto pipeline = must(minilm().build_pipeline(runtime()));
  static_assert(std::same_as<decltype(pipeline), const Pipeline<TextContext, ScoreResult>>);
  std::vector<ScoreResult> single;
  for (const std::string& text : kTexts) single.push_back(must(scorer.score(text)));
  CHECK(std::ranges::any_of(single, &ScoreResult::accepted));
  CHECK_FALSE(std::ranges::all_of(single, &ScoreResult::accepted));
  CHECK(scorer.labels() == std::vector<std::string>{"cat", "dog"});
  CHECK(scorer.batch_size() == 3);

  const auto batch = scorer.score_batch(kTexts);
  REQUIRE(batch.size() == kTexts.size());
  for (std::size_t i = 0; i < kTexts.size(); ++i) {
    CHECK(must(batch[i]) == single[i]);
    CHECK(must(pipeline.run({.text = kTexts[i]})) == single[i]);
    CHECK(scorer.classify(kTexts[i]).score() == single[i]);
    CHECK(must(scorer.process({.text = kTexts[i]}, scorer.context())) == single[i]);
  }
  CHECK(scorer.score_batch({}).empty());

  std::vector<TextContext> contexts;
  for (const std::string& text : kTexts) contexts.push_back({.text = text});
  const auto many = pipeline.run_many(contexts);
  for (std::size_t i = 0; i < kTexts.size(); ++i) CHECK(must(many[i]) == single[i]);

  std::atomic<int> different = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (std::size_t i = 0; i < kTexts.size(); ++i) {
        const std::size_t at = (i + static_cast<std::size_t>(t)) % kTexts.size();
        const auto result = t % 2 == 0 ? scorer.score(kTexts[at]) : pipeline.run({.text = kTexts[at]});
        if (!result || *result != single[at]) ++different;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(different == 0);

  std::atomic<bool> done = false;
  std::vector<Result<ScoreResult>> started;
  scorer.start(kTexts, scorer.context(), [&](std::vector<Result<ScoreResult>> results) {
    started = std::move(results);
    done = true;
    done.notify_all();
  });
  done.wait(false);
  for (std::size_t i = 0; i < kTexts.size(); ++i) CHECK(must(started[i]) == single[i]);
}

TEST_CASE("runs over data agree with single texts and with each other, whatever the batches") {
  const ScoreLayer scorer = must(minilm().build_scorer(runtime()));
  const auto pipeline = must(minilm().build_pipeline(runtime()));
  const auto whole = must(pipe<TextContext>("whole").layer("score", minilm().pipe()).collect().build(runtime()));
  const Metrics reference = must(run_batch_async(scorer, some()).wait());
  CHECK(reference.total == kTexts.size());
  CHECK(reference.per_label.at("cat").expected == 3);
  const auto same_results = [&](const ResultsRun& run, bool with_model) {
    check_same(run.metrics, reference);
    REQUIRE(run.results.size() == kTexts.size());
    for (std::size_t i = 0; i < kTexts.size(); ++i) {
      CHECK(run.results[i].sample.id == "s" + std::to_string(i));
      CHECK(run.results[i].result.score() == must(scorer.score(kTexts[i])));
      const Value& meta = run.results[i].result.layer("score")->meta;
      CHECK(meta.find("batch_size")->is_int());
      CHECK((meta.find("version") != nullptr) == with_model);
    }
  };
  for (const std::size_t batch : {1, 2, 7, 64}) {
    const RunOptions options{.concurrency = 1 + batch % 3, .batch_size = batch};
    same_results(must(run_pipeline_async_with_results(scorer, some(), options).wait()), true);
    same_results(must(run_pipeline_async_with_results(pipeline, some(), options).wait()), false);
    same_results(must(run_pipeline_async_with_results(whole, some(), options).wait()), true);
    check_same(must(run_pipeline_async(pipeline, some(), options).wait()), reference);
    const ScoresRun scores = must(run_pipeline_async_with_scores(pipeline, some(), options).wait());
    const ScoresRun by_scorer = must(run_pipeline_async_with_scores(scorer, some(), options).wait());
    check_same(scores.metrics, reference);
    for (std::size_t i = 0; i < kTexts.size(); ++i) {
      CHECK(scores.samples[i].scores == must(scorer.score(kTexts[i])).labels());
      CHECK(by_scorer.samples[i].scores == scores.samples[i].scores);
      CHECK(scores.samples[i].expected_decision == some()[i].expected_decision);
    }
  }
}

TEST_CASE("the recorded scores of 112 texts, through every way") {
  const Config config = recorded();
  const ScoreLayer scorer = must(config.build_scorer(runtime()));
  const auto pipeline = must(config.build_pipeline(runtime()));
  const Metrics reference = must(run_batch_async(scorer, samples()).wait());
  CHECK(reference.total == 112);
  CHECK(reference.errors == 0);
  CHECK(reference.majority == doctest::Approx(95.0 / 112));
  CHECK(reference.per_category.at("task").total == 17);
  CHECK(reference.per_label.at("phatic").expected == 17);
  check_same(must(run_pipeline_async(pipeline, samples()).wait()), reference);
  const auto from_text = must(pipe<std::string>("text")
                                  .map([](const std::string& text) { return TextContext{.text = text}; })
                                  .then(config.pipe())
                                  .build(runtime()));
  check_same(must(run_pipeline_async(from_text, samples(), {.concurrency = 9, .batch_size = 5}).wait()), reference);
}
