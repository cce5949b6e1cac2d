#pragma once
// A stable hash of what a definition means.

#include <cstdint>
#include <map>
#include <string>

#include "engine/definition.h"

namespace thalweg {

/// Equal for definitions that do the same: places, comments, the format, the order of keys and `description`, `tests` and
/// `metadata` count for nothing; types and versions of stages do. XXH3, 64 bits; the same on every machine.
[[nodiscard]] std::uint64_t fingerprint(const Node& root, const std::map<std::string, std::string, std::less<>>& versions,
                                        std::span<const std::uint64_t> loaded);

}  // namespace thalweg
