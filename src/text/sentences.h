#pragma once
// Where sentences begin and end.

#include <cstddef>
#include <string_view>
#include <vector>

namespace thalweg::text {

/// A stretch of a text, without white space at its ends.
struct Span {
  std::size_t begin = 0;
  std::size_t end = 0;
  [[nodiscard]] std::string_view in(std::string_view text) const noexcept { return text.substr(begin, end - begin); }
  [[nodiscard]] std::size_t size() const noexcept { return end - begin; }
  bool operator==(const Span&) const = default;
};

enum class BlockKind : std::uint8_t { paragraph, item, layout };
struct Block {
  Span span;
  BlockKind kind;
};

/// The blocks of a section's text (see Section): parted by empty lines; of several lines: layout; beginning with "- ": an item.
[[nodiscard]] std::vector<Block> blocks(std::string_view text);

/// The sentences of one block, in order; together they hold all of it but the white space between them. A sentence ends with . ?
/// or ! (and closing quotes or brackets) before white space, unless the full stop belongs to an abbreviation, an initial or a
/// leading number; versions, URLs and file names have no white space and stay whole. In layout, lines are sentences, long ones
/// cut like text.
[[nodiscard]] std::vector<Span> sentences(std::string_view text, const Block& block);

}  // namespace thalweg::text
