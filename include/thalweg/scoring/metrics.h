#pragma once
// What a run over a data set comes to.

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "thalweg/value.h"

namespace thalweg::scoring {

struct Metrics {
  struct Count {
    std::size_t total = 0;
    std::size_t correct = 0;
    bool operator==(const Count&) const = default;
  };
  /// Of a label; nothing where a figure is not defined.
  struct Detection {
    std::size_t expected = 0;
    std::size_t detected = 0;
    std::size_t true_positives = 0;
    std::size_t false_positives = 0;
    std::size_t false_negatives = 0;
    std::optional<double> precision{};
    std::optional<double> recall{};
    std::optional<double> f1{};
    bool operator==(const Detection&) const = default;
  };

  std::size_t total = 0;    ///< samples that were scored
  std::size_t correct = 0;  ///< of these, decided as expected
  std::size_t errors = 0;   ///< samples whose scorer failed: neither right nor wrong
  std::size_t dropped = 0;  ///< samples passed over, because they are wrong
  /// Samples that the configuration was fitted on (its probe, calibrations, thresholds), or whose own scores are of such a model:
  /// they flatter every figure here. Of scorers of one's own, and pipelines without a stage `score`, only what the samples tell.
  std::size_t fitted_on = 0;
  std::optional<double> accuracy{};
  std::optional<double> majority{};  ///< the accuracy of always giving the decision expected most often
  std::map<std::string, Count> per_category;
  std::map<std::string, Detection> per_label;
  /// Means over the labels expected at least once, nothing where there is none; F1 is the harmonic mean of these two.
  std::optional<double> precision{};
  std::optional<double> recall{};
  std::optional<double> f1{};
  std::int64_t elapsed_ns = 0;
  /// All figures, those of calibration and latency too, as `thalweg eval run --json` has them.
  Value details;
  std::vector<std::string> problems;  ///< of the data

  [[nodiscard]] double texts_per_second() const noexcept {
    return elapsed_ns <= 0 ? 0 : static_cast<double>(total + errors) * 1e9 / static_cast<double>(elapsed_ns);
  }
};

}  // namespace thalweg::scoring
