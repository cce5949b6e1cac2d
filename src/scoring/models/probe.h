#pragma once
// A linear probe: logistic regression on a text's vector and on its nearness to a label's hypothesis.

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "scoring/fitted_texts.h"
#include "thalweg/value.h"

namespace thalweg::scoring {

/// One label's: raw = sigmoid(weights . vector + nearness * cosine + bias).
struct LabelProbe {
  std::string hypothesis{};     ///< digest() of that which the nearness is to
  std::vector<double> weights;  ///< as many as the vector has dimensions
  double nearness = 0;
  double bias = 0;
};

/// Probes on the vectors of one model.
struct Probe {
  std::string model;      ///< identity of the model whose vectors they were fitted on
  std::size_t width = 0;  ///< of those vectors
  FittedTexts fitted_on{};
  std::map<std::string, LabelProbe, std::less<>> labels;

  /// {version: 2, model, width, fitted_on: {...}, labels: {L: {hypothesis, weights, nearness, bias}}}
  [[nodiscard]] Value to_value() const;
  /// Errors: invalid_argument, naming the field.
  [[nodiscard]] static Result<Probe> from_value(const Value& value);
};

/// Errors: those of the file and of from_value, at the file.
[[nodiscard]] Result<Probe> read_probe(const std::string& path);

/// The raw score that a probe gives; without one (null pointer) (1 + cosine) / 2, whose log-odds are twice the inverse hyperbolic
/// tangent of the cosine (Fisher's z).
[[nodiscard]] double probe_score(const LabelProbe* probe, std::span<const float> vector, double cosine) noexcept;

}  // namespace thalweg::scoring
