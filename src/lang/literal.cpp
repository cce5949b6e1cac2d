
#include <charconv>

#include "base/error.h"
#include "base/format.h"
#include "lang/lexer.h"
#include "lang/text.h"

namespace thalweg::lang {

namespace {
// Reads exactly `digits` digits; false when they are not there.
bool read_digits(std::string_view text, std::size_t at, std::size_t digits, int base, char32_t& value) {
  if (at + digits > text.size()) return false;
  std::uint32_t number = 0;
  const auto parsed = std::from_chars(text.data() + at, text.data() + at + digits, number, base);
  value = number;
  return parsed.ec == std::errc() && parsed.ptr == text.data() + at + digits;
}

char simple_escape(char c) noexcept {
  switch (c) {
    case 'a':
      return '\a';
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case 'v':
      return '\v';
    case '\\':
    case '?':
    case '"':
    case '\'':
    case '`':
      return c;
    default:
      return '\0';
  }
}

// One escape behind its backslash at `at`; fills `point` and whether it is a plain octet. Returns the problem, if any.
std::string read_escape(std::string_view inside, std::size_t& at, bool bytes, char32_t& point, bool& octet) {
  const char c = inside[at];
  octet = false;
  if (const char simple = simple_escape(c); simple != '\0') {
    ++at;
    point = static_cast<unsigned char>(simple);
    return {};
  }
  if (c == 'x' || c == 'X') {
    if (!read_digits(inside, at + 1, 2, 16, point)) return "\\x takes two hexadecimal digits";
    at += 3;
    octet = bytes;
    return {};
  }
  if (c >= '0' && c <= '3') {
    if (!read_digits(inside, at, 3, 8, point)) return "an octal escape takes three digits, 000 to 377";
    at += 3;
    octet = bytes;
    return {};
  }
  if (c != 'u' && c != 'U') return fmt::format("no escape '\\{}'; for a backslash write '\\\\' or use r'...'", c);
  if (bytes) return fmt::format("\\{} stands for a code point and has no place in bytes", c);
  const std::size_t digits = c == 'u' ? 4 : 8;
  if (!read_digits(inside, at + 1, digits, 16, point)) return fmt::format("\\{} takes {} hexadecimal digits", c, digits);
  at += digits + 1;
  if (point >= 0xD800 && point <= 0xDBFF && c == 'u' && inside.substr(at, 2) == "\\u") {  // the first half of a pair
    char32_t low = 0;
    if (read_digits(inside, at + 2, 4, 16, low) && low >= 0xDC00 && low <= 0xDFFF) {
      point = 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00);
      at += 6;
    }
  }
  if (point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF)) return "no code point has that number";
  return {};
}
}  // namespace

Unescaped unescape(std::string_view inside, bool bytes) {
  Unescaped result;
  for (std::size_t at = 0; at < inside.size();) {
    if (inside[at] != '\\') {
      result.text += inside[at++];
      continue;
    }
    result.wrong_at = at++;
    if (at >= inside.size()) {
      result.problem = "a backslash at the end";
      return result;
    }
    char32_t point = 0;
    bool octet = false;
    result.problem = read_escape(inside, at, bytes, point, octet);
    if (!result.problem.empty()) return result;
    if (octet) {
      result.text += static_cast<char>(point);
    } else {
      utf8::append(result.text, point);
    }
  }
  return result;
}

}  // namespace thalweg::lang
