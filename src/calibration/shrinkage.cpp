#include "calibration/shrinkage.h"

#include <algorithm>
#include <cmath>

#include "calibration/cholesky.h"
#include "calibration/logistic.h"
#include "calibration/logit.h"

namespace thalweg::calibration {
namespace {

constexpr std::size_t kMostWidth = 3;  // of a label's parameters
constexpr double kStill = 1e-4;        // the population has settled when it moves by less than this share of its spread
constexpr double kPseudoLabels = 1;    // as which the identity counts, see shrinkage.h

// One label: its rows as features, and where its fit stands.
struct Label {
  std::vector<double> features, targets, weights, spread;  // spread: covariance of the posterior
  int steps = 0;
  bool converged = true;
};

std::vector<double> features_of(Method form, std::span<const double> raw) {
  std::vector<double> out;
  out.reserve(raw.size() * kMostWidth);
  for (const double score : raw) {
    const double p = clip(score);
    if (form == Method::platt) {
      out.insert(out.end(), {logit(score), 1});
    } else {
      out.insert(out.end(), {logarithm(p), -logarithm(1 - p), 1});
    }
  }
  return out;
}

class Population {
 public:
  explicit Population(std::size_t width)
      : width_(width), mean_(width, 1.0), covariance_(width * width), precision_(width * width) {
    mean_.back() = 0;
    for (std::size_t i = 0; i < width; ++i) covariance_[i * width + i] = 4;
    invert_covariance();
  }

  void fit(Label& label) const {
    LogisticFit found = fit_logistic({width_, label.features, label.targets, mean_, precision_}, std::move(label.weights));
    label.weights = std::move(found.weights);
    label.steps = found.steps;
    label.converged = found.converged;
    invert(found.factor, width_, label.spread);
  }

  // The M step; returns how far the population moved, in its own standard deviations.
  double estimate(std::span<const Label> labels) {
    const auto count = static_cast<double>(labels.size());
    std::vector<double> mean(width_, 0.0), covariance(width_ * width_, 0.0);
    for (const Label& label : labels) {
      for (std::size_t i = 0; i < width_; ++i) mean[i] += label.weights[i];
    }
    for (std::size_t i = 0; i < width_; ++i)
      mean[i] = i + 1 < width_ ? (mean[i] + kPseudoLabels) / (count + kPseudoLabels) : mean[i] / count;
    for (const Label& label : labels) {
      for (std::size_t i = 0; i < width_; ++i) {
        for (std::size_t j = 0; j < width_; ++j) {
          covariance[i * width_ + j] +=
              label.spread[i * width_ + j] + (label.weights[i] - mean[i]) * (label.weights[j] - mean[j]);
        }
      }
    }
    double moved = 0;
    for (std::size_t i = 0; i < width_; ++i) {
      covariance[i * width_ + i] += kPseudoLabels;
      for (std::size_t j = 0; j < width_; ++j) covariance[i * width_ + j] /= count + kPseudoLabels;
      const double before = covariance_[i * width_ + i], after = covariance[i * width_ + i];
      moved = std::max({moved, std::abs(mean[i] - mean_[i]) / std::sqrt(before), std::abs(after / before - 1)});
    }
    mean_ = std::move(mean);
    covariance_ = std::move(covariance);
    invert_covariance();
    return moved;
  }

  [[nodiscard]] std::size_t width() const noexcept { return width_; }
  [[nodiscard]] const std::vector<double>& mean() const noexcept { return mean_; }
  [[nodiscard]] const std::vector<double>& covariance() const noexcept { return covariance_; }

