#pragma once
// A definition as it stands in a file: a tree with places. Nothing is checked here beyond the file's own grammar.

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/value.h"

namespace thalweg {

/// A place in a file, 1-based; column in code points.
struct Place {
  std::size_t line = 0;
  std::size_t column = 0;
};

/// A node of YAML or JSON with the place it began at; both formats give the same tree.
struct Node {
  enum class Kind : std::uint8_t { scalar, list, map };
  struct Member;
  Kind kind = Kind::scalar;
  Place place;
  Value value;                  ///< of a scalar: null, bool, int, uint, double or string (YAML 1.2 core schema)
  std::vector<Node> items;      ///< of a list
  std::vector<Member> members;  ///< of a map, in order, keys unique
  [[nodiscard]] const Node* find(std::string_view key) const noexcept;
  /// The whole tree as a value (maps with string keys).
  [[nodiscard]] Value to_value() const;
};
struct Node::Member {
  std::string key;
  Place place;
  Node node;
};

/// One thing wrong with a definition.
struct Problem {
  Place place;
  std::string path;  ///< "stages[2].with.items"
  std::string message;  ///< with the nearest known name where there is one
};

/// All that is wrong, as one error: "file:line:column: path: message" a line, in file order.
[[nodiscard]] Error problems_error(std::string_view file, const std::vector<Problem>& problems);

inline constexpr std::size_t kMaxDefinitionBytes = std::size_t{1} << 20;

/// Reads YAML 1.2 or JSON (told by the content). Refused: more than 1 MiB, more than 100 levels, alias bombs, anchors that refer to
/// themselves, duplicate keys, keys that are no strings, several documents, invalid UTF-8.
[[nodiscard]] Result<Node> parse_definition(std::string_view file_name, std::string_view text);

}  // namespace thalweg
