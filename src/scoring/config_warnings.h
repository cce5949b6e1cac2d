#pragma once
// What a configuration can be read as, but hardly means.

#include <string>
#include <vector>

#include "config/path.h"
#include "scoring/score_config.h"

namespace thalweg::scoring {

struct ConfigWarning {
  std::vector<config::Keys> about;  ///< settings below `score`, at least one: it is about the first that is set, else its default
  std::string message;
};

/// A sentence each: nothing configured, labels met twice, top_k above the number of labels, labels and decisions that no score
/// reaches, decisions that every score reaches, falling calibrations, labels that the probe (its file is read) has nothing of.
[[nodiscard]] std::vector<ConfigWarning> warnings_of(const ScoreConfig& config);

}  // namespace thalweg::scoring
