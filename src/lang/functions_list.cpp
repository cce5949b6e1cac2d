// Lists beyond the macros, and base64.

#include <absl/strings/escaping.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/utf8.h"
#include "lang/function.h"

namespace thalweg::lang {

namespace {
bool slice(Call& call) {
  if (!call[0].is_list() || !call[1].is_int() || !call[2].is_int()) return call.no_overload();
  const auto size = static_cast<std::int64_t>(call[0].size());
  const std::int64_t from = call[1].as_int(), to = call[2].as_int();
  if (from < 0 || to < from || to > size)
    return call.fail(Code::out_of_range, "slice from {} to {} of a list of {}", from, to, size);
  if (!call.charge(static_cast<std::size_t>(to - from) * 16)) return false;
  const auto items = call[0].items().subspan(static_cast<std::size_t>(from), static_cast<std::size_t>(to - from));
  return call.give(Value::list(std::vector<Value>(items.begin(), items.end())));
}

bool flatten_into(Call& call, const Value& list, std::int64_t depth, std::vector<Value>& out) {
  for (const Value& item : list.items()) {
    if (!call.charge(16)) return false;
    if (item.is_list() && depth > 0) {
      if (!flatten_into(call, item, depth - 1, out)) return false;
    } else {
      out.push_back(item);
    }
  }
  return true;
}

bool flatten(Call& call) {
  if (!call[0].is_list() || (call.size() == 2 && !call[1].is_int())) return call.no_overload();
  const std::int64_t depth = call.size() == 2 ? call[1].as_int() : 1;
  if (depth < 0 || depth > 100) return call.fail(Code::invalid_argument, "flatten takes 0 to 100 levels, not {}", depth);
  std::vector<Value> out;
  return flatten_into(call, call[0], depth, out) && call.give(Value::list(std::move(out)));
}

bool range(Call& call) {
  if (!call[0].is_int()) return call.no_overload();
  const std::int64_t count = call[0].as_int();
  constexpr std::int64_t kMost = 1'000'000;
  if (count < 0) return call.fail(Code::invalid_argument, "lists.range takes no negative number: {}", count);
  if (count > kMost) return call.fail(Code::resource_exhausted, "lists.range makes at most {} numbers, not {}", kMost, count);
  std::vector<Value> out;
  for (std::int64_t i = 0; i < count; ++i) {
    if (!call.charge(16)) return false;
    out.emplace_back(i);
  }
  return call.give(Value::list(std::move(out)));
}

bool distinct(Call& call) {
  if (!call[0].is_list()) return call.no_overload();
  std::vector<Value> out;
  for (const Value& item : call[0].items()) {
    bool known = false;
    for (const Value& other : out) {
      if (!call.charge(16)) return false;
      const auto same = call.machine().equal(call.node(), item, other);
      if (!same) return false;
      known = *same;
      if (known) break;
    }
    if (!known) out.push_back(item);
  }
  return call.give(Value::list(std::move(out)));
}

bool sortable(const Value& value) noexcept {
  return value.is_number() || value.is_string() || value.is_bytes() || value.is_bool() || value.is(Kind::timestamp) ||
         value.is(Kind::duration);
}

bool before(const Value& a, const Value& b) noexcept {
  switch (a.kind()) {
    case Kind::string:
    case Kind::bytes:
      return a.as_string() < b.as_string();
    case Kind::boolean:
      return a.as_bool() < b.as_bool();
    case Kind::timestamp:
      return a.as_timestamp() < b.as_timestamp();
    case Kind::duration:
      return a.as_duration() < b.as_duration();
    default:
      return compare_numbers(a, b) < 0;
  }
}

// Whether `keys` have an order among them; says so when not.
bool check_order(Call& call, std::span<const Value> keys, std::string_view function) {
  if (!call.charge(keys.size() * 256)) return false;
  for (const Value& key : keys) {
    const bool fits = sortable(key) && (key.kind() == keys[0].kind() || (key.is_number() && keys[0].is_number()));
    if (!fits || (key.is_real() && std::isnan(key.as_real()))) {
      return call.fail(Code::invalid_argument, "{}() needs items of one ordered kind; {} and {} have no order", function,
                       kind_name(keys[0]), kind_name(key));
    }
  }
  return true;
}

bool sort(Call& call) {
  if (!call[0].is_list()) return call.no_overload();
  if (!check_order(call, call[0].items(), "sort")) return false;
  std::vector<Value> items(call[0].items().begin(), call[0].items().end());
  std::ranges::sort(items, before);  // equal items cannot be told apart, so the order among them does not matter
  return call.give(Value::list(std::move(items)));
}

// What the macro sortBy ends in: the list, and a key for each of its items.
bool sort_by(Call& call) {
  if (!call[0].is_list() || !call[1].is_list() || call[0].size() != call[1].size()) return call.no_overload();
  const std::span<const Value> items = call[0].items(), keys = call[1].items();
  if (!check_order(call, keys, "sortBy")) return false;
  std::vector<std::size_t> order(items.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
    return before(keys[a], keys[b]) || (a < b && !before(keys[b], keys[a]));  // equal keys keep their order
  });
  std::vector<Value> sorted;
  sorted.reserve(items.size());
  for (const std::size_t at : order) sorted.push_back(items[at]);
  return call.give(Value::list(std::move(sorted)));
}

bool encode(Call& call) {
  if (!call[0].is_bytes()) return call.no_overload();
  if (!call.charge(call[0].size() * 2)) return false;
  const std::string_view data = call[0].as_string();
  return call.give(Value(absl::Base64Escape(absl::string_view(data.data(), data.size()))));
}

bool decode(Call& call) {
  if (!call[0].is_string()) return call.no_overload();
  if (!call.charge(call[0].size())) return false;
  const std::string_view text = call[0].as_string();
  std::string data;
  if (!absl::Base64Unescape(absl::string_view(text.data(), text.size()), &data)) {
    return call.fail(Code::invalid_argument, "the text '{}' is no base64", utf8::cut(text));
  }
  return call.give(Value::bytes(data));
}

constexpr FunctionEntry kEntries[] = {
    {"slice", true, "(list<A>, int, int) -> list<A>", slice},
    {"flatten", true, "(list<A>) -> list<dyn>; (list<A>, int) -> list<dyn>", flatten},
    {"distinct", true, "(list<A>) -> list<A>", distinct},
    {"sort", true, "(list<A>) -> list<A>", sort},
    {"sortBy", false, "(list<A>, list<B>) -> list<A>", sort_by},
    {"lists.range", false, "(int) -> list<int>", range},
    {"base64.encode", false, "(bytes) -> string", encode},
    {"base64.decode", false, "(string) -> bytes", decode},
};
}  // namespace

std::span<const FunctionEntry> list_functions() noexcept { return kEntries; }

}  // namespace thalweg::lang
