#pragma once
// What gives texts their raw scores, label by label.

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "models/models.h"
#include "scoring/score_config.h"
#include "thalweg/context.h"

namespace thalweg::scoring {

/// A text to be scored.
struct Input {
  std::string text{};
  std::string id{};           ///< of its sample; empty when it has none
  std::vector<double> raw{};  ///< raw scores that it brings, by column; only a recorded model without a file takes them
  /// As models::Text has it, of the whole text; where the model splits long ones. May be empty.
  std::function<void(double share)> part_done{};
};

/// Texts x labels of raw scores, row after row, in [0, 1].
struct RawScores {
  std::vector<double> values;
  std::int64_t inference_ns = 0;  ///< from asking the model to its answer, for the whole batch
  std::int64_t tokens = 0;
};

/// A model with the labels it is asked about: their columns and hypotheses are settled when it is opened. Thread-safe. A text's
/// row never depends on the other texts of its batch.
class LabelModel {
 public:
  using Done = std::move_only_function<void(Result<RawScores>)>;
  virtual ~LabelModel() = default;

  /// Does not wait: `done` comes once, from any thread, possibly before score() returns. Errors: of any text of the batch; those
  /// of the model; cancelled, deadline_exceeded.
  virtual void score(std::vector<Input> inputs, const Context& context, Done done) = 0;

  [[nodiscard]] virtual const std::string& name() const noexcept = 0;  ///< "minilm"
  /// Of the model's files, probes, prompts and hypotheses: equal identities give equal raw scores.
  [[nodiscard]] virtual const std::string& identity() const noexcept = 0;
};

/// The same, waiting. Not on the engine's threads.
[[nodiscard]] Result<RawScores> score(LabelModel& model, std::vector<Input> inputs, const Context& context);

struct LabelsAsked {
  std::vector<std::string> names;       ///< by column
  std::vector<std::string> hypotheses;  ///< of these
};

/// Where models come from.
struct ModelSource {
  std::shared_ptr<models::Models> models;
  std::string
      folder;  ///< vectors of hypotheses are kept below it, so that the next program need not compute them; empty: not kept
};

/// Opens the model behind a configuration; loads it, which takes about 100 ms. Errors: those of Models and of the files named.
[[nodiscard]] Result<std::shared_ptr<LabelModel>> open_label_model(const ModelConfig& config, const LabelsAsked& labels,
                                                                   const ModelSource& source, const Context& context);

/// One each, as open_label_model chooses.
[[nodiscard]] Result<std::shared_ptr<LabelModel>> open_embedding_model(const ModelConfig& config, const LabelsAsked& labels,
                                                                       const ModelSource& source, const Context& context);
[[nodiscard]] Result<std::shared_ptr<LabelModel>> open_entailment_model(const ModelConfig& config, const LabelsAsked& labels,
                                                                        const std::shared_ptr<models::Models>& models);
[[nodiscard]] Result<std::shared_ptr<LabelModel>> open_judge_model(const ModelConfig& config, const LabelsAsked& labels,
                                                                   const std::shared_ptr<models::Models>& models);
[[nodiscard]] Result<std::shared_ptr<LabelModel>> open_recorded_model(const ModelConfig& config, const LabelsAsked& labels);

/// The identity of what each of them opens, without loading it. Errors: those of the files named.
[[nodiscard]] Result<std::string> embedding_identity(const ModelConfig& config, const LabelsAsked& labels,
                                                     models::Models& models);
[[nodiscard]] Result<std::string> entailment_identity(const ModelConfig& config, const LabelsAsked& labels,
                                                      models::Models& models);
[[nodiscard]] Result<std::string> judge_identity(const ModelConfig& config, const LabelsAsked& labels, models::Models& models);

}  // namespace thalweg::scoring
