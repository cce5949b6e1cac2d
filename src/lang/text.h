#pragma once
// Steps over the code points of valid texts: what strings are made of for CEL.

#include <cstddef>
#include <string_view>

#include "base/utf8.h"

namespace thalweg::lang {

[[nodiscard]] inline bool continues(char byte) noexcept { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

/// The code point at byte `at` of a valid text; moves `at` behind it.
inline char32_t next_point(std::string_view text, std::size_t& at) noexcept {
  const utf8::Step step = utf8::step(text, at);
  at += step.length;
  return step.code;
}

/// Unicode's White_Space property.
[[nodiscard]] constexpr bool is_space(char32_t point) noexcept {
  return (point >= 0x09 && point <= 0x0D) || point == 0x20 || point == 0x85 || point == 0xA0 || point == 0x1680 ||
         (point >= 0x2000 && point <= 0x200A) || point == 0x2028 || point == 0x2029 || point == 0x202F || point == 0x205F ||
         point == 0x3000;
}

}  // namespace thalweg::lang
