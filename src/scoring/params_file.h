#pragma once
// Calibrations of labels in a file: what training writes, and a configuration takes over.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "calibration/calibrator.h"
#include "scoring/fitted_texts.h"
#include "scoring/score_config.h"
#include "thalweg/value.h"

namespace thalweg::scoring {

/// What was found for one label.
struct LabelParams {
  std::string label{};
  calibration::Calibrator calibrator{};  ///< the identity where there was too little to learn from
  std::size_t positives = 0, negatives = 0;
  bool skipped = false;
  std::string reason{};  ///< why it was skipped
};

struct Params {
  std::vector<LabelParams> labels;  ///< by name
  std::size_t total_samples = 0;
  std::optional<CombinerConfig> combiner{};
  std::string model{};      ///< identity of the model whose raw scores these calibrations take; empty: not told
  FittedTexts fitted_on{};  ///< none: not told
  Value more{};  ///< what else stands in `metadata`, as a map: where the scores came from, figures of the fit; null: nothing

  [[nodiscard]] const LabelParams* find(std::string_view label) const noexcept;

  /// {params: {L: {a, b} | {calibration: {...}}}, combiner?: {threshold, bias, weights: {L: w}}, metadata: {..., model?,
  /// fitted_on?, total_samples, samples_per_label: {L: {positive, negative, skipped, reason?}}}}. The older formula and the
  /// identity are {a, b}, as the earlier system wrote them; other calibrations are as Calibrator::to_value() has them.
  [[nodiscard]] Value to_value() const;
  /// What to_value() wrote, and files of the earlier system; nothing is rounded. Errors: invalid_argument, naming label and key.
  [[nodiscard]] static Result<Params> from_value(const Value& value);
};

}  // namespace thalweg::scoring
