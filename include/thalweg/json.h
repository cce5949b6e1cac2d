#pragma once
// JSON in and out (RFC 8259), strictly: what a document says comes in exactly, or is an error with its place.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "thalweg/error.h"
#include "thalweg/value.h"

namespace thalweg {

struct JsonLimits {
  std::size_t max_depth = 512;                            ///< lists and maps within each other
  std::size_t max_bytes = std::size_t{64} * 1024 * 1024;  ///< of the document
};

/// The value a document says. Whole numbers are int, above int64 uint, beyond that an error; numbers with a point or an exponent
/// are the nearest double ("-0" is the int 0, "-0.0" the double). A byte order mark at the beginning is passed over. Errors:
/// invalid_argument with byte offset, line and column (of code points, from 1) for anything JSON does not allow, ill-formed
/// UTF-8, a lone surrogate, a key met twice in one map, a number that neither an integer nor a double holds, text behind the
/// document, and a document above its limits. Needs no stack for depth.
[[nodiscard]] Result<Value> parse_json(std::string_view text, const JsonLimits& limits = {});

/// The same for one line of a file of documents (JSON lines): errors are at "name:line:column".
[[nodiscard]] Result<Value> parse_json_line(std::string_view text, std::string_view name, std::size_t line,
                                            const JsonLimits& limits = {});

inline constexpr std::size_t kLongestJson = std::size_t{1} << 30;  ///< that is written, unless said otherwise

enum class JsonStyle : std::uint8_t {
  compact,  ///< {"a":1,"b":[1.5]}
  pretty,   ///< two spaces a level
};

/// The document for a value. A double is the shortest text that reads back as the same, with ".0" or an exponent where it is
/// whole; bytes are base64, timestamps RFC 3339, durations seconds ("1.5s"), floats a list, types their names: as protobuf writes
/// them in JSON. Errors: invalid_argument with the path of the value that JSON cannot hold: NaN, an infinity, a map key that is
/// no string, a string that is not UTF-8, a timestamp outside the years 1 to 9999; resource_exhausted for a document of more
/// than `most` bytes (a value of a few kilobytes that holds its parts in many places can be a document of exabytes).
[[nodiscard]] Result<std::string> to_json(const Value& value, JsonStyle style = JsonStyle::compact,
                                          std::size_t most = kLongestJson);

/// The same, behind what `out` holds already; on an error `out` is as it was.
[[nodiscard]] Result<> append_json(std::string& out, const Value& value, JsonStyle style = JsonStyle::compact,
                                   std::size_t most = kLongestJson);

}  // namespace thalweg
