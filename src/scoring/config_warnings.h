#pragma once
// What a configuration can be read as, but hardly means.

#include <string>
#include <vector>

#include "scoring/score_config.h"

namespace thalweg::scoring {

/// A sentence each: nothing configured, labels met twice, top_k above the number of labels, labels and decisions that no score
/// reaches, decisions that every score reaches, falling calibrations, labels that the probe (its file is read) has nothing of.
[[nodiscard]] std::vector<std::string> warnings_of(const ScoreConfig& config);

}  // namespace thalweg::scoring
