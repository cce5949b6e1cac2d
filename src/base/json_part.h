#pragma once
// JSON values that stand in longer documents.

#include <cstddef>
#include <string_view>

#include "thalweg/json.h"

namespace thalweg {

/// "line 2, column 5", columns counted in code points.
struct JsonPlace {
  std::size_t line = 1;
  std::size_t column = 1;
};

/// As parse_json(), for a value that begins at `place` of its document. On an error `place` is where that is.
[[nodiscard]] Result<Value> parse_json_part(std::string_view text, JsonPlace& place, const JsonLimits& limits = {});

}  // namespace thalweg
