#pragma once
// 'text %s and %d'.format([...])

#include <span>
#include <string>
#include <string_view>

#include "lang/function.h"

namespace thalweg::lang {

/// Fills `out` with the pattern and its arguments: %s any value, %d numbers, %f and %e doubles with an optional precision (%.3f),
/// %b binary, %o octal, %x and %X hexadecimal (also of strings and bytes), %% a percent sign.
[[nodiscard]] bool format_text(Call& call, std::string_view pattern, std::span<const Value> arguments, std::string& out);

}  // namespace thalweg::lang
