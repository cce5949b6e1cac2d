#pragma once
// Data sets through scorers and pipelines. docs/scoring.md, "From C++".

#include <concepts>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "thalweg/layer.h"
#include "thalweg/pipeline.h"
#include "thalweg/scoring/any_scorer.h"
#include "thalweg/scoring/codecs.h"
#include "thalweg/scoring/dataset.h"
#include "thalweg/scoring/metrics.h"
#include "thalweg/scoring/score_layer.h"
#include "thalweg/task.h"

namespace thalweg::scoring {

namespace detail {
template <class S>
concept ScoresAlone = requires(const S& scorer, const std::string& text) {
  { scorer.score(text) } -> std::convertible_to<Result<ScoreResult>>;
};
template <class S>
concept ScoresInContext = requires(const S& scorer, const std::string& text, const thalweg::Context& context) {
  { scorer.score(text, context) } -> std::convertible_to<Result<ScoreResult>>;
};
using Results = std::vector<Result<ScoreResult>>;
template <class S>
concept BatchesAlone = requires(const S& scorer, std::span<const std::string> texts) {
  { scorer.score_batch(texts) } -> std::convertible_to<Results>;
};
template <class S>
concept BatchesInContext = requires(const S& scorer, std::span<const std::string> texts, const thalweg::Context& context) {
  { scorer.score_batch(texts, context) } -> std::convertible_to<Results>;
};
template <class T>
concept Input = std::same_as<T, TextContext> || std::same_as<T, std::string>;
template <class T>
concept Output = std::same_as<T, ScoreResult> || std::same_as<T, PipelineResult>;
template <class P>
inline constexpr bool is_scoring_pipeline = false;
template <Input In, Output Out>
inline constexpr bool is_scoring_pipeline<Pipeline<In, Out>> = true;
}  // namespace detail

/// score(text) or score(text, context), as const and from several threads at once: a ScoreResult, or a Result of one.
template <class S>
concept Scorer = detail::ScoresAlone<S> || detail::ScoresInContext<S>;

/// score_batch(texts) or score_batch(texts, context): a Result<ScoreResult> for each text; batch_size(): how many are best.
template <class S>
concept BatchScorer = (detail::BatchesAlone<S> || detail::BatchesInContext<S>) && requires(const S& scorer) {
  { scorer.batch_size() } -> std::convertible_to<std::size_t>;
};

/// A Layer that scores.
template <class L>
concept ScoringLayer = Layer<L> && detail::Input<typename L::Input> && detail::Output<typename L::Output>;

/// What the runners take: also a Pipeline from TextContext or std::string to ScoreResult or PipelineResult.
template <class S>
concept Scores = Scorer<S> || BatchScorer<S> || ScoringLayer<S> || detail::is_scoring_pipeline<S>;

struct Progress {
  std::size_t current = 0;             ///< samples done, this one too
  std::optional<std::size_t> total{};  ///< where it is known
  std::string id{};                    ///< of the sample
  bool correct = false;                ///< decided as expected; false when it failed
};

struct RunOptions {
  std::optional<std::size_t> concurrency{};  ///< batches under way at once; else the scorer's, or 4
  std::optional<std::size_t> batch_size{};   ///< texts given at once; else the scorer's, or 8 of a pipeline
  /// Called for every sample, in the order of the data, on the thread of the run.
  std::function<void(const Progress&)> progress{};
  std::optional<thalweg::Context> context{};  ///< its deadline and stop hold, beside Task::cancel()
};

/// A sample and all that was said of it.
struct SampleResult {
  Sample sample;
  PipelineResult result;  ///< a layer "score" with an error where its scorer failed
};
struct ResultsRun {
  Metrics metrics;
  std::vector<SampleResult> results;  ///< in the order of the data
};
struct ScoresRun {
  Metrics metrics;
  std::vector<ScoredSample> samples;  ///< in the order of the data; without scores where the scorer failed
};

namespace detail {

template <class S>
auto score_in(const S& scorer, const std::string& text, const thalweg::Context& context) {
  if constexpr (ScoresInContext<S>) {
    return Result<ScoreResult>(scorer.score(text, context));
  } else {
    return Result<ScoreResult>(scorer.score(text));
  }
}

template <Input In>
In input_of(TextContext context) {
  if constexpr (std::same_as<In, std::string>) {
    return std::move(context.text);
  } else {
    return context;
  }
}

/// A scorer of the user's, which waits: on threads for that.
template <class S>
class Waiting final : public AnyScorer {
 public:
  Waiting(S scorer, std::size_t threads) : scorer_(std::move(scorer)), workers_(threads) {}
  void start(std::vector<TextContext> texts, const thalweg::Context& context, Done done) override {
    workers_.post([this, texts = std::move(texts), context, done = std::move(done)]() mutable { done(results(texts, context)); });
  }
  [[nodiscard]] std::size_t batch_size() const override {
    if constexpr (BatchScorer<S>) {
      return static_cast<std::size_t>(scorer_.batch_size());
    } else {
      return 1;
    }
  }

