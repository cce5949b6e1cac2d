#include "base/json_text.h"

#include <fmt/compile.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>

#include "base/format.h"
#include "base/json_parser.h"
#include "base/time_text.h"
#include "base/utf8.h"

namespace thalweg {

namespace {

constexpr std::size_t kLongestNumber = 40;

template <class Time>
std::string quoted(Time time) {
  std::string text = "\"";
  append_text(text, time);
  text += '"';
  return text;
}

char* put_escape(char* to, char special) noexcept {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  *to++ = '\\';
  switch (special) {
    case '"':
    case '\\':
      *to++ = special;
      return to;
    case '\n':
      *to++ = 'n';
      return to;
    case '\t':
      *to++ = 't';
      return to;
    case '\r':
      *to++ = 'r';
      return to;
    case '\b':
      *to++ = 'b';
      return to;
    case '\f':
      *to++ = 'f';
      return to;
    default:
      to = std::ranges::copy(std::string_view("u00"), to).out;
      *to++ = kDigits[static_cast<unsigned char>(special) >> 4];
      *to++ = kDigits[static_cast<unsigned char>(special) & 15U];
      return to;
  }
}

// Copies plain text up to the first byte that is none, in words of which the last may overlap the one before: how many bytes were
// plain. Those behind them may have been written as well.
std::size_t copy_plain(char* to, std::string_view text) noexcept {
  const char* const from = text.data();
  const std::size_t size = text.size();
  const auto copy = [&]<class Word>(Word word, std::size_t at) -> std::uint64_t {
    std::memcpy(&word, from + at, sizeof(word));
    std::memcpy(to + at, &word, sizeof(word));
    return word;
  };
  const auto first = [](std::uint64_t special) { return static_cast<std::size_t>(std::countr_zero(special) >> 3); };
  std::size_t at = 0;
  for (; at + 8 <= size; at += 8) {
    if (const std::uint64_t special = special_bytes(copy(std::uint64_t{}, at))) return at + first(special);
  }
  if (at == size) return size;
  if (size > 8) {
    const std::uint64_t special = special_bytes(copy(std::uint64_t{}, size - 8));
    return special == 0 ? size : size - 8 + first(special);
  }
  if (size >= 4) {
    const std::uint64_t begin = copy(std::uint32_t{}, 0);
    const std::uint64_t special = special_bytes(begin | copy(std::uint32_t{}, size - 4) << 32);
    return special == 0 ? size : first(special) < 4 ? first(special) : size - 8 + first(special);
  }
  for (; at < size && is_plain(from[at]); ++at) to[at] = from[at];
  return at;
}

// A double of at most three decimals and fifteen digits, as counts and scores often are: no two texts of so few digits mean the
// same double, so the digits of the whole number `thousands` are the shortest text. Null pointer for other numbers.
char* put_short(char* to, double number) noexcept {
  const double thousands = number * 1000;
  if (!(std::abs(thousands) < 1e15) || thousands != std::trunc(thousands) || thousands == 0 || thousands / 1000 != number)
    return nullptr;
  const auto size = static_cast<std::uint64_t>(std::abs(thousands));
  if (number < 0) *to++ = '-';
  to = std::to_chars(to, to + 20, size / 1000).ptr;
  *to++ = '.';
  *to++ = static_cast<char>('0' + size / 100 % 10);
  if (size % 100 != 0) *to++ = static_cast<char>('0' + size / 10 % 10);
  if (size % 10 != 0) *to++ = static_cast<char>('0' + size % 10);
  return to;
}

// A number that is not whole and wants no exponent. fmt's search for the shortest digits, without its way of laying them out,
// which takes as long again. Null pointer for other numbers.
char* put_digits(char* to, auto number) noexcept {
  if (number == std::trunc(number)) return nullptr;
  const auto shortest = fmt::detail::dragonbox::to_decimal(std::abs(number));
  const fmt::format_int digits(shortest.significand);
  const int count = static_cast<int>(digits.size());
  const int point = count + shortest.exponent;
  if (point < -3) return nullptr;
  if (number < 0) *to++ = '-';
  if (point <= 0) {
    *to++ = '0';
    *to++ = '.';
    to = std::fill_n(to, -point, '0');
    return std::copy_n(digits.data(), count, to);
  }
  to = std::copy_n(digits.data(), point, to);
  *to++ = '.';
  return std::copy_n(digits.data() + point, count - point, to);
}

// The rest. fmt's text of whole numbers looks like an integer's.
char* put_rare(char* to, auto number) noexcept {
  char* end = fmt::format_to(to, FMT_COMPILE("{}"), number);
  if (number == std::trunc(number) && std::string_view(to, end).find('e') == std::string_view::npos) {
    *end++ = '.';
    *end++ = '0';
  }
  return end;
}

}  // namespace

// Beyond `end_` only as far as asked for, so that the next one to ask is told.
void JsonText::grow(std::size_t count) {
  const std::size_t used = size();
  noticed_ = used > end_;
  const std::size_t size = std::max(used + count, std::min(std::max(out_.size() * 2, std::size_t{512}), end_));
  out_.resize_and_overwrite(size, [size](char*, std::size_t) { return size; });
  at_ = out_.data() + used;
  limit_ = out_.data() + size;
}

void JsonText::put(std::string_view text) {
  std::memcpy(room(text.size()), text.data(), text.size());
  at_ += text.size();
}

void JsonText::integer(std::int64_t number) {
  char* const to = room(kLongestNumber);
  wrote(std::to_chars(to, to + kLongestNumber, number).ptr);
}

void JsonText::integer(std::uint64_t number) {
  char* const to = room(kLongestNumber);
  wrote(std::to_chars(to, to + kLongestNumber, number).ptr);
}

void JsonText::real(double number) {
  char* const to = room(kLongestNumber);
  char* end = put_short(to, number);
  if (end == nullptr) end = put_digits(to, number);
  wrote(end != nullptr ? end : put_rare(to, number));
}

void JsonText::real(float number) {
  char* const to = room(kLongestNumber);
  char* const end = put_digits(to, number);
  wrote(end != nullptr ? end : put_rare(to, number));
}

void JsonText::time(Timestamp time) { put(quoted(time)); }
void JsonText::time(Duration time) { put(quoted(time)); }

std::optional<std::size_t> JsonText::string(std::string_view text) {
  const char* at = text.data();
  const char* const end = at + text.size();
  constexpr std::size_t kEscape = 6;  // bytes of the longest, for one of the text
  char* to = room(text.size() + kEscape + 1);
  *to++ = '"';
  for (;;) {
    const std::size_t plain = copy_plain(to, {at, end});
    at += plain;
    to += plain;
    if (at == end) break;
    while (at < end && static_cast<unsigned char>(*at) >= 0x80) {
      const utf8::Step step = utf8::step({at, end}, 0);
      if (!step.valid) return static_cast<std::size_t>(at - text.data());
      to = std::copy_n(at, step.length, to);
      at += step.length;
    }
    if (at < end && !is_plain(*at)) {
      to = put_escape(to, *at++);
      wrote(to);
      to = room(static_cast<std::size_t>(end - at) + kEscape);  // one more, and the quote
    }
  }
  *to++ = '"';
  wrote(to);
  return std::nullopt;
}

void JsonText::base64(std::string_view data) {
  static constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  put('"');
  for (std::size_t at = 0; at < data.size(); at += 3) {
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i)
      group = (group << 8) | (at + i < data.size() ? static_cast<unsigned char>(data[at + i]) : 0U);
    for (std::size_t i = 0; i < 4; ++i) put(at + i <= data.size() ? kLetters[(group >> (18 - 6 * i)) & 63U] : '=');
  }
  put('"');
}

}  // namespace thalweg
