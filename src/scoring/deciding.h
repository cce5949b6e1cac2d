#pragma once
// What takes a configuration's decisions, so that a threshold chosen from them is not put where others are taken.

#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "calibration/calibrator.h"
#include "thalweg/value.h"

namespace thalweg::scoring {

struct ScoreConfig;

/// Two configurations that are equal in this give every text the same overall score and the same labels' probabilities; the
/// threshold of the overall score may differ.
///
///     const Deciding chosen_from = deciding_of(config, scorer.identity());   // into summary.json, threshold.json
struct Deciding {
  std::string rule;          ///< hash of what makes the overall score of raw scores, label thresholds and vetoes where they count
  std::string calibrations;  ///< hash of all labels' calibrations
  std::string model;         ///< identity of the model that gives the raw scores; empty: not known

  /// {rule, calibrations, model}.
  [[nodiscard]] Value to_value() const;
  /// Errors: invalid_argument, naming the field.
  [[nodiscard]] static Result<Deciding> from_value(const Value& value);

  /// What a threshold that was chosen from decisions so taken meets otherwise in those that `now` takes, in words; empty where
  /// nothing is other, as far as both tell. Thresholds of labels depend on their calibrations alone.
  [[nodiscard]] std::string other_for_threshold(const Deciding& now) const;
  [[nodiscard]] std::string other_for_labels(const Deciding& now) const;
};

[[nodiscard]] Deciding deciding_of(const ScoreConfig& config, std::string model);

/// Gives the labels these calibrations, in the order of ScoreConfig::labels().
void calibrate_labels(ScoreConfig& config, std::span<const calibration::Calibrator> calibrators);

}  // namespace thalweg::scoring
