#pragma once
// The header of a GGUF file: what a language model is, checked before anybody computes with it.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "thalweg/value.h"

namespace thalweg::models {

struct GgufTensor {
  std::string_view name;
  std::array<std::uint64_t, 4> shape{1, 1, 1, 1};
  std::uint32_t type = 0;    ///< ggml's number
  std::uint64_t offset = 0;  ///< in the file
  std::uint64_t bytes = 0;
  [[nodiscard]] std::uint64_t elements() const noexcept { return shape[0] * shape[1] * shape[2] * shape[3]; }
};

/// What stands in front of the weights. Views point into the bytes it was read from.
struct GgufHeader {
  std::uint32_t version = 0;
  /// A list as one when it holds at most 4,096 numbers, as those of a value for each layer do; else as an empty one: vocabularies
  /// are long.
  std::vector<std::pair<std::string_view, Value>> metadata;
  std::vector<GgufTensor> tensors;
  std::uint64_t data_at = 0;  ///< where the weights begin

  /// A null pointer when there is none of that name, or of another kind.
  [[nodiscard]] const Value* find(std::string_view key) const noexcept;
  [[nodiscard]] std::string_view text(std::string_view key) const noexcept;
  /// A key below the architecture's name: "llama.block_count" as number("block_count"). Nothing for lists.
  [[nodiscard]] std::optional<std::uint64_t> number(std::string_view key) const;
  /// The same of a key with one number, or with one for each layer; empty for what is neither.
  [[nodiscard]] std::vector<std::uint64_t> numbers(std::string_view key) const;
  /// Of the key/value cache for a window of so many tokens, 16 bits a number; the greatest number when it is beyond 64 bits.
  [[nodiscard]] std::uint64_t cache_bytes(std::uint64_t window) const;
  [[nodiscard]] std::uint64_t parameters() const noexcept;
};

/// Reads and checks the header at the beginning of `file`, a whole file or, with `size` given, the beginning of one that long.
/// Everything the format promises is checked: counts, types, names, that the weights lie in the file without gaps or overlaps.
/// Errors: invalid_argument (not GGUF, or another version of it), data_loss (truncated or damaged), each saying where.
[[nodiscard]] Result<GgufHeader> read_gguf(std::string_view file, std::uint64_t size = 0);

}  // namespace thalweg::models