  // The label's best fit with weight `fixed` at 0: the others' prior is the population given that.
  [[nodiscard]] std::vector<double> fit_without(const Label& label, std::size_t fixed) const {
    std::vector<std::size_t> kept;
    for (std::size_t i = 0; i < width_; ++i) {
      if (i != fixed) kept.push_back(i);
    }
    const std::size_t width = kept.size(), rows = label.targets.size();
    std::vector<double> features(rows * width), mean(width), covariance(width * width), precision(width * width);
    for (std::size_t row = 0; row < rows; ++row) {
      for (std::size_t i = 0; i < width; ++i) features[row * width + i] = label.features[row * width_ + kept[i]];
    }
    const double variance = covariance_[fixed * width_ + fixed];
    for (std::size_t i = 0; i < width; ++i) {
      const double tied = covariance_[kept[i] * width_ + fixed];
      mean[i] = mean_[kept[i]] - tied / variance * mean_[fixed];
      for (std::size_t j = 0; j < width; ++j) {
        covariance[i * width + j] =
            covariance_[kept[i] * width_ + kept[j]] - tied * covariance_[kept[j] * width_ + fixed] / variance;
      }
    }
    if (factorise(covariance, width)) invert(covariance, width, precision);
    const LogisticFit found = fit_logistic({width, features, label.targets, mean, precision}, mean);
    std::vector<double> out(width_, 0.0);
    for (std::size_t i = 0; i < width; ++i) out[kept[i]] = found.weights[i];
    return out;
  }

 private:
  void invert_covariance() {
    std::vector<double> factor = covariance_;
    if (factorise(factor, width_)) invert(factor, width_, precision_);
  }

  std::size_t width_;
  std::vector<double> mean_, covariance_, precision_;
};

Fit finished(Method form, const Sample& sample, const Label& label, const Population& population) {
  std::vector<double> weights = label.weights;
  if (form == Method::beta && (weights[0] < 0) != (weights[1] < 0)) {
    weights = population.fit_without(label, weights[0] < 0 ? 0 : 1);
  }
  const auto calibrator =
      form == Method::platt ? Calibrator::platt(weights[0], weights[1]) : Calibrator::beta(weights[0], weights[1], weights[2]);
  Fit fit{calibrator, sample.positives(), sample.negatives(), label.steps, {}};
  if (!label.converged)
    fit.warnings.push_back({Warning::Kind::not_converged, fmt::format("no optimum after {} Newton steps", label.steps)});
  if (const double slope = form == Method::platt ? weights[0] : std::min(weights[0], weights[1]); slope < 0) {
    fit.warnings.push_back(
        {Warning::Kind::negative_slope, fmt::format("slope {:.4g}: a higher score means a lower probability", slope)});
  }
  return fit;
}

}  // namespace

Result<ShrunkFit> fit_shrunk(std::span<const Sample> samples, const ShrinkageOptions& options) {
  if (options.form != Method::platt && options.form != Method::beta) {
    return fail(Code::invalid_argument, "labels are shrunk in the forms platt and beta, not {}", name(options.form));
  }
  if (samples.empty()) return fail(Code::invalid_argument, "there is no label");
  Population population(options.form == Method::platt ? 2 : kMostWidth);
  std::vector<Label> labels(samples.size());
  for (std::size_t i = 0; i < samples.size(); ++i) {
    if (auto checked = check(samples[i]); !checked) return std::unexpected(checked.error().at(fmt::format("label {}", i)));
    labels[i].features = features_of(options.form, samples[i].raw);
    labels[i].targets.assign(samples[i].present.begin(), samples[i].present.end());
    labels[i].weights = population.mean();
    labels[i].spread.resize(population.width() * population.width());
  }
  ShrunkFit out;
  while (true) {
    for (Label& label : labels) population.fit(label);
    if (out.converged || out.rounds == options.most_rounds) break;
    ++out.rounds;
    out.converged = population.estimate(labels) < kStill;
  }
  for (std::size_t i = 0; i < samples.size(); ++i)
    out.labels.push_back(finished(options.form, samples[i], labels[i], population));
  if (!out.converged) {
    const Warning unsettled{Warning::Kind::not_converged,
                            fmt::format("what the labels have in common had not settled after {} rounds", out.rounds)};
    for (Fit& fit : out.labels) fit.warnings.push_back(unsettled);
  }
  out.mean = population.mean();
  out.covariance = population.covariance();
  return out;
}

}  // namespace thalweg::calibration
