#pragma once
// A configuration and its model, ready: texts in, decisions out.

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "thalweg/context.h"
#include "thalweg/error.h"
#include "thalweg/runtime.h"
#include "thalweg/scoring/codecs.h"
#include "thalweg/scoring/pipeline_result.h"
#include "thalweg/scoring/score_result.h"
#include "thalweg/scoring/text_context.h"

namespace thalweg::scoring {

class Config;
struct ScoreConfig;
class ScoreLayer;
class TextScorer;
namespace detail {
class AnyScorer;
class Configured;
[[nodiscard]] std::shared_ptr<AnyScorer> any_scorer(ScoreLayer layer, std::size_t threads);
}  // namespace detail

/// What Config::build_scorer() gives. A handle: copies are the same scorer, and several threads may use it at once. A text gets
/// the same scores, bit for bit, alone, in batches of any size, from several threads and in a pipeline.
///
///     const auto scorer = TRY(TRY(scoring::Config::read("gate.yaml")).build_scorer());
///     const auto result = TRY(scorer.score("Remember to call Mom on her birthday"));
///     if (result.accepted()) keep(result.score, result.reason.text());
///
/// It is a Scorer, a BatchScorer and a Layer. Functions that wait must not be called from a pipeline's own functions: there, take
/// Config::pipe().
class ScoreLayer {
 public:
  using Input = TextContext;
  using Output = ScoreResult;

  /// Waits. A rejected text is a result. Errors: those of the model; invalid_argument for a text that is blank, too long or no
  /// UTF-8; cancelled, deadline_exceeded.
  [[nodiscard]] Result<ScoreResult> score(const std::string& text) const;
  [[nodiscard]] Result<ScoreResult> score(const std::string& text, const thalweg::Context& context) const;
  /// All in one batch; one text that fails costs no other its result.
  [[nodiscard]] std::vector<Result<ScoreResult>> score_batch(std::span<const std::string> texts) const;
  [[nodiscard]] std::vector<Result<ScoreResult>> score_batch(std::span<const std::string> texts,
                                                             const thalweg::Context& context) const;
  /// The same with what it took: the layer "score" with its metadata (elapsed_ns, inference_ns, batch_size, model, version). A
  /// text that failed is a failed layer.
  [[nodiscard]] PipelineResult classify(const std::string& text) const;
  [[nodiscard]] std::vector<PipelineResult> classify_batch(std::span<const std::string> texts,
                                                           const thalweg::Context& context) const;
  /// Does not wait: `done` gets the results once, from a thread of the model.
  void start(std::vector<std::string> texts, const thalweg::Context& context,
             std::move_only_function<void(std::vector<Result<ScoreResult>>)> done) const;

  /// As a Layer.
  [[nodiscard]] Result<ScoreResult> process(const TextContext& input, const thalweg::Context& context) const {
    return score(input.text, context);
  }
  [[nodiscard]] std::string name() const { return std::string(kScoreLayer); }

  /// Texts that are best given at once: the configuration's `batch_size`.
  [[nodiscard]] std::size_t batch_size() const noexcept;
  [[nodiscard]] const std::vector<std::string>& labels() const noexcept;  ///< by name, each once
  [[nodiscard]] const std::vector<std::string>& categories() const noexcept;
  [[nodiscard]] const std::string& model() const noexcept;    ///< its name
  [[nodiscard]] const std::string& version() const noexcept;  ///< of its files, probes and hypotheses: equal ones score equally
  /// A context without deadline.
  [[nodiscard]] thalweg::Context context() const { return runtime_.context(); }

 private:
  friend class Config;
  friend class detail::Configured;
  struct Limits {
    std::size_t batch_size;
    std::size_t concurrency;
  };
  ScoreLayer(Runtime runtime, std::shared_ptr<const ScoreConfig> config, std::shared_ptr<const TextScorer> scorer, Limits limits)
      : runtime_(std::move(runtime)), config_(std::move(config)), scorer_(std::move(scorer)), limits_(limits) {}
  Runtime runtime_;
  std::shared_ptr<const ScoreConfig> config_;
  std::shared_ptr<const TextScorer> scorer_;
  Limits limits_;
};

}  // namespace thalweg::scoring
