#pragma once
// Regular expressions: RE2, which takes time in proportion to the text whatever the pattern, within bounds on the pattern.

#include <memory>
#include <string_view>

#include "base/error.h"

namespace re2 {
class RE2;
}

namespace thalweg::lang {

/// Errors: invalid_argument for a pattern that RE2 refuses, or that is longer than 10,000 bytes or needs too large a machine.
[[nodiscard]] Result<std::shared_ptr<const re2::RE2>> compile_pattern(std::string_view pattern);

}  // namespace thalweg::lang
