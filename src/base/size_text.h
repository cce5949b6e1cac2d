#pragma once
// Sizes as people write them.

#include <cstdint>
#include <string_view>

#include "base/error.h"

namespace thalweg {

/// A whole number and a unit: "500MB", "2 GB" (powers of 1,000), "4GiB" (of 1,024), "100B". Errors: invalid_argument,
/// out_of_range (2^63 bytes).
[[nodiscard]] Result<std::uint64_t> parse_size(std::string_view text);

}  // namespace thalweg
