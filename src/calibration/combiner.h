#pragma once
// One decision from many scores: logistic regression with a ridge penalty.

#include <cstdint>
#include <span>
#include <vector>

#include "base/error.h"
#include "calibration/folds.h"

namespace thalweg::calibration {

/// Rows of features and what was true of each. The numbers belong to the caller.
struct Examples {
  std::size_t width = 0;
  std::span<const double> features;    ///< row after row; any finite numbers, for example the logits of all labels
  std::span<const std::uint8_t> good;  ///< 1 or 0, one a row
  Groups groups{};                     ///< rows that no fold parts

  [[nodiscard]] std::size_t rows() const noexcept { return good.size(); }
  [[nodiscard]] std::span<const double> row(std::size_t at) const noexcept { return features.subspan(at * width, width); }
};

/// sigmoid(intercept + weights . features), on the features as they come.
struct Combiner {
  std::vector<double> weights;
  double intercept = 0;

  /// The probability of "good". Precondition: as many features as weights.
  [[nodiscard]] double apply(std::span<const double> features) const noexcept;
  friend bool operator==(const Combiner&, const Combiner&) = default;
};

struct CombinerOptions {
  /// Penalties lambda to choose from; a single one is taken as it is. Empty: 0.01, 0.0316, 0.1, ..., 1000.
  std::vector<double> lambdas{};
  /// Bring features to deviation 1: right for numbers of different nature, such as labels' logits. Parts of an embedding have one
  /// nature, and those that vary more tell more: leave them as they are.
  bool standardise = true;
  std::size_t folds = 5;  ///< of the inner cross-validation that chooses
  std::uint64_t seed = 1;
  std::size_t minimum = 5;  ///< fewest rows of each class, of the examples; never below 2
};

struct CombinerFit {
  Combiner combiner;
  double lambda = 0;
  std::vector<double>
      losses;  ///< log-loss of each penalty on rows held out, in the order of the penalties; empty where none was chosen
};

/// Minimises the log-loss plus lambda / 2 times the squared weights, the intercept left free, on features brought to mean 0 and
/// deviation 1 (features that are the same everywhere get weight 0): scikit-learn's StandardScaler and LogisticRegression with C
/// = 1 / lambda. lambda has the least log-loss over stratified folds of the examples themselves. Newton's method; with more
/// features than rows on the rows' products instead, which has the same solution.
///
/// Errors: invalid_argument (sizes differ, no feature, a feature that is not finite, a truth other than 0 and 1, a lambda that is
/// not above 0), failed_precondition (too few rows of a class, fewer rows than folds).
[[nodiscard]] Result<CombinerFit> fit_combiner(const Examples& examples, const CombinerOptions& options = {});

}  // namespace thalweg::calibration
