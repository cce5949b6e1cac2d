#pragma once
// Fitting linear probes on sentence vectors.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "calibration/folds.h"
#include "models/encoder.h"
#include "scoring/models/probe.h"

namespace thalweg::scoring {

/// Texts as the probe sees them.
struct ProbeData {
  std::size_t width = 0;                           ///< of the vectors
  std::vector<float> vectors;                      ///< texts x width, each of length 1
  std::vector<std::string> labels;                 ///< by column
  std::vector<double> cosines;                     ///< texts x labels: nearness to each label's hypothesis
  std::vector<std::vector<std::uint8_t>> present;  ///< by label, one a text
  std::vector<std::size_t> groups{};               ///< texts of one number are copies; empty: there are none
  [[nodiscard]] std::size_t texts() const noexcept { return width == 0 ? 0 : vectors.size() / width; }
};

struct ProbeOptions {
  std::vector<double> ridges{0.03, 0.1, 0.3};  ///< weights of the penalty that are tried; one is taken as it is
  std::size_t folds = 5;                       ///< that choose among them
  std::uint64_t seed = 1;
  std::size_t threads = 1;
  std::function<Result<>(std::size_t done, std::size_t total)> progress{};  ///< of fits; an error ends the work
};

struct ProbeFit {
  Probe probe;
  double ridge = 0;  ///< chosen
};

/// For each label the logistic regression of `present` on (vector, kNearness * cosine, 1) with the penalty ridge / 2 times the
/// square of all weights but the constant's. One ridge for all labels, that with the least log-loss over held-out folds. A label
/// that is nowhere present, or everywhere, gets no weights but what all labels together say of nearness. Deterministic for a
/// seed. Errors: failed_precondition (fewer texts than folds), progress's.
[[nodiscard]] Result<ProbeFit> fit_probe(const ProbeData& data, std::span<const std::size_t> rows, const ProbeOptions& options);

/// Vectors of texts and hypotheses by an embedding model. `present` is left to the caller. Errors: those of the model;
/// invalid_argument when it gives no vectors.
[[nodiscard]] Result<ProbeData> probe_data(models::Encoder& encoder, std::span<const std::string> texts,
                                           std::vector<std::string> labels, std::span<const std::string> hypotheses,
                                           const Context& context);

/// Texts x labels: each text's raw scores by a probe fitted, ridge and all, on the folds it is not in.
[[nodiscard]] Result<std::vector<double>> cross_fit(const ProbeData& data, const calibration::Folds& folds,
                                                    const ProbeOptions& options);

}  // namespace thalweg::scoring