 private:
  std::vector<Result<Scored>> results(std::vector<TextContext>& texts, const thalweg::Context& context) const {
    std::vector<Result<Scored>> out;
    out.reserve(texts.size());
    if constexpr (BatchScorer<S>) {
      try {
        batch(texts, context, out);
      } catch (...) {
        out.assign(texts.size(), std::unexpected(thrown()));
      }
    } else {
      for (TextContext& text : texts) {
        try {
          out.push_back(one(text, context));
        } catch (...) {
          out.emplace_back(std::unexpected(thrown()));
        }
      }
    }
    return out;
  }
  void batch(std::vector<TextContext>& contexts, const thalweg::Context& context, std::vector<Result<Scored>>& out) const {
    std::vector<std::string> texts;
    for (TextContext& one : contexts) texts.push_back(std::move(one.text));
    Results results;
    if constexpr (BatchesInContext<S>) {
      results = scorer_.score_batch(std::span<const std::string>(texts), context);
    } else {
      results = scorer_.score_batch(std::span<const std::string>(texts));
    }
    for (Result<ScoreResult>& result : results) out.push_back(detail::scored(std::move(result)));
  }
  Result<Scored> one(TextContext& text, const thalweg::Context& context) const {
    if constexpr (ScoringLayer<S>) {
      return detail::scored(Result<typename S::Output>(scorer_.process(input_of<typename S::Input>(std::move(text)), context)));
    } else {
      return detail::scored(score_in(scorer_, text.text, context));
    }
  }
  const S scorer_;
  Workers workers_;  // goes first: it waits for what it runs
};

template <class In, class Out>
class Piped final : public AnyScorer {
 public:
  explicit Piped(Pipeline<In, Out> pipeline) : pipeline_(std::move(pipeline)) {}
  void start(std::vector<TextContext> texts, const thalweg::Context& context, Done done) override {
    const auto gather = std::make_shared<Gather>(texts.size(), std::move(done));
    for (std::size_t i = 0; i < texts.size(); ++i) {
      pipeline_.start(input_of<In>(std::move(texts[i])), context,
                      [gather, i](Result<Out> result) { gather->set(i, detail::scored(std::move(result))); });
    }
  }
  [[nodiscard]] std::size_t batch_size() const override { return 8; }
  [[nodiscard]] std::optional<thalweg::Context> context() const override { return pipeline_.context(); }
  void each_stage(const std::function<void(const Stage&)>& visit) const override { pipeline_.each_stage(visit); }

 private:
  const Pipeline<In, Out> pipeline_;
};

template <Scores S>
std::shared_ptr<AnyScorer> any_scorer(S scorer, std::size_t threads) {
  return std::make_shared<Waiting<S>>(std::move(scorer), threads);
}
template <class In, class Out>
std::shared_ptr<AnyScorer> any_scorer(Pipeline<In, Out> pipeline, std::size_t /*threads*/) {
  return std::make_shared<Piped<In, Out>>(std::move(pipeline));
}

[[nodiscard]] Task<Metrics> run(std::shared_ptr<AnyScorer> scorer, Dataset data, RunOptions options);
[[nodiscard]] Task<ResultsRun> run_with_results(std::shared_ptr<AnyScorer> scorer, Dataset data, RunOptions options);
[[nodiscard]] Task<ScoresRun> run_with_scores(std::shared_ptr<AnyScorer> scorer, Dataset data, RunOptions options);
[[nodiscard]] Task<Metrics> run_to_file(std::shared_ptr<AnyScorer> scorer, Dataset data, std::string path, RunOptions options);

template <class S>
std::shared_ptr<AnyScorer> driven(S scorer, const RunOptions& options) {
  return detail::any_scorer(std::move(scorer), options.concurrency.value_or(4));
}

}  // namespace detail

// Each begins a run on a thread of its own and returns. A sample whose scorer fails is counted apart from those rejected. The
// task's errors: those of the data, cancelled, deadline_exceeded, invalid_argument for a concurrency or batch_size of 0.

/// The figures alone, in constant memory.
///
///     auto task = run_pipeline_async(pipeline, TRY(config.open("messages.jsonl")), {.progress = show});
///     const Metrics metrics = TRY(task.wait());
template <Scores S>
[[nodiscard]] Task<Metrics> run_pipeline_async(S scorer, Dataset data, RunOptions options = {}) {
  auto driven = detail::driven(std::move(scorer), options);
  return detail::run(std::move(driven), std::move(data), std::move(options));
}
/// ... and a PipelineResult for every sample.
template <Scores S>
[[nodiscard]] Task<ResultsRun> run_pipeline_async_with_results(S scorer, Dataset data, RunOptions options = {}) {
  auto driven = detail::driven(std::move(scorer), options);
  return detail::run_with_results(std::move(driven), std::move(data), std::move(options));
}
/// ... and the raw scores of every sample. Of a ScoreLayer, and of a pipeline with one stage `score`, they tell whose they are
/// (`model`) and which texts that model was fitted on (`fitted_on`); of a pipeline with several such stages only the latter, of
/// any of them; of all else only what the samples tell. Errors also: those of the files that say so.
template <Scores S>
[[nodiscard]] Task<ScoresRun> run_pipeline_async_with_scores(S scorer, Dataset data, RunOptions options = {}) {
  auto driven = detail::driven(std::move(scorer), options);
  return detail::run_with_scores(std::move(driven), std::move(data), std::move(options));
}
/// Raw scores into a file (.json a document, all else JSONL): what `thalweg eval train` reads, row by row as `thalweg eval score`
/// writes it, with `model` and `fitted_on` as above, so that training takes no scores of texts that their model knew. It is there
/// when the run has ended well, not before. Errors also: those of the file.
template <Scores S>
[[nodiscard]] Task<Metrics> export_pipeline_async(S scorer, Dataset data, std::string path, RunOptions options = {}) {
  auto driven = detail::driven(std::move(scorer), options);
  return detail::run_to_file(std::move(driven), std::move(data), std::move(path), std::move(options));
}
/// In batches of the scorer's size, several at once.
template <BatchScorer S>
[[nodiscard]] Task<Metrics> run_batch_async(S scorer, Dataset data, RunOptions options = {}) {
  auto driven = detail::driven(std::move(scorer), options);
  return detail::run(std::move(driven), std::move(data), std::move(options));
}

}  // namespace thalweg::scoring
