#pragma once
// Raw scores of a file as training takes them: label by label.

#include <cstdint>
#include <string>
#include <vector>

#include "calibration/sample.h"
#include "cli/interrupt.h"
#include "cli/progress.h"
#include "thalweg/scoring/sample.h"

namespace thalweg::cli {

struct TrainingScores {
  std::vector<std::string> labels;                 ///< by name
  std::vector<std::vector<double>> raw;            ///< of each label, by row
  std::vector<std::vector<std::uint8_t>> present;  ///< the same
  std::vector<scoring::ScoredSample> samples;      ///< by row, their scores moved out
  std::vector<std::size_t> groups;                 ///< by row, see equal_texts.h
  std::size_t failed = 0;                          ///< samples without scores, which are left out
  std::size_t undecided = 0;                       ///< rows of which no decision is expected
  std::string hash;                                ///< of the file
  std::string model;                               ///< whose scores these are; empty: not told

  [[nodiscard]] calibration::Sample of(std::size_t label) const { return {.raw = raw[label], .present = present[label]}; }
  [[nodiscard]] std::vector<std::string> texts() const;
  /// Samples whose text an earlier one has.
  [[nodiscard]] std::size_t copies() const;
  /// 1 where accepting is expected; of no use where some are undecided.
  [[nodiscard]] std::vector<std::uint8_t> accepted() const;
};

/// Errors: those of the file; invalid_argument for scores of several configurations or models; failed_precondition for a text
/// that the model behind its scores was fitted on, and for no sample with scores; cancelled.
[[nodiscard]] Result<TrainingScores> read_training_scores(const std::string& path, Progress& progress,
                                                          const Interrupt& interrupt);

}  // namespace thalweg::cli
