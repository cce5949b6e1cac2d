#pragma once
// What a page shows of labels: figures and reliability diagrams.

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "calibration/metrics.h"
#include "thalweg/value.h"

namespace thalweg::cli {

/// The probabilities of one label over the texts, and where it was present.
struct LabelColumn {
  std::vector<double> calibrated;
  std::vector<std::uint8_t> present;
  [[nodiscard]] calibration::Sample sample() const { return {.raw = calibrated, .present = present}; }
};

/// Whether one calibration gave all probabilities of a column, or each fold its own. Those keep the order of raw scores within a
/// fold only; across folds a rare label's texts get lower ones, just because the fits without them had fewer.
enum class Ranks : std::uint8_t { together, apart };

/// {name, present, auc, average_precision, log_loss, brier, ece}; the two of ranks are null where these are apart. Precondition:
/// there are rows.
[[nodiscard]] std::vector<Entry> label_figures(const std::string& name, const LabelColumn& column, Ranks ranks);

/// {label, ece, present, points}, with exact intervals (Clopper-Pearson).
[[nodiscard]] Value reliability_diagram(const std::string& name, std::span<const calibration::ReliabilityBin> bins,
                                        std::size_t present);
/// That of all labels together, and of each that is present in at least kFewest rows.
[[nodiscard]] Value reliability_diagrams(const std::map<std::string, LabelColumn>& labels);
inline constexpr std::size_t kFewest = 5;

}  // namespace thalweg::cli
