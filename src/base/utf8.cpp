#include "base/utf8.h"

#include <cstring>

namespace thalweg::utf8 {

namespace {

constexpr std::uint64_t kHighBits = 0x8080808080808080U;

// Behind the ASCII bytes from `at` on, in blocks: most text is mostly ASCII.
std::size_t skip_ascii(std::string_view text, std::size_t at) noexcept {
  while (at + 32 <= text.size()) {
    std::uint64_t words[4];
    std::memcpy(words, text.data() + at, sizeof(words));
    if (((words[0] | words[1] | words[2] | words[3]) & kHighBits) != 0) break;
    at += 32;
  }
  while (at + 8 <= text.size()) {
    std::uint64_t word;
    std::memcpy(&word, text.data() + at, sizeof(word));
    if ((word & kHighBits) != 0) break;
    at += 8;
  }
  while (at < text.size() && static_cast<unsigned char>(text[at]) < 0x80) ++at;
  return at;
}

constexpr bool begins(char byte) noexcept { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80; }

}  // namespace

std::size_t invalid_at(std::string_view text) noexcept {
  for (std::size_t at = skip_ascii(text, 0); at < text.size();) {
    const Step read = step(text, at);
    if (!read.valid) return at;
    at += read.length;
    if (at < text.size() && static_cast<unsigned char>(text[at]) < 0x80) at = skip_ascii(text, at);
  }
  return std::string_view::npos;
}

std::size_t count(std::string_view text) noexcept {
  std::size_t points = 0;
  for (const char byte : text) points += begins(byte) ? 1 : 0;
  return points;
}

std::size_t offset_of(std::string_view text, std::size_t index) noexcept {
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (begins(text[at]) && index-- == 0) return at;
  }
  return index == 0 ? text.size() : std::string_view::npos;
}

std::string cut(std::string_view text, std::size_t most) {
  if (text.size() <= most) return std::string(text);
  std::size_t end = most;
  while (end > 0 && !begins(text[end])) --end;
  return std::string(text.substr(0, end)) + "...";
}

std::string well_formed(std::string_view text) {
  if (invalid_at(text) == std::string_view::npos) return std::string(text);
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const Step read = step(text, at);
    append(out, read.code);
    at += read.length;
  }
  return out;
}

void append(std::string& text, char32_t code) {
  const auto add = [&text](std::uint32_t byte) { text.push_back(static_cast<char>(byte)); };
  if (code < 0x80) {
    add(code);
  } else if (code < 0x800) {
    add(0xC0U | (code >> 6));
    add(0x80U | (code & 0x3FU));
  } else if (code < 0x10000) {
    add(0xE0U | (code >> 12));
    add(0x80U | ((code >> 6) & 0x3FU));
    add(0x80U | (code & 0x3FU));
  } else {
    add(0xF0U | (code >> 18));
    add(0x80U | ((code >> 12) & 0x3FU));
    add(0x80U | ((code >> 6) & 0x3FU));
    add(0x80U | (code & 0x3FU));
  }
}

}  // namespace thalweg::utf8
