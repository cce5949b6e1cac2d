#pragma once
// What decisions come to on texts that nothing of them was fitted on.

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "calibration/fit.h"
#include "calibration/metrics.h"
#include "cli/eval/train_scores.h"
#include "scoring/deciding.h"
#include "scoring/score_config.h"

namespace thalweg::cli {

/// Fold by fold, the rule of a configuration decides the rows held out, with calibrations that were fitted on the others; with
/// `combine` by a combiner that is fitted on the others too, its penalty chosen among them.
class TrainDecisions {
 public:
  /// The rule of `rule`, whose labels are those of the scores. Precondition: a decision is expected of every row.
  TrainDecisions(scoring::ScoreConfig rule, const TrainingScores& scores, bool combine, std::uint64_t seed);
  /// A rule that only combines, for where there is no configuration.
  [[nodiscard]] static scoring::ScoreConfig combining(const TrainingScores& scores);

  /// Decides `inside` by what was fitted on `outside`. Errors: failed_precondition when these have too few rows of a decision.
  Result<> hold_out(std::span<const calibration::Fit> fits, std::span<const std::size_t> inside,
                    std::span<const std::size_t> outside);
  /// The combiner fitted on all rows. Errors: the same, and when fewer than 5 are to be accepted or rejected.
  [[nodiscard]] Result<scoring::CombinerConfig> fit_all(std::span<const calibration::Calibrator> calibrators);

  /// What decides with the calibrations and the combiner fitted on all rows: a threshold chosen from the rows held out is its.
  [[nodiscard]] scoring::Deciding decided_by(std::span<const calibration::Calibrator> calibrators,
                                             const std::optional<scoring::CombinerConfig>& combiner) const;

  [[nodiscard]] const calibration::Confusion& held_out() const noexcept { return held_out_; }
  /// The rows, in order, as `eval run` writes them, and a summary with `head`. Errors: the file system's.
  Result<> write(const std::string& folder, Value head) const;

 private:
  [[nodiscard]] Result<scoring::CombinerConfig> combiner_of(std::span<const calibration::Calibrator> calibrators,
                                                            std::span<const std::size_t> rows, std::size_t minimum) const;
  scoring::ScoreConfig rule_;
  const TrainingScores& scores_;
  const std::vector<std::uint8_t> accepted_;
  const bool combine_;
  const std::uint64_t seed_;
  calibration::Confusion held_out_;
  std::vector<Value> rows_;
};

}  // namespace thalweg::cli
