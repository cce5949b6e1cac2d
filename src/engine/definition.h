#pragma once
// A definition as it stands in a file: a tree with places. Nothing is checked here beyond the file's own grammar.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "thalweg/value.h"

namespace thalweg {

/// A place in a file, 1-based; column in code points.
struct Place {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
  auto operator<=>(const Place&) const = default;
};

/// A node of YAML or JSON with the place it began at; both formats give the same tree. Aliases are expanded.
struct Node {
  enum class Kind : std::uint8_t { scalar, list, map };
  enum class Style : std::uint8_t { plain, single_quoted, double_quoted, literal, folded };
  struct Member;
  Kind kind = Kind::scalar;
  Style style = Style::plain;  ///< of a scalar
  Place place;
  std::uint32_t begin = 0;      ///< of a scalar: the byte its text begins at (behind an opening quote)
  Value value;                  ///< of a scalar: null, bool, int, uint, double or string (YAML 1.2 core schema)
  std::vector<Node> items;      ///< of a list
  std::vector<Member> members;  ///< of a map, in order, keys unique
  [[nodiscard]] bool is_string() const noexcept { return kind == Kind::scalar && value.is_string(); }
  [[nodiscard]] bool is_null() const noexcept { return kind == Kind::scalar && value.is_null(); }
  /// The member `key` of a map, or null pointer.
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
  std::string path;     ///< "stages[2].with.items"
  std::string message;  ///< with the nearest known name where there is one
};

/// A file, read: its text is kept so that a place inside a string can be told.
struct Definition {
  std::string file;  ///< the name it is reported under
  std::string text;
  Node root;
  /// What is wrong although it can be read: keys met twice, merge keys, tags and numbers that do not fit. compile_plan tells them
  /// with all others; the parts concerned are left out of the tree, or null.
  std::vector<Problem> problems{};
  /// Where byte `offset` of the string `scalar` stands in the file, through quotes, escapes, folding and indentation.
  [[nodiscard]] Place place_in(const Node& scalar, std::size_t offset) const;
};

/// All that is wrong, as one error (invalid_argument): "file:line:column: path: message" a line, in file order.
[[nodiscard]] Error problems_error(std::string_view file, std::vector<Problem> problems);

inline constexpr std::size_t kMaxDefinitionBytes = std::size_t{1} << 20;
inline constexpr std::size_t kMaxDefinitionDepth = 100;
inline constexpr std::size_t kMaxDefinitionNodes = 100'000;  ///< after aliases are expanded

/// Reads YAML 1.2 or JSON (told by the content). Errors (invalid_argument, with the place): more than 1 MiB, more than 100
/// levels, alias bombs (counted before anything is expanded), anchors that refer to themselves, keys that are no strings, several
/// documents, control characters, invalid UTF-8 (with its offset).
[[nodiscard]] Result<Definition> parse_definition(std::string_view file_name, std::string text);

/// The same from a file; never reads more than the limit. Errors also: not_found, permission_denied, ... of the file system.
[[nodiscard]] Result<Definition> read_definition(const std::string& path);

}  // namespace thalweg
