#pragma once
// Where raw scores come from: whose they are, and which texts they were fitted on. Told without loading a model.

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "models/models.h"
#include "scoring/fitted_texts.h"
#include "scoring/score_config.h"

namespace thalweg::scoring {

/// The identity of the model that gives a configuration's raw scores (LabelModel::identity()); of recorded scores that which the
/// file tells, empty when it tells none. Errors: those of the files named.
[[nodiscard]] Result<std::string> scores_origin(const ScoreConfig& config, models::Models& models);

/// The texts that something was fitted on, of one or several files.
class TextsSeen {
 public:
  /// By what gives raw scores: the probe; of recorded scores those that the file marks. Errors: those of the files.
  [[nodiscard]] static Result<TextsSeen> by_scores(const ScoreConfig& config);
  /// By that and by what stands on it: calibrations, combiner, thresholds (`training.texts`). Errors: those of the files.
  [[nodiscard]] static Result<TextsSeen> by_decisions(const ScoreConfig& config);

  void add(TextsSeen more);
  [[nodiscard]] bool contains(std::string_view text) const noexcept;

 private:
  std::vector<FittedTexts> sets_;
};

}  // namespace thalweg::scoring
