#pragma once
// Text, numbers and values as HTML has them. Private to src/scoring.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "thalweg/value.h"

namespace thalweg::scoring::html {

/// For text and for attributes in double quotes. What is no UTF-8 is U+FFFD, control characters are their pictures (U+2400...).
[[nodiscard]] std::string escape(std::string_view text);

/// The same of at most `most` characters, in an element of its own that no direction mark inside can turn beyond; says how long
/// it was when it is cut.
[[nodiscard]] std::string quoted(std::string_view text, std::size_t most);

/// 3372 as "3,372".
[[nodiscard]] std::string count_text(std::int64_t count);
/// 0.9464 as "94.6%".
[[nodiscard]] std::string percent(double share);
/// 0.05 as "5%", 0.125 as "12.5%": a share somebody chose.
[[nodiscard]] std::string round_percent(double share);
/// With that many digits behind the point: 0.5 and 2 as "0.50". A number that rounds to 0 has no sign.
[[nodiscard]] std::string fixed(double number, int digits);
/// "0.83 ms", "12.4 ms", "1.37 s", "4 min 12 s".
[[nodiscard]] std::string milliseconds(double ms);

// Fields of a map that may be missing, or of another type.
[[nodiscard]] std::optional<double> number(const Value& map, std::string_view key);       ///< finite
[[nodiscard]] std::optional<double> share(const Value& map, std::string_view key);        ///< from 0 to 1
[[nodiscard]] std::optional<std::int64_t> count(const Value& map, std::string_view key);  ///< from 0 to 10^15
[[nodiscard]] std::string_view text(const Value& map, std::string_view key);              ///< empty when there is none
[[nodiscard]] std::span<const Value> list(const Value& map, std::string_view key);        ///< empty when there is none

}  // namespace thalweg::scoring::html
