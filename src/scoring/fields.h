#pragma once
// Reads fields of maps that other programs may have written.

#include <string>
#include <string_view>

#include "thalweg/error.h"
#include "thalweg/value.h"

namespace thalweg::scoring {

/// The field `name` of a map, of that kind (a number counts as real, whatever its kind). Errors: invalid_argument.
[[nodiscard]] Result<const Value*> field(const Value& map, std::string_view name, Kind kind);
[[nodiscard]] Result<double> number_field(const Value& map, std::string_view name);
[[nodiscard]] Result<std::string> text_field(const Value& map, std::string_view name);
/// Not negative.
[[nodiscard]] Result<std::size_t> count_field(const Value& map, std::string_view name);

}  // namespace thalweg::scoring
