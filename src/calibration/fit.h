#pragma once
// Fitting the calibration of one label.

#include <string>
#include <vector>

#include "base/error.h"
#include "calibration/calibrator.h"
#include "calibration/sample.h"

namespace thalweg::calibration {

/// What platt and beta are fitted to.
enum class Targets : std::uint8_t {
  smoothed,  ///< (P + 1) / (P + 2) for the P present rows, 1 / (N + 2) for the N absent ones (Platt 1999): there is always an
             ///< optimum
  hard,      ///< 1 and 0: the plain maximum of the likelihood
};

struct FitOptions {
  std::size_t minimum = 5;  ///< fewest rows of each class that a fit is made from
  Targets targets = Targets::smoothed;
};

/// Something about a fit that its user should know; the fit stands nevertheless.
struct Warning {
  enum class Kind : std::uint8_t {
    negative_slope,   ///< a higher score means a lower probability
    not_converged,    ///< the parameters are not the optimum
    separable,        ///< one score divides the classes: how steep the curve is comes from the smoothing alone, or is a step
    constant_scores,  ///< every row has the same score
    no_better,        ///< on rows held out, no better than always saying how common the label is (report.h)
    at_bound,         ///< the best temperature lies outside the range searched
  };
  Kind kind;
  std::string text;  ///< with the figures
};

/// "negative_slope", ...
[[nodiscard]] std::string_view name(Warning::Kind kind) noexcept;

struct Fit {
  Calibrator calibrator;
  std::size_t positives = 0, negatives = 0;
  int steps = 0;  ///< of the optimiser; 0 where there is none
  std::vector<Warning> warnings;
};

/// Fits one label.
///
/// - none: nothing to fit.
/// - legacy: 100 steps of gradient descent at rate 0.1 from (1, 0), mean gradient, on the score itself and the smoothed targets:
/// what an
///   earlier system did. It stops far from the optimum; it is here to reproduce that system.
/// - platt: Newton's method (Lin, Lin, Weng 2007) on the log-odds.
/// - isotonic: pooled adjacent violators; rows of one score are pooled first; knots as scikit-learn keeps them.
/// - temperature: Newton's method on 1/t in [2 e^-10, 2 e^10] and hard targets (Guo et al. 2017).
/// - beta: Newton's method on (ln p, -ln(1 - p), 1); where one slope comes out negative it is set to 0 and the rest fitted again
/// (Kull et
///   al. 2017), so that the curve stays monotone.
///
/// Errors: those of check(Sample); failed_precondition, with the counts, when a class has fewer rows than the minimum, or hard
/// targets have no optimum because the scores divide the classes.
[[nodiscard]] Result<Fit> fit(Method method, const Sample& sample, const FitOptions& options = {});

/// Knots of the isotonic (least squares, ascending) fit. Precondition: check(sample) passed.
struct IsotonicKnots {
  std::vector<double> x, y;
};
[[nodiscard]] IsotonicKnots fit_isotonic(const Sample& sample);

}  // namespace thalweg::calibration
