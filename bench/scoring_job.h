#pragma once
// The work that scoring is measured with: a configuration, texts, a data set as `eval run` works on it.

#include <cstddef>
#include <string>
#include <string_view>

#include "engine/ledger.h"
#include "scoring/text_scorer.h"

namespace thalweg::bench {

/// A configuration of so many labels in six categories, calibrated: "type: recorded" is a model, "platt, a: 1.3, b: -2.1" a
/// calibration.
[[nodiscard]] scoring::ScoreConfig scoring_labels(std::size_t count, std::string_view model,
                                                  std::string_view calibration = "platt, a: 1.3, b: -2.1");

/// A text of about 15 tokens; another one for each number.
[[nodiscard]] std::string scoring_message(std::size_t number);

/// Writes a data set of the messages from `from` on, for a configuration of so many labels.
void write_scoring_set(const std::string& path, std::size_t from, std::size_t count, std::size_t labels);

/// A data set as `eval run` works on it: read, checked, scored, kept, counted, a row written for each. Returns what was written.
std::size_t run_scoring_set(const std::string& path, const scoring::TextScorer& scorer, const Context& context, Ledger* ledger);

}  // namespace thalweg::bench
