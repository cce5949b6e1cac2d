#pragma once
// What predictions are worth.

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "calibration/sample.h"

namespace thalweg::calibration {

// Of all functions here the precondition is that check(sample) passes. Where a number is not defined (one class only, nothing
// accepted) the answer is nothing, not 0.

/// Mean of -ln of the probability given to what happened (clipped, logit.h), in nats.
[[nodiscard]] double mean_log_loss(const Sample& sample) noexcept;
/// Mean squared difference of probability and truth (Brier 1950).
[[nodiscard]] double brier(const Sample& sample) noexcept;
/// Probability that a present row scores above an absent one, equal scores counting half (Mann, Whitney 1947). O(n log n).
[[nodiscard]] std::optional<double> roc_auc(const Sample& sample);
/// Sum over thresholds of precision x gain in recall, equal scores being one threshold. O(n log n).
[[nodiscard]] std::optional<double> average_precision(const Sample& sample);

enum class Binning : std::uint8_t {
  equal_width,  ///< [0, 1] cut into equal parts, each with its upper end (Guo et al. 2017)
  equal_mass,   ///< rows in order cut into parts of about equal size; equal predictions stay together
};

/// One point of a reliability diagram: rows of similar prediction.
struct ReliabilityBin {
  std::size_t rows = 0;
  double predicted = 0;  ///< mean prediction
  double present = 0;    ///< share of rows where the label was present
};

/// The bin of equal width that `p` in [0, 1] falls into.
[[nodiscard]] std::size_t bin_of(double p, std::size_t bins) noexcept;

/// The points of the diagram, ascending, without empty bins. Precondition: bins > 0.
[[nodiscard]] std::vector<ReliabilityBin> reliability(const Sample& sample, std::size_t bins = 10,
                                                      Binning binning = Binning::equal_width);
/// Expected calibration error (Naeini, Cooper, Hauskrecht 2015): mean over rows of |predicted - present| of their bin.
[[nodiscard]] double ece(std::span<const ReliabilityBin> bins) noexcept;

/// Decisions against truths.
struct Confusion {
  std::uint64_t true_positives = 0, false_positives = 0, false_negatives = 0, true_negatives = 0;

  void add(bool decided, bool truth) noexcept {
    ++(decided ? (truth ? true_positives : false_positives) : (truth ? false_negatives : true_negatives));
  }
  Confusion& operator+=(const Confusion& other) noexcept;

  [[nodiscard]] std::uint64_t rows() const noexcept {
    return true_positives + false_positives + false_negatives + true_negatives;
  }
  [[nodiscard]] std::optional<double> accuracy() const noexcept;
  /// Of always deciding the commoner class: what accuracy has to be read beside.
  [[nodiscard]] std::optional<double> majority() const noexcept;
  [[nodiscard]] std::optional<double> precision() const noexcept;
  [[nodiscard]] std::optional<double> recall() const noexcept;
  [[nodiscard]] std::optional<double> specificity() const noexcept;
  [[nodiscard]] std::optional<double> f1() const noexcept;
  [[nodiscard]] std::optional<double> balanced_accuracy() const noexcept;
  [[nodiscard]] std::optional<double> mcc() const noexcept;  ///< Matthews' correlation

  friend bool operator==(const Confusion&, const Confusion&) = default;
};

/// The confusion of deciding "present" from `threshold` on.
[[nodiscard]] Confusion confusion(const Sample& sample, double threshold) noexcept;

}  // namespace thalweg::calibration
