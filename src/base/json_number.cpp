// Numbers of JSON: integers exactly, everything else as the nearest double.
#include <algorithm>
#include <charconv>
#include <cstdlib>

#include "base/error.h"
#include "base/json_parser.h"

namespace thalweg {

namespace {

constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

const char* digits(const char* at, const char* end) noexcept {
  while (at < end && is_digit(*at)) ++at;
  return at;
}

// Whether the size of a number that no double holds is too large (else it is too small and rounds to 0): the decimal exponent of
// its first digit other than 0. Precondition: a well-formed number with such a digit.
bool is_huge(std::string_view text) noexcept {
  std::int64_t exponent = 0;
  const std::size_t mark = text.find_first_of("eE");
  if (mark != std::string_view::npos) {
    std::string_view digits = text.substr(mark + 1);
    if (digits.starts_with('+')) digits.remove_prefix(1);
    if (std::from_chars(digits.data(), digits.data() + digits.size(), exponent).ec != std::errc{})
      return !digits.starts_with('-');
    constexpr std::int64_t kBeyond = std::int64_t{1} << 62;  // more than any number has digits
    exponent = std::clamp(exponent, -kBeyond, kBeyond);
  }
  const std::string_view mantissa = text.substr(0, mark);
  const std::size_t point = std::min(mantissa.find('.'), mantissa.size());
  const std::size_t first = mantissa.find_first_of("123456789");
  const auto before = static_cast<std::int64_t>(point), at = static_cast<std::int64_t>(first);
  return exponent + (at < before ? before - at - 1 : before - at) > 0;
}

}  // namespace

bool JsonParser::number() {
  const char* start = at_;
  const bool negative = *at_ == '-';
  const char* first = at_ + (negative ? 1 : 0);
  const char* last = digits(first, end_);
  if (last == first) return wrong(start, fmt::format("a digit is missing behind '-': {}", found(first)));
  if (*first == '0' && last - first > 1) return wrong(start, "a number must not begin with 0");
  at_ = last;
  if (at_ < end_ && (*at_ == '.' || *at_ == 'e' || *at_ == 'E')) return real(start);
  std::uint64_t size = 0;
  if (last - first <= 19) {
    for (const char* digit = first; digit < last; ++digit) size = size * 10 + static_cast<std::uint64_t>(*digit - '0');
  } else if (std::from_chars(first, last, size).ec != std::errc{}) {
    return wrong(start,
                 fmt::format("the integer {} is beyond 64 bits; write it with '.0' to get the nearest double, or as a string",
                             std::string_view(start, last)));
  }
  constexpr std::uint64_t kTop = std::uint64_t{1} << 63;
  if (negative && size > kTop) {
    return wrong(start,
                 fmt::format("the integer {} is beyond 64 bits; write it with '.0' to get the nearest double, or as a string",
                             std::string_view(start, last)));
  }
  if (negative) {
    values_.emplace_back(static_cast<std::int64_t>(0 - size));
  } else if (size < kTop) {
    values_.emplace_back(static_cast<std::int64_t>(size));
  } else {
    values_.emplace_back(size);
  }
  return true;
}

bool JsonParser::real(const char* start) {
  if (*at_ == '.') {
    const char* fraction = at_ + 1;
    at_ = digits(fraction, end_);
    if (at_ == fraction) return wrong(start, fmt::format("a digit is missing behind '.': {}", found(at_)));
  }
  if (at_ < end_ && (*at_ == 'e' || *at_ == 'E')) {
    const char* exponent = at_ + 1;
    if (exponent < end_ && (*exponent == '+' || *exponent == '-')) ++exponent;
    at_ = digits(exponent, end_);
    if (at_ == exponent) return wrong(start, fmt::format("a digit is missing in the exponent: {}", found(at_)));
  }
  double number = 0;
  if (std::from_chars(start, at_, number).ec == std::errc::result_out_of_range) {
    if (is_huge({start, at_}))
      return wrong(start, fmt::format("the number {} is beyond what a double holds", std::string_view(start, at_)));
    number = *start == '-' ? -0.0 : 0.0;
  }
  values_.emplace_back(number);
  return true;
}

}  // namespace thalweg
