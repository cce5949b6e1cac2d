#pragma once
// Choosing the score from which on an item is accepted.

#include <cstdint>
#include <span>
#include <vector>

#include "base/error.h"

namespace thalweg::calibration {

// Scores are at most 1. One below 0 is of a row that no threshold accepts; it counts among the rows, and as missed when it is
// good.

/// A threshold in [0, 1] and what accepting every score >= it does to the rows it was chosen on.
struct Threshold {
  double value = 0;
  std::size_t rows = 0;
  std::size_t accepted = 0;
  std::size_t wrong = 0;   ///< accepted, and not good
  std::size_t missed = 0;  ///< good, and not accepted
  double objective = 0;    ///< the F1, the mean cost a row, or the upper bound of the risk
};

/// The threshold with the highest F1 = 2 tp / (2 tp + fp + fn) of "good" (the strictest among equals), half way between the
/// scores it divides. Figures on the rows it was chosen on flatter it. Errors of all three: invalid_argument when the columns
/// differ in length or are empty, and naming the row of a score that is none or above 1 or of a truth that is neither 0 nor 1;
/// failed_precondition when no row is good, or none can be accepted.
[[nodiscard]] Result<Threshold> threshold_by_f1(std::span<const double> score, std::span<const std::uint8_t> good);

struct Costs {
  double false_accept = 1;  ///< of accepting what is not good
  double false_reject = 1;  ///< of not accepting what is good
};

/// The threshold with the least mean cost (the strictest among equals). Errors also: costs that are negative or not finite;
/// failed_precondition when accepting nothing is cheaper than what any threshold does.
[[nodiscard]] Result<Threshold> threshold_by_cost(std::span<const double> score, std::span<const std::uint8_t> good, Costs costs);

struct RiskOptions {
  double alpha = 0.05;  ///< accepted items are wrong at most this often
  double delta = 0.05;  ///< but for this chance, over the draw of the rows
  /// Thresholds to try, strictest first; fixed before the rows are seen. Empty: 0.999, 0.998, ..., 0.
  std::span<const double> grid = {};
  /// Testing starts where so many errors could still pass. 0 starts as early as possible and can be stopped by one unlucky row; 2
  /// or 3 need about twice the rows and bear that.
  std::size_t spare_errors = 0;
};

/// The laxest threshold of which the rows prove, with confidence 1 - delta, that accepted items are wrong at most alpha of the
/// time: P[wrong | score >= threshold] <= alpha, for new items drawn as the rows were.
///
/// Learn-then-Test (Angelopoulos, Bates, Candes, Jordan, Lei 2021) with fixed-sequence testing: the grid is walked from strict to
/// lax; at each threshold "the risk is above alpha" is tested by the exact binomial p-value of the errors among the accepted
/// rows, given their number; at the first test that fails the walk ends, and the threshold before it is taken. No correction for
/// the number of thresholds is needed, although all tests use the same rows. Thresholds at which too few rows are accepted for
/// any outcome to pass are stepped over; that costs nothing as long as lower scores do not err less often. Rows must be
/// independent draws: copies of one row prove nothing that the row does not.
///
/// At alpha = delta = 0.05 at least 59 accepted rows are needed, and none of the first 59 wrong.
///
/// Errors also: invalid_argument for alpha or delta outside (0, 1), or a grid that is not descending; failed_precondition, saying
/// how many more rows are needed, when the rows cannot support any threshold.
[[nodiscard]] Result<Threshold> threshold_by_risk(std::span<const double> score, std::span<const std::uint8_t> good,
                                                  const RiskOptions& options = {});

}  // namespace thalweg::calibration
