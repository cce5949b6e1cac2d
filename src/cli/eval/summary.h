#pragma once
// What a run of `thalweg eval` came to, as a value and for people.

#include <string>

#include "cli/eval/scoring.h"

namespace thalweg::cli {

/// {run, data, configuration, model, began, elapsed_ms, loading_ms, throughput, energy_joules, kept, ...Evaluation::to_value()};
/// throughput is texts/s of those that were not kept from before, null when all were.
[[nodiscard]] Value summary_of(const ScoringDone& done, const EvalConfig& config, const std::string& data, Timestamp began);

/// A few lines; `folder` has the results; `verbose`: with tables of categories, difficulties and labels.
[[nodiscard]] std::string summary_text(const ScoringDone& done, const EvalConfig& config, const std::string& data,
                                       const std::string& folder, bool verbose);

/// The time of day.
[[nodiscard]] Timestamp wall_time(const Clock& clock);

/// The fields of `more` behind those of `base`.
[[nodiscard]] Value with_fields(Value base, const Value& more);

}  // namespace thalweg::cli
