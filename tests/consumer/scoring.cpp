// Scoring through the installed headers alone: a configuration, one text, a data set, a scorer and a pipeline of one's own.
// Argument: the folder of the data.
#include <thalweg/scoring.h>
#include <thalweg/thalweg.h>

#include <cstdio>
#include <string>

namespace scoring = thalweg::scoring;

namespace {

bool expect(bool holds, const char* what) {
  if (!holds) std::printf("wrong: %s\n", what);
  return holds;
}

struct Shortness {
  static scoring::ScoreResult score(const std::string& text) {
    return {.decision = text.size() > 15 ? scoring::Decision::accept : scoring::Decision::reject,
            .score = 0.5,
            .reason = {},
            .categories = {}};
  }
};
static_assert(scoring::Scorer<Shortness>);

std::int64_t characters(const scoring::TextContext& input) { return static_cast<std::int64_t>(input.text.size()); }

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) return 2;
  const std::string folder = arguments[1];
  const auto config = scoring::Config::parse("{layers: {score: {model: {type: recorded, scores: \"" + folder +
                                             "/scores.json\"}, combiner: {weights: {phatic: -1}, bias: -4}, categories: "
                                             "{chat: {top_k: 1, labels: {phatic: {hypothesis: Small talk.}}}}}}}");
  if (!config) {
    std::printf("%s\n", config.error().text().c_str());
    return 1;
  }
  const thalweg::Runtime runtime(2, thalweg::StageTypes::all());
  const auto scorer = config->build_scorer(runtime);
  const auto pipeline = config->build_pipeline(runtime);
  bool good = expect(scorer && pipeline, "a scorer and a pipeline");
  if (!good) return 1;

  const std::string text = "Remember to call Mom on her birthday next Tuesday";
  const auto one = scorer->score(text);
  const auto same = pipeline->run({.text = text});
  good &= expect(one && one->accepted() && same && *same == *one, "one text");
  good &= expect(scorer->classify(text).score() == *one, "one text with its metadata");
  good &= expect(!scorer->score("A text that was never recorded"), "an error");

  const std::string samples = folder + "/label.samples.json";
  auto data = scoring::Dataset::open(samples);
  good &= expect(data.has_value(), "the data");
  const auto metrics = scoring::run_batch_async(*scorer, std::move(*data)).wait();
  good &= expect(metrics && metrics->total == 112 && metrics->errors == 0 && metrics->accuracy > metrics->majority, "a data set");

  const auto whole = thalweg::pipe<scoring::TextContext>("gate")
                         .layer("score", config->pipe())
                         .layer("length", "characters", characters)
                         .collect()
                         .build(runtime);
  const auto results = scoring::run_pipeline_async_with_results(*whole, *scoring::Dataset::open(samples)).wait();
  good &= expect(results && results->metrics.correct == metrics->correct && results->results[1].result.layers().size() == 2 &&
                     results->results[1].result.score() == *one,
                 "a pipeline of several layers");
  const auto own = scoring::run_pipeline_async(Shortness(), *scoring::Dataset::open(samples)).wait();
  good &= expect(own && own->total == 112, "a scorer of one's own");
  if (good) std::printf("%zu of %zu\n", metrics->correct, metrics->total);
  return good ? 0 : 1;
}
