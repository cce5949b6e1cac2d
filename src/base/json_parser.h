#pragma once
// The machine behind parse_json and parse_json_line. Private to src/base.

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_part.h"
#include "thalweg/json.h"

namespace thalweg {

/// What is wrong with a document and where.
struct JsonProblem {
  std::string what;
  std::size_t offset = 0;
};

/// Of an offset.
[[nodiscard]] JsonPlace place_of(std::string_view text, std::size_t offset) noexcept;

/// The high bit of each byte of `word` that is no plain text in a string: a quote, a backslash, a control character, one above
/// ASCII. Only the first of them (the lowest) is sure.
[[nodiscard]] inline std::uint64_t special_bytes(std::uint64_t word) noexcept {
  static_assert(std::endian::native == std::endian::little);
  constexpr std::uint64_t kOnes = 0x0101010101010101U;
  const std::uint64_t quote = word ^ (kOnes * '"');
  const std::uint64_t slash = word ^ (kOnes * '\\');
  // (x - 1) & ~x has the high bit where a byte is 0; borrows can make false hits only behind the first true one.
  return (((quote - kOnes) & ~quote) | ((slash - kOnes) & ~slash) | ((word - kOnes * 0x20) & ~word) | word) & (kOnes * 0x80);
}

[[nodiscard]] inline bool is_plain(char c) noexcept {
  return c != '"' && c != '\\' && static_cast<unsigned char>(c) >= 0x20 && static_cast<unsigned char>(c) < 0x80;
}

/// The first byte from `at` on that is no plain text.
[[nodiscard]] inline const char* plain_text(const char* at, const char* end) noexcept {
  for (; end - at >= 8; at += 8) {
    std::uint64_t word;
    std::memcpy(&word, at, sizeof(word));
    if (const std::uint64_t special = special_bytes(word)) return at + (std::countr_zero(special) >> 3);
  }
  while (at < end && is_plain(*at)) ++at;
  return at;
}

/// One pass over the text: finished values wait on a stack until their list or map ends. No recursion.
class JsonParser {
 public:
  JsonParser(std::string_view text, const JsonLimits& limits) noexcept
      : begin_(text.data()), at_(text.data()), end_(text.data() + text.size()), limits_(limits) {}

  /// False when there is a problem().
  bool run(Value& out);
  [[nodiscard]] const JsonProblem& problem() const noexcept { return problem_; }

 private:
  struct Open {
    std::size_t first;   // of its values on the stack
    const char* opened;  // where its bracket stands
    bool is_map;
  };

  bool value();
  bool open(bool is_map);
  bool close();
  bool close_map(const Open& closing);
  bool after_value();
  bool key();
  bool string(bool is_key);
  bool escaped(const char* start, bool is_key);
  bool escape();
  bool unicode_escape();
  bool four_digits(char32_t& code);
  bool number();
  bool real(const char* start);
  bool word(std::string_view text, Value value);
  void space() noexcept;
  Value key_of(std::string_view text);
  bool wrong(const char* place, std::string what);
  [[nodiscard]] std::string found(const char* place) const;
  bool repeated(const Open& map);

  const char* begin_;
  const char* at_;
  const char* end_;
  JsonLimits limits_;
  std::vector<Value> values_;
  std::vector<Open> open_;
  std::string scratch_;
  std::array<Value, 128> keys_;  // those met last: documents say the same ones again and again
  std::array<Value, 16> maps_;   // those that ended last, by their sizes and the lengths of their first keys
  JsonProblem problem_;
};

}  // namespace thalweg
