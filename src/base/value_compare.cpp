#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/identical.h"
#include "base/value_access.h"
#include "thalweg/value.h"

namespace thalweg {

namespace {

std::uint64_t mix(std::uint64_t x) noexcept {  // murmur3's finaliser
  x ^= x >> 33;
  x *= 0xFF51AFD7ED558CCDU;
  x ^= x >> 33;
  x *= 0xC4CEB9FE1A85EC53U;
  return x ^ (x >> 33);
}

std::uint64_t hash_bytes(std::string_view data, std::uint64_t seed) noexcept {
  return mix(std::hash<std::string_view>{}(data) ^ seed);
}

// A list that holds one list twice, which holds one list twice, and so on: 60 of them take 2^60 steps when every way through is
// walked. So once a walk is this long it remembers the shared lists and maps that it has met; short ones, which are most, do not.
constexpr std::size_t kShortWalk = 256;

// Lists and maps still to be compared.
class Pairs {
 public:
  using Pair = std::pair<const Value*, const Value*>;
  void add(const Value& a, const Value& b) {
    if (++added_ > kShortWalk && !a.unique() && !b.unique() &&
        !met_.insert({ValueAccess::object(a), ValueAccess::object(b)}).second) {
      return;
    }
    pending_.emplace_back(&a, &b);
  }
  [[nodiscard]] bool empty() const noexcept { return pending_.empty(); }
  [[nodiscard]] Pair take() {
    const Pair pair = pending_.back();
    pending_.pop_back();
    return pair;
  }

 private:
  using Objects = std::pair<const void*, const void*>;
  struct Hash {
    std::size_t operator()(const Objects& pair) const noexcept {
      return mix(std::bit_cast<std::uintptr_t>(pair.first) + mix(std::bit_cast<std::uintptr_t>(pair.second)));
    }
  };
  std::vector<Pair> pending_;
  std::size_t added_ = 0;
  std::unordered_set<Objects, Hash> met_;
};

std::uint64_t leaf_hash(const Value& v) noexcept {
  switch (v.kind()) {
    case Kind::boolean:
      return mix(v.as_bool() ? 2U : 1U);
    case Kind::integer:
    case Kind::unsigned_integer:
    case Kind::real: {
      const double number = v.as_number();
      // Numbers that are equal round to the same double; exact integers of 2^53 and more may collide, which is allowed.
      return mix(std::bit_cast<std::uint64_t>(number == 0 ? 0.0 : number));
    }
    case Kind::timestamp:
      return mix(static_cast<std::uint64_t>(v.as_timestamp().seconds) ^
                 (static_cast<std::uint64_t>(v.as_timestamp().nanos) << 32));
    case Kind::duration:
      return mix(static_cast<std::uint64_t>(v.as_duration().seconds) ^ (static_cast<std::uint64_t>(v.as_duration().nanos) << 32));
    case Kind::string:
    case Kind::bytes:
    case Kind::type:
      return hash_bytes(v.as_string(), static_cast<std::uint64_t>(v.kind()));
    case Kind::floats: {
      std::uint64_t sum = 0;
      for (const float f : v.as_floats()) sum = mix(sum ^ std::bit_cast<std::uint32_t>(f == 0 ? 0.0F : f));
      return sum;
    }
    default:
      return mix(0x517CC1B727220A95U);
  }
}

// A list or map whose hash is being made from those of its parts.
struct Hashing {
  const Value* container;
  std::uint64_t sum;
  std::size_t next = 0;
  explicit Hashing(const Value& value) : container(&value), sum(mix(value.size() + (value.is_map() ? 0x9E3779B97F4A7C15U : 1))) {}
  [[nodiscard]] bool done() const noexcept { return next == container->size(); }
  [[nodiscard]] const Value& part() const noexcept {
    return container->is_list() ? container->items()[next] : container->entries()[next].value;
  }
  void add(std::uint64_t hash) noexcept {  // in order for a list, in any order for a map
    if (container->is_list()) {
      sum = mix(sum + hash);
    } else {
      sum += mix(leaf_hash(container->entries()[next].key) + mix(hash));
    }
    ++next;
  }
};

bool same_bits(double a, double b) noexcept { return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b); }
bool same_bits(float a, float b) noexcept { return std::bit_cast<std::uint32_t>(a) == std::bit_cast<std::uint32_t>(b); }

// Of values that are no list and no map.
bool identical_leaves(const Value& a, const Value& b) noexcept {
  if (a.is_real()) return same_bits(a.as_real(), b.as_real());
  if (a.is(Kind::floats)) {
    return std::ranges::equal(a.as_floats(), b.as_floats(), [](float x, float y) { return same_bits(x, y); });
  }
  return a == b;
}

}  // namespace

