#pragma once
// Values as bytes: to keep them, and to hand them to another program.

#include <cstddef>
#include <string>
#include <string_view>

#include "base/error.h"
#include "thalweg/value.h"

namespace thalweg {

inline constexpr std::size_t kLargestEncoded = std::size_t{64} << 20;  ///< bytes of an encoded value, unless said otherwise

/// Everything that a value is: decode_value() gives back one that is identical() to it. Errors: resource_exhausted when it is
/// more than `most` bytes (parts held in several places are written as often) or lists and maps stand more than 10,000 deep in
/// each other.
///
/// The bytes: "TV", the version 1, the value, 64 bits of XXH3 over all before them. A value is its tag and what follows it:
/// counts and integers as LEB128 (signed ones zigzag), doubles and floats as their little-endian bits, strings, bytes and types
/// with their size before them, lists and maps with the number of their items or entries. One value has one encoding.
[[nodiscard]] Result<std::string> encode_value(const Value& value, std::size_t most = kLargestEncoded);

/// Errors: data_loss when these are not the bytes that encode_value() made, or not all of them; unimplemented for those of a
/// later version.
[[nodiscard]] Result<Value> decode_value(std::string_view data);

}  // namespace thalweg
