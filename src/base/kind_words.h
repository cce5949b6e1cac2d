#pragma once
// Kinds of values in words of people who write JSON and YAML, not of the language (type_name()).

#include <string_view>

#include "thalweg/value.h"

namespace thalweg {

/// "a text", "a number" (of all three kinds), "true or false", "null", "a list", "a map", ...: for messages on what stands in a
/// file in place of what is asked for.
[[nodiscard]] std::string_view in_words(Kind kind) noexcept;

}  // namespace thalweg
