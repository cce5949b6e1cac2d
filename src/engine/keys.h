#pragma once
// The one table of what may stand in a definition. The checker, the JSON Schema and the reference are all made from it.

#include <cstdint>
#include <span>
#include <string_view>

namespace thalweg {

/// What stands behind a key.
enum class Form : std::uint8_t {
  text,         ///< a string
  name,         ///< a string that begins with a letter or digit and has only those and . _ - /
  id,           ///< an identifier of the expression language
  ids,          ///< a list of ids
  count,        ///< an int of at least `least`
  number,       ///< an int or double of at least `least`
  span,         ///< a duration: "20s", "1.5m", "100ms"
  code,         ///< the name of an error code
  codes,        ///< a list of those
  type,         ///< a type's text, or a map of fields to types
  expression,   ///< CEL
  value,        ///< any tree; strings are templates
  constant,     ///< any tree, taken as it stands
  expectation,  ///< any tree; maps of one known matcher are matchers
  stage_type,   ///< the name of a stage of the catalogue
  with,         ///< what that stage's contract asks for
  stages,       ///< a list of stages
  block,        ///< a map with the keys of `block`
  blocks,       ///< a list of those
  on_failure,   ///< abort, continue or a block
};

struct Block;

struct Key {
  std::string_view name;
  Form form;
  std::string_view description;
  bool required = false;
  double least = 0;
  const Block* block = nullptr;
};

/// A map with a fixed set of keys.
struct Block {
  std::string_view name;         ///< "stage", "retry", ...
  std::string_view description;  ///< for the reference
  std::span<const Key> keys;
  std::span<const std::string_view> one_of;  ///< exactly one of these must be there
  [[nodiscard]] const Key* find(std::string_view key) const noexcept;
};

namespace blocks {
const Block& definition() noexcept;
const Block& nested() noexcept;  ///< a pipeline inside a stage: stages and output only
const Block& stage() noexcept;
const Block& retry() noexcept;
const Block& failure() noexcept;
const Block& fallback() noexcept;
const Block& cache() noexcept;
const Block& defaults() noexcept;
const Block& test() noexcept;
const Block& fault() noexcept;
const Block& test_error() noexcept;
const Block& branch() noexcept;  ///< one of a field with binding `cases`
}  // namespace blocks

/// All blocks, in the order of the reference.
[[nodiscard]] std::span<const Block* const> all_blocks() noexcept;

/// What a form asks for, in words: "a duration such as 20s, 1.5m or 100ms".
[[nodiscard]] std::string_view describe(Form form) noexcept;

}  // namespace thalweg
