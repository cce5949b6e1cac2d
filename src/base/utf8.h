#pragma once
// UTF-8: checking, counting and stepping through it. Offsets are bytes.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace thalweg::utf8 {

/// One code point read from a text.
struct Step {
  char32_t code;         ///< U+FFFD when the bytes are ill-formed
  std::uint32_t length;  ///< bytes taken, at least 1; of ill-formed bytes the longest beginning of a sequence (Unicode 3.9,
                         ///< U+FFFD substitution)
  bool valid;
};

/// The code point at `at`. Precondition: at < text.size(). Never fails and always moves on, so that any bytes can be walked.
[[nodiscard]] constexpr Step step(std::string_view text, std::size_t at) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(at);
  if (lead < 0x80) return {lead, 1, true};
  if (lead < 0xC2 || lead > 0xF4) return {0xFFFD, 1, false};
  const std::uint32_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  // The second byte's range shuts out overlong forms, surrogates and what lies above U+10FFFF.
  unsigned char low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  unsigned char high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  char32_t code = lead & (0xFFU >> (length + 1));
  for (std::uint32_t i = 1; i < length; ++i) {
    if (at + i >= text.size() || byte(at + i) < low || byte(at + i) > high) return {0xFFFD, i, false};
    code = (code << 6) | (byte(at + i) & 0x3FU);
    low = 0x80;
    high = 0xBF;
  }
  return {code, length, true};
}

/// Where the first ill-formed sequence begins, or npos when the text is well-formed.
[[nodiscard]] std::size_t invalid_at(std::string_view text) noexcept;

/// Code points in a well-formed text (of ill-formed ones, the bytes that begin a sequence or stand alone).
[[nodiscard]] std::size_t count(std::string_view text) noexcept;

/// The offset of code point `index` of a well-formed text; its size for the index behind the last, npos for one further out.
[[nodiscard]] std::size_t offset_of(std::string_view text, std::size_t index) noexcept;

/// A text of others as messages tell it: whole, or what fits into `most` bytes and "...".
[[nodiscard]] std::string cut(std::string_view text, std::size_t most = 80);

/// The text with U+FFFD for what is ill-formed.
[[nodiscard]] std::string well_formed(std::string_view text);

/// Appends a code point. Precondition: at most U+10FFFF and no surrogate.
void append(std::string& text, char32_t code);

}  // namespace thalweg::utf8
