#pragma once
// A row of results.jsonl.

#include "scoring/evaluate.h"

namespace thalweg::cli {

/// What became of a sample; open_results() reads it back. `fitted_on`: the configuration was fitted to this text.
[[nodiscard]] Value result_row(const scoring::Outcome& outcome, const scoring::ScorePlan& plan, bool fitted_on);

}  // namespace thalweg::cli
