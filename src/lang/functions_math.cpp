// CEL's math extension.

#include <cmath>

#include "lang/function.h"

namespace thalweg::lang {

namespace {
// The greatest or least of the arguments, or of one list.
bool extreme(Call& call, bool greatest) {
  std::span<const Value> items;
  std::vector<Value> arguments;
  if (call.size() == 1 && call[0].is_list()) {
    items = call[0].items();
    if (items.empty()) return call.fail(Code::invalid_argument, "an empty list has no {} item", greatest ? "greatest" : "least");
  } else {
    for (std::size_t i = 0; i < call.size(); ++i) arguments.push_back(call[i]);
    items = arguments;
  }
  const Value* best = nullptr;
  for (const Value& item : items) {
    if (!call.charge(16)) return false;
    if (!item.is_number()) return call.no_overload();
    if (best == nullptr) {
      best = &item;
      continue;
    }
    const std::partial_ordering order = compare_numbers(item, *best);
    if (greatest ? order > 0 : order < 0) best = &item;
  }
  return call.give(*best);
}
bool greatest(Call& call) { return extreme(call, true); }
bool least(Call& call) { return extreme(call, false); }

template <class Change>
bool on_real(Call& call, Change change) {
  if (!call[0].is_real()) return call.no_overload();
  return call.give(change(call[0].as_real()));
}
bool ceil(Call& call) {
  return on_real(call, [](double x) { return std::ceil(x); });
}
bool floor(Call& call) {
  return on_real(call, [](double x) { return std::floor(x); });
}
bool round(Call& call) {
  return on_real(call, [](double x) { return std::round(x); });
}
bool trunc(Call& call) {
  return on_real(call, [](double x) { return std::trunc(x); });
}
bool is_inf(Call& call) {
  return on_real(call, [](double x) { return std::isinf(x); });
}
bool is_nan(Call& call) {
  return on_real(call, [](double x) { return std::isnan(x); });
}
bool is_finite(Call& call) {
  return on_real(call, [](double x) { return std::isfinite(x); });
}

bool sqrt(Call& call) {
  if (!call[0].is_number()) return call.no_overload();
  return call.give(std::sqrt(call[0].as_number()));
}

bool abs(Call& call) {
  const Value& x = call[0];
  if (x.is_uint()) return call.give(x);
  if (x.is_real()) return call.give(std::abs(x.as_real()));
  if (!x.is_int()) return call.no_overload();
  if (x.as_int() == INT64_MIN) return call.fail(Code::out_of_range, "integer overflow: the smallest int has no negative");
  return call.give(x.as_int() < 0 ? -x.as_int() : x.as_int());
}

bool sign(Call& call) {
  const Value& x = call[0];
  if (x.is_int()) return call.give(static_cast<std::int64_t>(x.as_int() > 0) - static_cast<std::int64_t>(x.as_int() < 0));
  if (x.is_uint()) return call.give(static_cast<std::uint64_t>(x.as_uint() > 0 ? 1 : 0));
  if (!x.is_real()) return call.no_overload();
  const double real = x.as_real();
  return call.give(real > 0 ? 1.0 : real < 0 ? -1.0 : real);
}

template <class Operation>
bool bits(Call& call, Operation operation) {
  if (call[0].is_int() && call[1].is_int()) {
    return call.give(static_cast<std::int64_t>(
        operation(static_cast<std::uint64_t>(call[0].as_int()), static_cast<std::uint64_t>(call[1].as_int()))));
  }
  if (call[0].is_uint() && call[1].is_uint()) return call.give(operation(call[0].as_uint(), call[1].as_uint()));
  return call.no_overload();
}
bool bit_and(Call& call) {
  return bits(call, [](std::uint64_t a, std::uint64_t b) { return a & b; });
}
bool bit_or(Call& call) {
  return bits(call, [](std::uint64_t a, std::uint64_t b) { return a | b; });
}
bool bit_xor(Call& call) {
  return bits(call, [](std::uint64_t a, std::uint64_t b) { return a ^ b; });
}
bool bit_not(Call& call) {
  if (call[0].is_int()) return call.give(~call[0].as_int());
  if (call[0].is_uint()) return call.give(~call[0].as_uint());
  return call.no_overload();
}

bool shift(Call& call, bool left) {
  if ((!call[0].is_int() && !call[0].is_uint()) || !call[1].is_int()) return call.no_overload();
  const std::int64_t by = call[1].as_int();
  if (by < 0) return call.fail(Code::invalid_argument, "a shift by {}: it must not be negative", by);
  // The bits of an int are shifted as they stand: from the left come zeros.
  const std::uint64_t from = call[0].is_int() ? static_cast<std::uint64_t>(call[0].as_int()) : call[0].as_uint();
  const std::uint64_t shifted = by >= 64 ? 0 : left ? from << by : from >> by;
  if (call[0].is_uint()) return call.give(shifted);
  return call.give(static_cast<std::int64_t>(shifted));
}
bool shift_left(Call& call) { return shift(call, true); }
bool shift_right(Call& call) { return shift(call, false); }

constexpr std::string_view kReal = "(double) -> double";
constexpr std::string_view kTest = "(double) -> bool";
constexpr std::string_view kNumber = "(int) -> int; (uint) -> uint; (double) -> double";
constexpr std::string_view kBits = "(int, int) -> int; (uint, uint) -> uint";
constexpr std::string_view kShift = "(int, int) -> int; (uint, int) -> uint";
constexpr std::string_view kExtreme =
    "(int) -> int; (uint) -> uint; (double) -> double; (list<A>) -> A; (A, A) -> A; (dyn, dyn, ...) -> dyn";
constexpr FunctionEntry kEntries[] = {
    {"math.greatest", false, kExtreme, greatest},
    {"math.least", false, kExtreme, least},
    {"math.ceil", false, kReal, ceil},
    {"math.floor", false, kReal, floor},
    {"math.round", false, kReal, round},
    {"math.trunc", false, kReal, trunc},
    {"math.sqrt", false, "(double) -> double; (int) -> double; (uint) -> double", sqrt},
    {"math.isInf", false, kTest, is_inf},
    {"math.isNaN", false, kTest, is_nan},
    {"math.isFinite", false, kTest, is_finite},
    {"math.abs", false, kNumber, abs},
    {"math.sign", false, kNumber, sign},
    {"math.bitAnd", false, kBits, bit_and},
    {"math.bitOr", false, kBits, bit_or},
    {"math.bitXor", false, kBits, bit_xor},
    {"math.bitNot", false, "(int) -> int; (uint) -> uint", bit_not},
    {"math.bitShiftLeft", false, kShift, shift_left},
    {"math.bitShiftRight", false, kShift, shift_right},
};
}  // namespace

std::span<const FunctionEntry> math_functions() noexcept { return kEntries; }

}  // namespace thalweg::lang