std::partial_ordering compare_numbers(const Value& a, const Value& b) noexcept {
  if (a.kind() == b.kind()) {
    if (a.is_int()) return a.as_int() <=> b.as_int();
    if (a.is_uint()) return a.as_uint() <=> b.as_uint();
    return a.as_real() <=> b.as_real();
  }
  if (a.is_int() && b.is_uint()) {
    return a.as_int() < 0 ? std::partial_ordering::less : static_cast<std::uint64_t>(a.as_int()) <=> b.as_uint();
  }
  if (a.is_uint() && b.is_int()) return 0 <=> compare_numbers(b, a);
  if (b.is_real()) {  // exact: never through a rounded double
    const double right = b.as_real();
    if (std::isnan(right)) return std::partial_ordering::unordered;
    if (a.is_int()) {
      if (right >= 0x1p63) return std::partial_ordering::less;
      if (right < -0x1p63) return std::partial_ordering::greater;
      const double whole = std::floor(right);
      const auto floor = static_cast<std::int64_t>(whole);
      if (a.as_int() != floor) return a.as_int() <=> floor;
      return whole < right ? std::partial_ordering::less : std::partial_ordering::equivalent;
    }
    if (right >= 0x1p64) return std::partial_ordering::less;
    if (right < 0) return std::partial_ordering::greater;
    const double whole = std::floor(right);
    const auto floor = static_cast<std::uint64_t>(whole);
    if (a.as_uint() != floor) return a.as_uint() <=> floor;
    return whole < right ? std::partial_ordering::less : std::partial_ordering::equivalent;
  }
  return 0 <=> compare_numbers(b, a);
}

bool Value::equal(const Value& left, const Value& right) noexcept {
  Pairs pending;
  const auto same = [&pending](const Value& a, const Value& b) {
    if (a.is_number() && b.is_number()) return compare_numbers(a, b) == std::partial_ordering::equivalent;
    if (a.kind_ != b.kind_) return false;
    switch (a.kind_) {
      case Kind::null:
        return true;
      case Kind::boolean:
        return a.as_bool() == b.as_bool();
      case Kind::timestamp:
      case Kind::duration:
        return a.payload_.integer == b.payload_.integer && a.nanos_ == b.nanos_;
      case Kind::string:
      case Kind::bytes:
      case Kind::type:
        return a.payload_.object == b.payload_.object || a.as_string() == b.as_string();
      case Kind::floats:
        return std::ranges::equal(a.as_floats(), b.as_floats());
      case Kind::list:
      case Kind::map:
        if (a.size() != b.size()) return false;
        pending.add(a, b);
        return true;
      default:
        return false;
    }
  };
  if (!same(left, right)) return false;
  while (!pending.empty()) {
    const auto [a, b] = pending.take();
    if (a->is_list()) {
      const auto x = a->items(), y = b->items();
      for (std::size_t i = 0; i < x.size(); ++i) {
        if (!same(x[i], y[i])) return false;
      }
    } else {
      for (const Entry& entry : a->entries()) {
        const Value* other = b->find_key(entry.key);
        if (other == nullptr || !same(entry.value, *other)) return false;
      }
    }
  }
  return true;
}

bool identical(const Value& left, const Value& right) noexcept {
  Pairs pending;
  const auto same = [&pending](const Value& a, const Value& b) {
    if (a.kind() != b.kind() || a.size() != b.size()) return false;
    if (!a.is_list() && !a.is_map()) return identical_leaves(a, b);
    if (ValueAccess::object(a) != ValueAccess::object(b)) pending.add(a, b);
    return true;
  };
  if (!same(left, right)) return false;
  while (!pending.empty()) {
    const auto [a, b] = pending.take();
    for (std::size_t i = 0; i < a->size(); ++i) {
      if (a->is_list()) {
        if (!same(a->items()[i], b->items()[i])) return false;
      } else {
        const Entry &x = a->entries()[i], &y = b->entries()[i];
        if (!same(x.key, y.key) || !same(x.value, y.value)) return false;
      }
    }
  }
  return true;
}

std::uint64_t hash(const Value& value) noexcept {
  std::vector<Hashing> open;
  std::size_t walked = 0;
  std::unordered_map<const void*, std::uint64_t> met;
  std::uint64_t last = 0;
  // True when `last` is the hash; else the list or map is open, and its parts come first.
  const auto known = [&](const Value& part) {
    if (!part.is_list() && !part.is_map()) {
      last = leaf_hash(part);
      return true;
    }
    if (++walked > kShortWalk && !part.unique()) {
      if (const auto found = met.find(ValueAccess::object(part)); found != met.end()) {
        last = found->second;
        return true;
      }
    }
    open.emplace_back(part);
    return false;
  };
  if (known(value)) return last;
  for (;;) {
    if (!open.back().done()) {
      if (known(open.back().part())) open.back().add(last);
      continue;
    }
    last = mix(open.back().sum);
    if (walked > kShortWalk && !open.back().container->unique()) met.emplace(ValueAccess::object(*open.back().container), last);
    open.pop_back();
    if (open.empty()) return last;
    open.back().add(last);
  }
}

}  // namespace thalweg
