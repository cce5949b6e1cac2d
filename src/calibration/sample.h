#pragma once
// What fits and metrics are computed from.

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/error.h"

namespace thalweg::calibration {

/// Predictions of one label and what was true: one row an item. The numbers belong to the caller.
struct Sample {
  std::span<const double> raw;            ///< scores or probabilities in [0, 1]
  std::span<const std::uint8_t> present;  ///< 1 where the label was present, else 0

  [[nodiscard]] std::size_t size() const noexcept { return raw.size(); }
  [[nodiscard]] std::size_t positives() const noexcept;
  [[nodiscard]] std::size_t negatives() const noexcept { return size() - positives(); }
};

/// Errors: invalid_argument when the columns differ in length or are empty, and naming the row of a score that is no number in
/// [0, 1] or of a truth that is neither 0 nor 1.
Result<> check(const Sample& sample);

}  // namespace thalweg::calibration
