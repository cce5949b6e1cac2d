// Conversions between types, each with CEL's exact range.

#include <charconv>
#include <cmath>

#include "base/utf8.h"
#include "lang/function.h"
#include "lang/print.h"
#include "lang/text.h"
#include "lang/times.h"

namespace thalweg::lang {

namespace {
// A whole text as a number: a sign is allowed, nothing else.
template <class T>
std::errc read_number(std::string_view text, T& out) {
  if (text.starts_with('+') && text.size() > 1 && text[1] != '-') text.remove_prefix(1);
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), out);
  if (parsed.ec != std::errc()) return parsed.ec;
  return parsed.ptr == text.data() + text.size() ? std::errc() : std::errc::invalid_argument;
}

bool unreadable(Call& call, std::string_view type) {
  return call.fail(Code::invalid_argument, "the text '{}' is no {}", utf8::cut(call[0].as_string()), type);
}
bool out_of_range(Call& call, std::string_view type) {
  return call.fail(Code::out_of_range, "{} is out of the range of {}", plain_text(call[0]), type);
}

bool to_int(Call& call) {
  const Value& value = call[0];
  switch (value.kind()) {
    case Kind::integer:
      return call.give(value);
    case Kind::unsigned_integer:
      if (value.as_uint() > static_cast<std::uint64_t>(INT64_MAX)) return out_of_range(call, "int");
      return call.give(static_cast<std::int64_t>(value.as_uint()));
    case Kind::real:
      // The bounds themselves are left out: a double there may stand for numbers beyond.
      if (!(value.as_real() > -0x1p63 && value.as_real() < 0x1p63)) return out_of_range(call, "int");
      return call.give(static_cast<std::int64_t>(value.as_real()));
    case Kind::timestamp:
      return call.give(value.as_timestamp().seconds);
    case Kind::string: {
      std::int64_t number = 0;
      if (read_number(value.as_string(), number) != std::errc()) return unreadable(call, "int");
      return call.give(number);
    }
    default:
      return call.no_overload();
  }
}

bool to_uint(Call& call) {
  const Value& value = call[0];
  switch (value.kind()) {
    case Kind::unsigned_integer:
      return call.give(value);
    case Kind::integer:
      if (value.as_int() < 0) return out_of_range(call, "uint");
      return call.give(static_cast<std::uint64_t>(value.as_int()));
    case Kind::real:
      if (!(value.as_real() > -1 && value.as_real() < 0x1p64) || (value.as_real() < 0 && value.as_real() != 0))
        return out_of_range(call, "uint");
      return call.give(static_cast<std::uint64_t>(value.as_real()));
    case Kind::string: {
      std::uint64_t number = 0;
      if (read_number(value.as_string(), number) != std::errc()) return unreadable(call, "uint");
      return call.give(number);
    }
    default:
      return call.no_overload();
  }
}

bool to_double(Call& call) {
  const Value& value = call[0];
  if (value.is_number()) return call.give(value.as_number());
  if (!value.is_string()) return call.no_overload();
  double number = 0;
  const std::string_view text = value.as_string();
  const std::errc outcome = read_number(text, number);
  if (outcome == std::errc::result_out_of_range) {  // too small is zero, too large infinite, as IEEE rounds
    const bool tiny = text.find("e-") != std::string_view::npos || text.find("E-") != std::string_view::npos;
    number = tiny ? 0.0 : HUGE_VAL;
    if (text.starts_with('-')) number = -number;
  } else if (outcome != std::errc() || text.find('(') != std::string_view::npos) {
    return unreadable(call, "double");
  }
  return call.give(number);
}

bool to_string(Call& call) {
  const Value& value = call[0];
  switch (value.kind()) {
    case Kind::string:
      return call.give(value);
    case Kind::bytes:
      if (!call.charge(value.size())) return false;
      if (utf8::invalid_at(value.as_string()) != std::string_view::npos)
        return call.fail(Code::invalid_argument, "the bytes are no UTF-8 text");
      return call.give(value.as_string());
    case Kind::boolean:
    case Kind::integer:
    case Kind::unsigned_integer:
    case Kind::real:
    case Kind::timestamp:
    case Kind::duration:
      return call.give(plain_text(value));
    default:
      return call.no_overload();
  }
}

bool to_bytes(Call& call) {
  if (call[0].is_bytes()) return call.give(call[0]);
  if (!call[0].is_string()) return call.no_overload();
  return call.charge(call[0].size()) && call.give(Value::bytes(call[0].as_string()));
}

bool to_bool(Call& call) {
  if (call[0].is_bool()) return call.give(call[0]);
  if (!call[0].is_string()) return call.no_overload();
  for (const std::string_view yes : {"1", "t", "T", "true", "TRUE", "True"}) {
    if (call[0].as_string() == yes) return call.give(true);
  }
  for (const std::string_view no : {"0", "f", "F", "false", "FALSE", "False"}) {
    if (call[0].as_string() == no) return call.give(false);
  }
  return unreadable(call, "bool");
}

bool to_timestamp(Call& call) {
  const Value& value = call[0];
  if (value.is(Kind::timestamp)) return call.give(value);
  if (value.is_int()) {
    if (value.as_int() < kFirstSecond || value.as_int() > kLastSecond) return out_of_range(call, "timestamp");
    return call.give(Timestamp{value.as_int(), 0});
  }
  if (!value.is_string()) return call.no_overload();
  const auto parsed = parse_timestamp(value.as_string());
  if (!parsed) return call.fail(parsed.error().code(), "{}", parsed.error().message());
  return call.give(*parsed);
}

bool to_duration(Call& call) {
  const Value& value = call[0];
  if (value.is(Kind::duration)) return call.give(value);
  if (!value.is_string()) return call.no_overload();
  const auto parsed = parse_duration(value.as_string());
  if (!parsed) return call.fail(parsed.error().code(), "{}", parsed.error().message());
  return call.give(*parsed);
}

constexpr FunctionEntry kEntries[] = {
    {"int", false, "(int) -> int; (uint) -> int; (double) -> int; (string) -> int; (timestamp) -> int", to_int},
    {"uint", false, "(uint) -> uint; (int) -> uint; (double) -> uint; (string) -> uint", to_uint},
    {"double", false, "(double) -> double; (int) -> double; (uint) -> double; (string) -> double", to_double},
    {"string", false,
     "(string) -> string; (bytes) -> string; (bool) -> string; (int) -> string; (uint) -> string; (double) -> string; "
     "(timestamp) -> string; (duration) -> string",
     to_string},
    {"bytes", false, "(bytes) -> bytes; (string) -> bytes", to_bytes},
    {"bool", false, "(bool) -> bool; (string) -> bool", to_bool},
    {"timestamp", false, "(timestamp) -> timestamp; (string) -> timestamp; (int) -> timestamp", to_timestamp},
    {"duration", false, "(duration) -> duration; (string) -> duration", to_duration},
};
}  // namespace

std::span<const FunctionEntry> conversion_functions() noexcept { return kEntries; }

}  // namespace thalweg::lang
