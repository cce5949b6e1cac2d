#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <utility>
#include <vector>

#include "base/value.h"

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
  std::vector<std::pair<const Value*, const Value*>> pending;
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
        pending.emplace_back(&a, &b);
        return true;
      default:
        return false;
    }
  };
  if (!same(left, right)) return false;
  while (!pending.empty()) {
    const auto [a, b] = pending.back();
    pending.pop_back();
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

std::uint64_t hash(const Value& value) noexcept {
  // Containers are hashed without recursion: every leaf adds a term that depends on its place (lists) or its key (maps).
  struct Part {
    const Value* value;
    std::uint64_t seed;
  };
  std::uint64_t total = 0;
  std::vector<Part> pending;
  const auto leaf = [](const Value& v, std::uint64_t seed) noexcept -> std::uint64_t {
    switch (v.kind()) {
      case Kind::boolean:
        return mix(seed ^ (v.as_bool() ? 2U : 1U));
      case Kind::integer:
      case Kind::unsigned_integer:
      case Kind::real: {
        const double number = v.as_number();
        // Numbers that are equal round to the same double; exact integers of 2^53 and more may collide, which is allowed.
        return mix(seed ^ std::bit_cast<std::uint64_t>(number == 0 ? 0.0 : number));
      }
      case Kind::timestamp:
        return mix(seed ^ static_cast<std::uint64_t>(v.as_timestamp().seconds) ^
                   (static_cast<std::uint64_t>(v.as_timestamp().nanos) << 32));
      case Kind::duration:
        return mix(seed ^ static_cast<std::uint64_t>(v.as_duration().seconds) ^
                   (static_cast<std::uint64_t>(v.as_duration().nanos) << 32));
      case Kind::string:
      case Kind::bytes:
      case Kind::type:
        return hash_bytes(v.as_string(), seed ^ static_cast<std::uint64_t>(v.kind()));
      case Kind::floats: {
        std::uint64_t sum = seed;
        for (const float f : v.as_floats()) sum = mix(sum ^ std::bit_cast<std::uint32_t>(f == 0 ? 0.0F : f));
        return sum;
      }
      default:
        return mix(seed ^ 0x517CC1B727220A95U);
    }
  };
  if (!value.is_list() && !value.is_map()) return leaf(value, 0);
  pending.push_back({&value, 1});
  while (!pending.empty()) {
    const Part part = pending.back();
    pending.pop_back();
    if (part.value->is_list()) {
      std::uint64_t place = mix(part.seed ^ part.value->size());
      total += place;
      for (const Value& item : part.value->items()) pending.push_back({&item, place = mix(place + 1)});
    } else if (part.value->is_map()) {
      const std::uint64_t seed = mix(part.seed + part.value->size());
      total += seed;
      for (const Entry& entry : part.value->entries()) pending.push_back({&entry.value, leaf(entry.key, seed)});
    } else {
      total += leaf(*part.value, part.seed);
    }
  }
  return mix(total);
}

}  // namespace thalweg
