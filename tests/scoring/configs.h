#pragma once
// Configurations for the tests of scoring.

#include <doctest/doctest.h>

#include <string>

#include "scoring/score_config.h"

namespace thalweg::scoring {

inline Result<ConfigData> config_from(const std::string& yaml, std::vector<config::Warning>* warnings = nullptr) {
  config::Layers layers;
  TRY(layers.text("test.yaml", yaml, config::Format::yaml));
  config::Tree tree = std::move(layers).build();
  auto read = read_config(tree);
  if (warnings != nullptr) *warnings = tree.warnings;
  return read;
}

inline ScoreConfig score_config_from(const std::string& yaml) {
  const auto read = config_from(yaml);
  REQUIRE_MESSAGE(read.has_value(), (read ? "" : read.error().text()));
  return read->score;
}

}  // namespace thalweg::scoring
