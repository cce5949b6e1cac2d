// size, type, dyn, matches and the additions json and round.

#include <re2/re2.h>

#include <cmath>

#include "lang/function.h"
#include "lang/optional.h"
#include "lang/print.h"
#include "lang/regex.h"
#include "lang/text.h"

namespace thalweg::lang {

namespace {
bool size(Call& call) {
  const Value& value = call[0];
  switch (value.kind()) {
    case Kind::string:
      return call.charge(value.size()) && call.give(static_cast<std::int64_t>(utf8::count(value.as_string())));
    case Kind::map:
      if (is_optional(value)) return call.no_overload();
      [[fallthrough]];
    case Kind::bytes:
    case Kind::list:
    case Kind::floats:
      return call.give(static_cast<std::int64_t>(value.size()));
    default:
      return call.no_overload();
  }
}

bool type(Call& call) {
  if (is_optional(call[0])) return call.give(Value::type("optional_type"));
  return call.give(Value::type(type_name(call[0].kind())));
}

bool dyn(Call& call) { return call.give(call[0]); }

// RE2's own time is in proportion to text and program; so is the charge.
bool search(Call& call, const re2::RE2& pattern) {
  const std::string_view text = call[0].as_string();
  const auto program = static_cast<std::size_t>(pattern.ProgramSize());
  if (!call.charge(text.size() + text.size() / 64 * (program / 64))) return false;
  return call.give(re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), pattern));
}

bool matches(Call& call) {
  if (!call[0].is_string() || !call[1].is_string()) return call.no_overload();
  if (call.node().pattern != nullptr) return search(call, *call.node().pattern);
  if (!call.charge(2'000 + call[1].size() * 16)) return false;  // compiling takes microseconds
  auto pattern = compile_pattern(call[1].as_string());
  if (!pattern) return call.fail(pattern.error().code(), "{}", pattern.error().message());
  return search(call, **pattern);
}

bool json(Call& call) {
  std::string text;
  if (!print_json(call.machine(), call.node(), call[0], text)) return false;
  return call.give(Value(text));
}

// Halves away from zero; with n digits behind the point.
bool round(Call& call) {
  if (call.size() == 1 && (call[0].is_int() || call[0].is_uint())) return call.give(call[0]);
  if (!call[0].is_number() || (call.size() == 2 && !call[1].is_int())) return call.no_overload();
  const double value = call[0].as_number();
  if (call.size() == 1) return call.give(std::round(value));
  const std::int64_t digits = call[1].as_int();
  if (digits < 0 || digits > 15) return call.fail(Code::invalid_argument, "round() takes 0 to 15 digits, not {}", digits);
  const double scale = std::pow(10.0, static_cast<double>(digits));
  const double scaled = value * scale;
  return call.give(std::isfinite(scaled) && std::abs(scaled) < 0x1p52 ? std::round(scaled) / scale : value);
}

constexpr std::string_view kSizes = "(string) -> int; (bytes) -> int; (list<A>) -> int; (map<A, B>) -> int; (floats) -> int";
constexpr FunctionEntry kEntries[] = {
    {"size", false, kSizes, size},
    {"size", true, kSizes, size},
    {"type", false, "(A) -> type<A>", type},
    {"dyn", false, "(A) -> dyn", dyn},
    {"matches", false, "(string, string) -> bool", matches},
    {"matches", true, "(string, string) -> bool", matches},
    {"json", false, "(A) -> string", json},
    {"round", false, "(double) -> double; (int) -> int; (uint) -> uint; (double, int) -> double; (int, int) -> double", round},
};
}  // namespace

std::span<const FunctionEntry> basic_functions() noexcept { return kEntries; }

}  // namespace thalweg::lang
