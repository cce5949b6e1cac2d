#pragma once
// The scorer of a configuration among those that the runners drive.

#include "scoring/text_scorer.h"
#include "thalweg/scoring/any_scorer.h"
#include "thalweg/scoring/score_layer.h"

namespace thalweg::scoring::detail {

class Configured final : public AnyScorer {
 public:
  explicit Configured(ScoreLayer layer) : layer_(std::move(layer)) {}
  void start(std::vector<TextContext> texts, const thalweg::Context& context, Done done) override;
  [[nodiscard]] std::size_t batch_size() const override { return layer_.limits_.batch_size; }
  [[nodiscard]] std::size_t concurrency() const override { return layer_.limits_.concurrency; }
  [[nodiscard]] std::optional<thalweg::Context> context() const override { return layer_.context(); }
  [[nodiscard]] const TextScorer* text_scorer() const override { return layer_.scorer_.get(); }
  [[nodiscard]] Result<TextsSeen> texts_seen() const override;
  [[nodiscard]] Result<ScoresExport> scores_export() const override;

 private:
  ScoreLayer layer_;
};

/// A result with the one layer "score".
[[nodiscard]] PipelineResult whole(const Result<ScoreResult>& result, Value meta);

}  // namespace thalweg::scoring::detail
