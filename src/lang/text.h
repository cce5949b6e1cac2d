#pragma once
// Strings as CEL sees them: sequences of code points over UTF-8 bytes.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace thalweg::lang {

[[nodiscard]] inline bool continues(char byte) noexcept { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

/// Code points of a valid text.
[[nodiscard]] inline std::size_t count_points(std::string_view text) noexcept {
  std::size_t count = 0;
  for (const char byte : text) count += continues(byte) ? 0U : 1U;
  return count;
}

/// The byte offset of the code point number `index`; npos when the text has fewer. The end counts as one.
[[nodiscard]] std::size_t offset_of_point(std::string_view text, std::size_t index) noexcept;

/// The code point at byte `at` of a valid text; moves `at` behind it.
[[nodiscard]] char32_t next_point(std::string_view text, std::size_t& at) noexcept;

void append_point(std::string& out, char32_t point);

/// The offset of the first byte that is no UTF-8 (overlong forms, surrogates and values over 0x10FFFF included), or npos.
[[nodiscard]] std::size_t first_invalid(std::string_view text) noexcept;

/// Unicode's White_Space property.
[[nodiscard]] bool is_space(char32_t point) noexcept;

}  // namespace thalweg::lang
