#pragma once
// A configuration by name, by path, or as it stands in a definition.

#include <string>
#include <string_view>

#include "scoring/score_config.h"

namespace thalweg::scoring {

/// Lays a shipped configuration (see shipped_config), or a file with what it includes, on other sources.
Result<> lay_config(config::Layers& layers, const std::string& name);

/// A shipped configuration's name (see shipped_config), or a file with what it includes. No variables count. Errors: those
/// of the file and of read_config.
[[nodiscard]] Result<config::Layers> config_layers(const std::string& name);

/// `given`: such a name, or the configuration itself, a map. Warnings are told nowhere. Errors also: invalid_argument.
[[nodiscard]] Result<ConfigData> config_of(const Value& given);

}  // namespace thalweg::scoring
