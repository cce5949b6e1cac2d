#pragma once
// One fit of many labels that lends strength to the rare ones.

#include <span>
#include <vector>

#include "base/error.h"
#include "calibration/fit.h"

namespace thalweg::calibration {

struct ShrinkageOptions {
  Method form = Method::beta;  ///< or platt
  int most_rounds = 1'000;
};

/// The labels' calibrations and the population they were drawn towards.
struct ShrunkFit {
  std::vector<Fit> labels;         ///< in the order given
  std::vector<double> mean;        ///< of the parameters over the population: (a, b) of platt, (a, b, c) of beta
  std::vector<double> covariance;  ///< row after row
  int rounds = 0;
  bool converged = false;
};

/// Fits all labels at once, each from its hard targets and all towards what they have in common: the parameters of the labels are
/// taken as draws from one normal distribution, whose mean and covariance are found by maximising the marginal likelihood of the
/// data (empirical Bayes; the EM of Bishop 2006, section 9.3.4, with Laplace's approximation of each label's posterior), and each
/// label gets the maximum of its posterior. A label with many rows goes its own way; one with few, or with none of a class, gets
/// nearly what the others have, its intercept moved as the data asks. Nothing is tuned and no row of a label is needed.
///
/// So that a handful of labels cannot make the population collapse or run away, it is estimated as if one more label had been
/// seen whose parameters are the identity's slopes with the others' mean intercept, give or take 1.
///
/// A beta curve that would not be monotone gets the offending slope set to 0 and the rest fitted again, given that.
///
/// Errors: invalid_argument for a form other than platt and beta, for no label, and those of check(Sample) with the label's
/// index.
[[nodiscard]] Result<ShrunkFit> fit_shrunk(std::span<const Sample> labels, const ShrinkageOptions& options = {});

}  // namespace thalweg::calibration
