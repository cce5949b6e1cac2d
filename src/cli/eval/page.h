#pragma once
// The figures of a run as its page shows them.

#include "cli/eval/results.h"
#include "cli/interrupt.h"

namespace thalweg::cli {

/// What the curve of risk is drawn for: accepted texts wrong at most `alpha`, with that confidence.
struct RiskTarget {
  double alpha = 0.05;
  double confidence = 0.95;
};

/// The tree that report_html() draws. Errors: those of Results::read.
[[nodiscard]] Result<Value> page_of(const Results& results, const RiskTarget& target, const Interrupt& interrupt);

}  // namespace thalweg::cli
