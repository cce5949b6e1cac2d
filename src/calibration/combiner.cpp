#include "calibration/combiner.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "calibration/cholesky.h"
#include "calibration/folds.h"
#include "calibration/logistic.h"
#include "calibration/logit.h"
#include "calibration/sample.h"

namespace thalweg::calibration {
namespace {

// Some of the examples, their features centred and brought to one scale, in the form that is smaller to solve.
class Standardised {
 public:
  Standardised(const Examples& examples, std::span<const std::size_t> rows, bool to_one)
      : width_(examples.width), rows_(rows.size()), mean_(width_), scale_(width_, 1.0), scaled_(rows_ * width_) {
    for (const std::size_t row : rows) {
      targets_.push_back(examples.good[row]);
      for (std::size_t j = 0; j < width_; ++j) mean_[j] += examples.row(row)[j] / static_cast<double>(rows_);
    }
    std::vector<double> square(width_);
    for (std::size_t i = 0; i < rows_; ++i) {
      for (std::size_t j = 0; j < width_; ++j) {
        const double off = scaled_[i * width_ + j] = examples.row(rows[i])[j] - mean_[j];
        square[j] += off * off / static_cast<double>(rows_);
      }
    }
    for (std::size_t j = 0; j < width_; ++j) {
      const double deviation = std::sqrt(square[j]);
      constant_.push_back(deviation <= 1e-12 * std::abs(mean_[j]) ? 1 : 0);
      if (constant_[j] == 0 && to_one) scale_[j] = deviation;
    }
    for (std::size_t i = 0; i < rows_; ++i) {
      for (std::size_t j = 0; j < width_; ++j)
        scaled_[i * width_ + j] = constant_[j] != 0 ? 0 : scaled_[i * width_ + j] / scale_[j];
    }
    dual_ = width_ > rows_;
    dual_ ? use_products() : use_features();
  }

  // Starts where the last fit ended: penalties tried in order are near to one another.
  Combiner fit(double lambda) {
    std::vector<double> precision(unknowns_ * unknowns_);
    for (std::size_t j = 0; j + 1 < unknowns_; ++j) precision[j * unknowns_ + j] = lambda;
    last_.resize(unknowns_);
    last_ = fit_logistic({unknowns_, design_, targets_, {}, precision}, std::move(last_)).weights;
    return unscaled(dual_ ? from_products(last_) : std::vector<double>(last_.begin(), last_.end() - 1));
  }

 private:
  void use_features() {
    unknowns_ = width_ + 1;
    for (std::size_t i = 0; i < rows_; ++i) {
      design_.insert(design_.end(), scaled_.begin() + static_cast<std::ptrdiff_t>(i * width_),
                     scaled_.begin() + static_cast<std::ptrdiff_t>((i + 1) * width_));
      design_.push_back(1);
    }
  }

  // With X X' = L L', the weights X' L'^-1 v have the length of v and give X w = L v: so v is found on the rows of L.
  void use_products() {
    unknowns_ = rows_ + 1;
    factor_.resize(rows_ * rows_);
    for (std::size_t i = 0; i < rows_; ++i) {
      for (std::size_t j = 0; j <= i; ++j) {
        factor_[i * rows_ + j] =
            std::inner_product(&scaled_[i * width_], &scaled_[i * width_] + width_, &scaled_[j * width_], 0.0);
      }
      factor_[i * rows_ + i] += 1e-10 * static_cast<double>(width_);  // centred rows, and equal ones, make it singular
    }
    factorised_ = factorise(factor_, rows_);
    design_.assign(rows_ * unknowns_, 0.0);
    for (std::size_t i = 0; i < rows_; ++i) {
      if (factorised_) std::copy_n(&factor_[i * rows_], i + 1, &design_[i * unknowns_]);
      design_[i * unknowns_ + rows_] = 1;
    }
  }

  [[nodiscard]] std::vector<double> from_products(std::span<const double> solution) const {
    std::vector<double> share(solution.begin(), solution.end() - 1), weights(width_);
    if (!factorised_) return weights;
    for (std::size_t i = rows_; i-- > 0;) {
      for (std::size_t k = i + 1; k < rows_; ++k) share[i] -= factor_[k * rows_ + i] * share[k];
      share[i] /= factor_[i * rows_ + i];
    }
    for (std::size_t i = 0; i < rows_; ++i) {
      for (std::size_t j = 0; j < width_; ++j) weights[j] += share[i] * scaled_[i * width_ + j];
    }
    return weights;
  }

