#pragma once
// Hashes of texts, for identities and keys.

#include <span>
#include <string>
#include <string_view>

namespace thalweg::scoring {

/// 32 hexadecimal digits that stand for these texts in this order (XXH3, 128 bits).
[[nodiscard]] std::string digest(std::span<const std::string> texts);

}  // namespace thalweg::scoring
