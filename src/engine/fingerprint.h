#pragma once
// A stable hash of what a definition means.

#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "engine/definition.h"

namespace thalweg {

/// Equal for definitions that do the same: places, comments, the format, the order of keys and `description`, `tests` and
/// `metadata` count for nothing; types and versions of stages do. XXH3, 64 bits; the same on every machine.
[[nodiscard]] std::uint64_t fingerprint(const Node& root, const std::map<std::string, std::string, std::less<>>& versions,
                                        std::span<const std::uint64_t> loaded);

/// What decides a stage's result besides what it is given.
struct StageMeaning {
  std::string_view type;
  std::string_view version;
  const Node* with = nullptr;            ///< null pointer when there is none
  const Node* defaults = nullptr;        ///< of the definition; null pointer unless something is nested in the stage
  std::string_view key;                  ///< source of `cache.key`
  std::vector<std::string_view> names;   ///< read by what is nested, in the order of their values in the key
  std::span<const std::uint64_t> inner;  ///< of nested pipelines and called ones
  std::string output;                    ///< the type
};

/// Stable as above, 128 bits: equal for stages that give equal results for equal arguments, in whatever pipeline and under
/// whatever id they stand.
[[nodiscard]] std::array<std::uint64_t, 2> stage_fingerprint(const StageMeaning& meaning);

/// Of types and versions of stages, with what is nested in each.
[[nodiscard]] std::uint64_t nested_fingerprint(std::span<const StageMeaning> stages);

}  // namespace thalweg
