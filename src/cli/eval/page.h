#pragma once
// The figures of a run as its page shows them.

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cli/eval/results.h"
#include "cli/interrupt.h"

namespace thalweg::cli {

/// What the curve of risk is drawn for: accepted texts wrong at most `alpha`, with that confidence.
struct RiskTarget {
  double alpha = 0.05;
  double confidence = 0.95;
};

/// Thresholds in place of those that a run decided by.
struct ChosenThresholds {
  std::optional<double> overall;
  std::map<std::string, double, std::less<>> labels;
  std::vector<std::string> warnings{};  ///< of thresholds that may not be of this run's decisions
  /// Adds what 'eval threshold' wrote, for this run. Errors: those of the file; invalid_argument when it holds no thresholds, or
  /// those of labels that the run has not; failed_precondition when it promises something that other decisions proved.
  Result<> add(const std::string& path, const Results& results);
  /// A sentence and a space: what is in place of the run's own; empty when nothing is.
  [[nodiscard]] std::string told() const;

 private:
  std::string overall_from_, labels_from_;
};

/// The tree that report_html() draws, of decisions by the thresholds `chosen`. Errors: those of Results::read.
[[nodiscard]] Result<Value> page_of(const Results& results, const RiskTarget& target, const ChosenThresholds& chosen,
                                    const Interrupt& interrupt);

/// What the parameters in a file are worth on raw scores: those found when they were trained, on texts held out, where they were
/// trained on this very file; else on its texts that nothing was fitted on. Errors: invalid_argument for files that are none, and
/// where a label has no raw scores; failed_precondition for raw scores of another model, and when all texts were fitted on.
[[nodiscard]] Result<Value> page_of_params(const std::string& scores, const std::string& params, const Interrupt& interrupt);

}  // namespace thalweg::cli
