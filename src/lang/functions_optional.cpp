// CEL's optional values.

#include "lang/function.h"
#include "lang/optional.h"

namespace thalweg::lang {

namespace {
bool of(Call& call) { return call.give(some(call[0])); }
bool make_none(Call& call) { return call.give(none()); }

bool is_zero(const Value& value) noexcept {
  switch (value.kind()) {
    case Kind::null:
      return true;
    case Kind::boolean:
      return !value.as_bool();
    case Kind::integer:
      return value.as_int() == 0;
    case Kind::unsigned_integer:
      return value.as_uint() == 0;
    case Kind::real:
      return value.as_real() == 0;
    case Kind::timestamp:
      return value.as_timestamp() == Timestamp{};
    case Kind::duration:
      return value.as_duration() == Duration{};
    case Kind::type:
      return false;
    default:
      return value.size() == 0;
  }
}
bool of_non_zero(Call& call) { return call.give(is_zero(call[0]) ? none() : some(call[0])); }

bool has_value(Call& call) {
  if (!is_optional(call[0])) return call.no_overload();
  return call.give(content(call[0]) != nullptr);
}
bool value(Call& call) {
  if (!is_optional(call[0])) return call.no_overload();
  const Value* inner = content(call[0]);
  if (inner == nullptr) return call.fail(Code::not_found, "optional.none() has no value");
  return call.give(*inner);
}
bool either(Call& call) {
  if (!is_optional(call[0]) || !is_optional(call[1])) return call.no_overload();
  return call.give(content(call[0]) != nullptr ? call[0] : call[1]);
}
bool or_value(Call& call) {
  if (!is_optional(call[0])) return call.no_overload();
  const Value* inner = content(call[0]);
  return call.give(inner != nullptr ? *inner : call[1]);
}
bool unwrap(Call& call) {
  if (!call[0].is_list()) return call.no_overload();
  std::vector<Value> out;
  for (const Value& item : call[0].items()) {
    if (!is_optional(item)) return call.no_overload();
    if (const Value* inner = content(item)) out.push_back(*inner);
  }
  return call.charge(call[0].size() * 16) && call.give(Value::list(std::move(out)));
}

constexpr FunctionEntry kEntries[] = {
    {"optional.of", false, "(A) -> optional<A>", of},
    {"optional.none", false, "() -> optional<dyn>", make_none},
    {"optional.ofNonZeroValue", false, "(A) -> optional<A>", of_non_zero},
    {"optional.unwrap", false, "(list<optional<A>>) -> list<A>", unwrap},
    {"unwrapOpt", true, "(list<optional<A>>) -> list<A>", unwrap},
    {"hasValue", true, "(optional<A>) -> bool", has_value},
    {"value", true, "(optional<A>) -> A", value},
    {"or", true, "(optional<A>, optional<A>) -> optional<A>", either},
    {"orValue", true, "(optional<A>, A) -> A", or_value},
};
}  // namespace

std::span<const FunctionEntry> optional_functions() noexcept { return kEntries; }

}  // namespace thalweg::lang
