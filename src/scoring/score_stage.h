#pragma once
// What a stage that scores tells of itself, for who asks on what its scores rest.

#include "engine/stage.h"
#include "scoring/models/label_model.h"
#include "scoring/score_config.h"

namespace thalweg::scoring {

/// The stage `score` of a compiled pipeline is one.
class ScoringStage : public Stage {
 public:
  [[nodiscard]] virtual const ScoreConfig& config() const noexcept = 0;
  [[nodiscard]] virtual const ModelSource& source() const noexcept = 0;  ///< of its models
};

}  // namespace thalweg::scoring