  [[nodiscard]] Combiner unscaled(std::vector<double> weights) const {
    Combiner out{std::move(weights), last_.back()};
    for (std::size_t j = 0; j < width_; ++j) {
      out.weights[j] = constant_[j] != 0 ? 0 : out.weights[j] / scale_[j];
      out.intercept -= out.weights[j] * mean_[j];
    }
    return out;
  }

  std::size_t width_, rows_, unknowns_ = 0;
  std::vector<double> mean_, scale_, scaled_, targets_;
  std::vector<std::uint8_t> constant_;
  bool dual_ = false, factorised_ = false;
  std::vector<double> factor_, design_, last_;
};

Result<> check(const Examples& examples, std::span<const double> lambdas) {
  if (examples.width == 0) return fail(Code::invalid_argument, "there is no feature");
  if (examples.features.size() != examples.rows() * examples.width) {
    return fail(Code::invalid_argument, "{} rows of {} features are {} numbers, not {}", examples.rows(), examples.width,
                examples.rows() * examples.width, examples.features.size());
  }
  for (std::size_t i = 0; i < examples.features.size(); ++i) {
    if (!std::isfinite(examples.features[i])) {
      return fail(Code::invalid_argument, "feature {} of row {} is {}", i % examples.width, i / examples.width,
                  examples.features[i]);
    }
  }
  for (std::size_t row = 0; row < examples.rows(); ++row) {
    if (examples.good[row] > 1)
      return fail(Code::invalid_argument, "truth {} of row {} is neither 0 nor 1", examples.good[row], row);
  }
  for (const double lambda : lambdas) {
    if (!(lambda > 0) || !std::isfinite(lambda)) return fail(Code::invalid_argument, "a penalty must be above 0, not {}", lambda);
  }
  return {};
}

std::vector<double> lambdas_of(const CombinerOptions& options) {
  if (!options.lambdas.empty()) return options.lambdas;
  return {0.01, 0.031622776601683794, 0.1, 0.31622776601683794, 1,   3.1622776601683795,
          10,   31.622776601683793,   100, 316.22776601683796,  1000};
}

// Errors: failed_precondition when a class has fewer than `least` rows.
Result<> enough(std::span<const std::uint8_t> good, std::size_t least) {
  const auto positives = static_cast<std::size_t>(std::ranges::count(good, 1)), negatives = good.size() - positives;
  if (std::min(positives, negatives) >= least) return {};
  return fail(Code::failed_precondition, "too thin to fit: {} rows are good and {} are not, and at least {} of each are needed",
              positives, negatives, least);
}

}  // namespace

double Combiner::apply(std::span<const double> features) const noexcept {
  return sigmoid(std::inner_product(weights.begin(), weights.end(), features.begin(), intercept));
}

Result<CombinerFit> fit_combiner(const Examples& examples, const CombinerOptions& options) {
  const auto lambdas = lambdas_of(options);
  TRY(check(examples, lambdas));
  TRY(enough(examples.good, std::max<std::size_t>(options.minimum, 2)));  // a fit of one class is none
  std::vector<std::size_t> rows(examples.rows());
  std::iota(rows.begin(), rows.end(), 0);
  CombinerFit out{{}, lambdas.front(), {}};
  if (lambdas.size() > 1) {
    const Folds folds = TRY(Folds::stratified(examples.good, options.folds, options.seed, examples.groups));
    out.losses.resize(lambdas.size());
    for (std::size_t fold = 0; fold < folds.count(); ++fold) {
      Standardised part(examples, folds.outside(fold), options.standardise);
      for (std::size_t i = lambdas.size(); i-- > 0;) {  // from the heaviest penalty, whose solution is nearest to 0
        const Combiner combiner = part.fit(lambdas[i]);
        for (const std::size_t row : folds.inside(fold)) {
          out.losses[i] +=
              log_loss(examples.good[row] != 0, combiner.apply(examples.row(row))) / static_cast<double>(rows.size());
        }
      }
    }
    out.lambda = lambdas[static_cast<std::size_t>(std::ranges::min_element(out.losses) - out.losses.begin())];
  }
  out.combiner = Standardised(examples, rows, options.standardise).fit(out.lambda);
  return out;
}

}  // namespace thalweg::calibration
