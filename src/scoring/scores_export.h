#pragma once
// From what became of a sample to the row of raw scores that training reads.

#include <string>
#include <vector>

#include "base/error.h"
#include "models/models.h"
#include "scoring/evaluate.h"
#include "scoring/origin.h"
#include "scoring/score_config.h"
#include "thalweg/scoring/sample.h"

namespace thalweg::scoring {

/// Makes the rows of one run. Each tells whose raw scores they are, and whether these were fitted on its text: training must not
/// take such scores for those of new texts.
///
///     const auto exporting = TRY(ScoresExport::open(config, models));
///     rows.write(TRY(to_value(exporting.row(outcome))));
class ScoresExport {
 public:
  /// Of a configuration's model. Errors: those of the files it names.
  [[nodiscard]] static Result<ScoresExport> open(const ScoreConfig& config, models::Models& models);
  /// Of a scorer of the caller's own: whose scores these are is not known, and what was fitted on only as far as samples tell.
  ScoresExport() = default;
  /// Of several configurations, one of which gives the scores: whose they are is not known.
  explicit ScoresExport(TextsSeen seen) : seen_(std::move(seen)) {}

  /// Without scores where the scorer failed.
  [[nodiscard]] ScoredSample row(const Outcome& outcome) const;
  [[nodiscard]] const std::vector<std::string>& labels() const noexcept { return labels_; }  ///< in the order of raw scores

 private:
  std::vector<std::string> labels_;
  std::string model_;
  TextsSeen seen_;
};

}  // namespace thalweg::scoring
