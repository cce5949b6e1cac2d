#pragma once
// The heap objects behind a value: the only place that knows their layout. Private to src/base.

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <span>
#include <string_view>
#include <utility>

#include "thalweg/value.h"

namespace thalweg {

/// Each counted value is one allocation: a header, and right behind it bytes, floats, items, or entries and their index.
struct ValueAccess {
  using Object = Value::Object;

  /// Maps up to this size are searched in order, which is faster than hashing.
  static constexpr std::size_t kLinearEntries = 8;
  static constexpr std::uint32_t kFree = UINT32_MAX;

  struct External : Object {  // a buffer of somebody else
    std::shared_ptr<const void> owner;
  };
  struct List : Object {
    std::size_t capacity = 0;
    [[nodiscard]] Value* items() noexcept { return reinterpret_cast<Value*>(this + 1); }
  };
  struct Map : Object {
    std::uint32_t capacity = 0;
    std::uint32_t slot_count = 0;  // open addressing into the entries, a power of two; 0 for a small map
    [[nodiscard]] Entry* entries() noexcept { return reinterpret_cast<Entry*>(this + 1); }
    [[nodiscard]] const Entry* entries() const noexcept { return reinterpret_cast<const Entry*>(this + 1); }
    [[nodiscard]] std::uint32_t* slots() noexcept { return reinterpret_cast<std::uint32_t*>(entries() + capacity); }
    [[nodiscard]] const std::uint32_t* slots() const noexcept {
      return reinterpret_cast<const std::uint32_t*>(entries() + capacity);
    }
  };

  static Object* object(const Value& value) noexcept { return value.payload_.object; }
  static List* list(const Value& value) noexcept { return static_cast<List*>(value.payload_.object); }
  static Map* map(const Value& value) noexcept { return static_cast<Map*>(value.payload_.object); }

  static Value copy_of(Kind kind, const void* data, std::size_t count, std::size_t unit = 1);
  static Value borrow(Kind kind, const void* data, std::size_t count, std::shared_ptr<const void> owner);
  static Value empty_list(std::size_t capacity);
  static Value empty_map(std::size_t capacity);
  static void destroy(Kind kind, Object* object) noexcept;

  /// Adds to an unshared list or map with room for one more; the key must be new.
  static void push(Value& target, Value item) noexcept;
  static void push(Value& target, Value key, Value value) noexcept;
  /// Adds to an unshared map with room unless the key is there already; true when it was added.
  static bool push_new(Value& target, Value&& key, Value&& value) noexcept;

  /// Whether `like` is a map of the same keys in the same order, all of them strings; quick where they are the same objects.
  static bool same_keys(const Value& like, std::span<const Value> pairs) noexcept;
  /// A map of `pairs` (taken out of there). Precondition: same_keys(), and `like` has no room to spare.
  static Value map_like(const Value& like, std::span<Value> pairs);

  /// The same list or map, unshared and with room for `room` more; copies or moves what it holds when it must.
  static List* writable_list(Value& value, std::size_t room = 0);
  static Map* writable_map(Value& value, std::size_t room = 0);
  static void set(Value& target, Value key, Value value);

  static const Entry* find(const Map& map, const Value& key) noexcept;
  static const Entry* find(const Map& map, std::string_view key) noexcept;

  /// A hash for maps' indices, different in every process, so that nobody can prepare keys that collide.
  static std::uint32_t key_hash(std::string_view text) noexcept;
  static std::uint32_t key_hash(const Value& key) noexcept;

 private:
  static std::uint32_t* free_slot(Map& map, std::uint32_t hash) noexcept;
  static bool same_key(const Value& a, const Value& b) noexcept;
};

// What building values calls for each of them.

inline Value ValueAccess::copy_of(Kind kind, const void* data, std::size_t count, std::size_t unit) {
  void* memory = ::operator new(sizeof(Object) + count * unit);
  auto* made = ::new (memory) Object;
  char* behind = static_cast<char*>(memory) + sizeof(Object);
  if (count != 0) std::memcpy(behind, data, count * unit);
  made->data = behind;
  made->size = count;
  return Value(kind, made);
}

inline Value ValueAccess::empty_list(std::size_t capacity) {
  auto* made = ::new (::operator new(sizeof(List) + capacity * sizeof(Value))) List;
  made->capacity = capacity;
  made->data = made->items();
  return Value(Kind::list, made);
}

inline Value ValueAccess::empty_map(std::size_t capacity) {
  const std::size_t slots = capacity > kLinearEntries ? std::bit_ceil(capacity + capacity / 2) : 0;
  auto* made = ::new (::operator new(sizeof(Map) + capacity * sizeof(Entry) + slots * sizeof(std::uint32_t))) Map;
  made->capacity = static_cast<std::uint32_t>(capacity);
  made->slot_count = static_cast<std::uint32_t>(slots);
  made->data = made->entries();
  std::fill_n(made->slots(), slots, kFree);
  return Value(Kind::map, made);
}

inline void ValueAccess::push(Value& target, Value item) noexcept {
  List* held = list(target);
  ::new (held->items() + held->size) Value(std::move(item));
  ++held->size;
}

inline bool ValueAccess::same_key(const Value& a, const Value& b) noexcept {
  if (a.is_string() || b.is_string()) return a.is_string() && b.is_string() && a.as_string() == b.as_string();
  if (a.is_bool() || b.is_bool()) return a.is_bool() && b.is_bool() && a.as_bool() == b.as_bool();
  return a.is_number() && b.is_number() && compare_numbers(a, b) == std::partial_ordering::equivalent;
}

inline bool ValueAccess::push_new(Value& target, Value&& key, Value&& value) noexcept {
  Map* held = map(target);
  if (held->slot_count == 0) {
    for (const Entry& entry : std::span(held->entries(), held->size)) {
      if (same_key(entry.key, key)) return false;
    }
  } else {
    const std::uint32_t mask = held->slot_count - 1;
    std::uint32_t at = key_hash(key) & mask;
    for (; held->slots()[at] != kFree; at = (at + 1) & mask) {
      if (same_key(held->entries()[held->slots()[at]].key, key)) return false;
    }
    held->slots()[at] = static_cast<std::uint32_t>(held->size);
  }
  ::new (held->entries() + held->size) Entry{std::move(key), std::move(value)};
  ++held->size;
  return true;
}

}  // namespace thalweg
