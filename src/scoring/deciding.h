#pragma once
// What takes a configuration's decisions, so that a threshold chosen from them is not put where others are taken.

#include <cstdint>
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

/// What becomes of thresholds where decisions are taken that they may not have been chosen from.
struct ThresholdFit {
  enum class Is : std::uint8_t {
    right,
    untold,        ///< it does not tell whose decisions it was chosen from
    untold_model,  ///< the same decisions, but of whose raw scores it does not tell
    other,         ///< it was chosen from others
    disproved,     ///< the same of one that promises something, which holds for those alone
  };
  Is is = Is::right;
  std::string problem{};  ///< in words, where it is not right
};

/// Of `value`, which 'eval threshold' wrote into the file `path`, where `taker` takes decisions as `now` tells. Files of
/// something else are right. Errors: invalid_argument, naming the field of the file.
[[nodiscard]] Result<ThresholdFit> threshold_fit(const std::string& path, const Value& value, const Deciding& now,
                                                 std::string_view taker);

[[nodiscard]] Deciding deciding_of(const ScoreConfig& config, std::string model);

/// Gives the labels these calibrations, in the order of ScoreConfig::labels().
void calibrate_labels(ScoreConfig& config, std::span<const calibration::Calibrator> calibrators);

}  // namespace thalweg::scoring
