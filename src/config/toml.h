#pragma once
// TOML as the tree with places that YAML and JSON give. Private to src/config.

#include <string>
#include <string_view>

#include "engine/definition.h"

namespace thalweg::config {

/// Reads TOML 1.0. Date-times with an offset are timestamps. Errors (invalid_argument, with the place): what TOML does not allow,
/// dates and times without an offset (they are no point in time), more than 100 levels, invalid UTF-8.
[[nodiscard]] Result<Definition> parse_toml(std::string_view file_name, std::string text);

}  // namespace thalweg::config
