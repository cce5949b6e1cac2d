#pragma once
// Where every setting came from, for people and as JSON.

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/reading.h"
#include "config/tree.h"

namespace thalweg::config {

/// What a part of the program reads of a configuration.
struct Schema {
  std::vector<std::string_view> keys;  ///< at the root: variables that begin with none of them are told
  std::function<void(Section root)> read;
};

struct Explanation {
  Tree tree;  ///< with the defaults of the schema
  std::vector<Finding> problems;
};

/// Reads the tree by the schema, when there is one.
[[nodiscard]] Explanation explain(Tree tree, const Schema* schema);

/// A line for each setting at or below `only`: path, value, where it came from, and what it overrode. Lists are one setting.
/// Errors: not_found, with the nearest path, when nothing is there.
[[nodiscard]] Result<std::string> explain_text(const Explanation& explanation, std::string_view only = {});

/// {sources: [name], settings: [{path, value, from: {kind, source, line, column}, overrode: [{value, from}]}], warnings: [text],
/// problems: [{from, path, message}]}; numbers that JSON does not have as text.
[[nodiscard]] Result<Value> explain_value(const Explanation& explanation, std::string_view only = {});

}  // namespace thalweg::config
