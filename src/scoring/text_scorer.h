#pragma once
// A model and a compiled configuration: texts in, decisions out. Single texts, batches, data sets and pipelines all come here.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "scoring/models/label_model.h"
#include "scoring/score_plan.h"

namespace thalweg::scoring {

/// What became of a batch of texts: contiguous arrays, row after row.
struct BatchScores {
  std::vector<double> raw;                   ///< texts x columns; zeros where the model failed
  std::vector<std::size_t> characters;       ///< of each text
  std::vector<Verdict> verdicts;             ///< of each text; says nothing where the model failed
  std::vector<std::optional<Error>> errors;  ///< of each text
  std::int64_t elapsed_ns = 0;               ///< for the whole batch, from score() to its end
  std::int64_t inference_ns = 0;             ///< of it, the model's
  std::int64_t tokens = 0;
};

/// Immutable but for what the model keeps; thread-safe. Equal texts get equal scores, bit for bit, in every batch.
class TextScorer {
 public:
  using Done = std::move_only_function<void(BatchScores)>;
  TextScorer(const ScoreConfig& config, std::shared_ptr<LabelModel> model);

  /// Opens the model, too. Errors: open_label_model's.
  [[nodiscard]] static Result<std::shared_ptr<TextScorer>> open(const ScoreConfig& config, const ModelSource& source,
                                                                const Context& context);

  /// Why a text, of so many characters, is not given to the model: it is blank, or too long (ScoreConfig::max_characters).
  /// Nothing when it is given; recorded scores refuse none.
  [[nodiscard]] std::optional<Error> refused(std::string_view text, std::size_t characters) const;

  /// Does not wait. A text that is refused is its own error, and costs no other anything. A batch that fails is tried again text
  /// by text, so that one bad text costs no other its scores; a stop or deadline is each text's error.
  void score(std::vector<Input> inputs, const Context& context, Done done) const;
  /// The same, waiting. Not on the engine's threads.
  [[nodiscard]] BatchScores score(std::vector<Input> inputs, const Context& context) const;

  /// Everything about text `i` of a batch. Errors: the text's own.
  [[nodiscard]] Result<ScoreResult> result(const BatchScores& batch, std::size_t i) const;
  /// {elapsed_ns, inference_ns, batch_size, model, version} of a batch.
  [[nodiscard]] Value meta(const BatchScores& batch) const {
    return meta(batch.verdicts.size(), batch.elapsed_ns, batch.inference_ns);
  }
  [[nodiscard]] Value meta(std::size_t texts, std::int64_t elapsed_ns, std::int64_t inference_ns) const;

  [[nodiscard]] const ScorePlan& plan() const noexcept { return plan_; }
  [[nodiscard]] const LabelModel& model() const noexcept { return *model_; }

 private:
  struct Job;
  void score_one_by_one(const std::shared_ptr<Job>& job) const;
  void finish(Job& job) const;
  const ScorePlan plan_;
  const std::shared_ptr<LabelModel> model_;
  const bool recorded_;
  const std::size_t max_characters_;
};

}  // namespace thalweg::scoring
