#pragma once
// What an expression asks about absence itself.

#include <string>
#include <string_view>
#include <vector>

#include "lang/type.h"

namespace thalweg::lang {

struct Node;

/// Adds the paths ("a.b") of has(a.b) and a.b != null below `node`; with `equality` those of a.b == null too. Precondition: names
/// are not resolved yet.
void find_tested(const Node& node, bool equality, std::vector<std::string>& paths);

/// The paths that are there where the condition holds: of has(a.b) and a.b != null. Precondition: it compiles.
[[nodiscard]] std::vector<std::string> tested_paths(std::string_view condition);

/// The type of a value in which what `path` leads to (behind the value's own name) is known to be there.
[[nodiscard]] Type with_present(const Type& type, std::string_view path);

}  // namespace thalweg::lang
