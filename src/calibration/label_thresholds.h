#pragma once
// From which probability on each label counts as detected.

#include <span>
#include <vector>

#include "base/error.h"
#include "calibration/folds.h"
#include "calibration/metrics.h"

namespace thalweg::calibration {

/// How well labels are detected: F1 of all labels' rows together, and the harmonic mean of the mean precision and the mean recall
/// of the labels that are present anywhere.
struct Detection {
  double micro_f1 = 0, macro_f1 = 0;
};

struct LabelThresholds {
  std::vector<double> values;  ///< by label
  Detection held_out;          ///< each row by thresholds chosen on the folds it is not in: what to go by
};

/// For each label the threshold with the best F1 to be expected from its probabilities: half of that F1 (Lipton, Elkan,
/// Naryanaswamy 2014). It takes no truths but those that the probabilities were calibrated with, so that labels of two rows have
/// one too; the F1 found in so few rows would say nothing. Columns of probabilities, of the same rows. Errors: invalid_argument
/// for no label, columns of different lengths, folds of other rows, those of check(Sample); failed_precondition when no label is
/// present anywhere.
[[nodiscard]] Result<LabelThresholds> choose_label_thresholds(std::span<const Sample> labels, const Folds& folds);

/// Detection by given thresholds, one a label.
[[nodiscard]] Detection detection(std::span<const Sample> labels, std::span<const double> thresholds);

}  // namespace thalweg::calibration
