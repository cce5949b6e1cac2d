#include "base/value_access.h"

#include <sys/auxv.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <new>
#include <utility>

namespace thalweg {

namespace {

std::uint64_t process_seed() noexcept {
  // 16 random bytes that the kernel gives to every process.
  static const std::uint64_t seed = [] {
    std::uint64_t read = 0;
    if (const auto* bytes = reinterpret_cast<const char*>(getauxval(AT_RANDOM))) std::memcpy(&read, bytes, sizeof(read));
    return read | 1U;
  }();
  return seed;
}

// The product's two halves folded together: one multiplication spreads every bit (as in wyhash).
std::uint64_t fold(std::uint64_t a, std::uint64_t b) noexcept {
  const auto product = static_cast<unsigned __int128>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

std::uint32_t shorten(std::uint64_t hash) noexcept {
  return static_cast<std::uint32_t>(hash ^ (hash >> 32)) | 1U;
}  // 0 is "none yet"

std::uint64_t word(const char* data) noexcept {
  std::uint64_t read;
  std::memcpy(&read, data, sizeof(read));
  return read;
}

}  // namespace

std::uint32_t ValueAccess::key_hash(std::string_view text) noexcept {
  constexpr std::uint64_t kOdd = 0x9E3779B97F4A7C15U;
  std::uint64_t hash = process_seed() ^ (text.size() * kOdd);
  const char* data = text.data();
  std::size_t left = text.size();
  for (; left > 8; left -= 8, data += 8) hash = fold(hash ^ word(data), kOdd ^ process_seed());
  std::uint64_t last = 0;
  if (left == 8) {
    last = word(data);
  } else if (left > 0) {
    std::memcpy(&last, data, left);
  }
  return shorten(fold(hash ^ last, kOdd ^ (process_seed() << 1)));
}

std::uint32_t ValueAccess::key_hash(const Value& key) noexcept {
  if (key.is_string()) {
    std::atomic<std::uint32_t>& kept = key.payload_.object->key_hash;
    std::uint32_t hash = kept.load(std::memory_order_relaxed);
    if (hash == 0) kept.store(hash = key_hash(key.as_string()), std::memory_order_relaxed);
    return hash;
  }
  // Equal numbers of different kinds hash alike: whole numbers by their bits as an int64 or uint64.
  std::uint64_t bits = 0;
  if (key.is_real()) {
    const double number = key.as_real();
    bits = std::floor(number) != number      ? std::bit_cast<std::uint64_t>(number)
           : number >= -0x1p63 && number < 0 ? static_cast<std::uint64_t>(static_cast<std::int64_t>(number))
           : number >= 0 && number < 0x1p64  ? static_cast<std::uint64_t>(number)
                                             : std::bit_cast<std::uint64_t>(number);
  } else {
    bits = key.is_bool() ? (key.as_bool() ? 1U : 0U) : key.as_uint();
  }
  return shorten(fold(bits ^ process_seed(), 0xD1342543DE82EF95U));
}

Value ValueAccess::borrow(Kind kind, const void* data, std::size_t count, std::shared_ptr<const void> owner) {
  auto* made = ::new (::operator new(sizeof(External))) External;
  made->data = data;
  made->size = count;
  made->owner = std::move(owner);
  return Value(kind, made);
}

// Containers that lose their last holder while one dies are chained to it, so that depth costs no stack and dying no memory.
void ValueAccess::destroy(Kind kind, Object* dying) noexcept {
  Object* chain = nullptr;
  const auto bury = [&chain](Kind what, Object* held) noexcept {
    if (what == Kind::list || what == Kind::map) {
      held->next_dying = chain;
      held->key_hash.store(static_cast<std::uint32_t>(what), std::memory_order_relaxed);
      chain = held;
    } else if (held->data == held + 1) {
      ::operator delete(held);
    } else {
      auto* external = static_cast<External*>(held);
      external->~External();
      ::operator delete(external);
    }
  };
  const auto drop = [&bury](const Value& part) noexcept {
    if (part.counted() && Value::last_reference(part.payload_.object)) bury(part.kind_, part.payload_.object);
  };
  bury(kind, dying);
  while (chain != nullptr) {
    Object* held = chain;
    chain = held->next_dying;
    if (held->key_hash.load(std::memory_order_relaxed) == static_cast<std::uint32_t>(Kind::list)) {
      for (const Value& item : std::span(static_cast<List*>(held)->items(), held->size)) drop(item);
    } else {
      for (const Entry& entry : std::span(static_cast<Map*>(held)->entries(), held->size)) {
        drop(entry.key);
        drop(entry.value);
      }
    }
    ::operator delete(held);
  }
}

const Entry* ValueAccess::find(const Map& map, const Value& key) noexcept {
  if (key.is_string()) return find(map, key.as_string());
  if (!key.is_number() && !key.is_bool()) return nullptr;
  if (map.slot_count == 0) {
    for (const Entry& entry : std::span(map.entries(), map.size)) {
      if (same_key(entry.key, key)) return &entry;
    }
    return nullptr;
  }
  const std::uint32_t mask = map.slot_count - 1;
  for (std::uint32_t at = key_hash(key) & mask;; at = (at + 1) & mask) {
    const std::uint32_t place = map.slots()[at];
    if (place == kFree) return nullptr;
    if (same_key(map.entries()[place].key, key)) return &map.entries()[place];
  }
}

const Entry* ValueAccess::find(const Map& map, std::string_view key) noexcept {
  const auto fits = [key](const Value& held) noexcept { return held.is_string() && held.as_string() == key; };
  if (map.slot_count == 0) {
    for (const Entry& entry : std::span(map.entries(), map.size)) {
      if (fits(entry.key)) return &entry;
    }
    return nullptr;
  }
  const std::uint32_t mask = map.slot_count - 1;
  for (std::uint32_t at = key_hash(key) & mask;; at = (at + 1) & mask) {
    const std::uint32_t place = map.slots()[at];
    if (place == kFree) return nullptr;
    if (fits(map.entries()[place].key)) return &map.entries()[place];
  }
}

std::uint32_t* ValueAccess::free_slot(Map& map, std::uint32_t hash) noexcept {
  const std::uint32_t mask = map.slot_count - 1;
  std::uint32_t at = hash & mask;
  while (map.slots()[at] != kFree) at = (at + 1) & mask;
  return map.slots() + at;
}

bool ValueAccess::same_keys(const Value& like, std::span<const Value> pairs) noexcept {
  if (!like.is_map() || like.size() * 2 != pairs.size()) return false;
  const Entry* entry = map(like)->entries();
  for (std::size_t i = 0; i < pairs.size(); i += 2, ++entry) {
    if (!pairs[i].is_string() || !entry->key.is_string()) return false;
    if (object(pairs[i]) != object(entry->key) && pairs[i].as_string() != entry->key.as_string()) return false;
  }
  return true;
}

Value ValueAccess::map_like(const Value& like, std::span<Value> pairs) {
  Value made = empty_map(pairs.size() / 2);
  Map* to = map(made);
  for (std::size_t i = 0; i < pairs.size(); i += 2) {
    ::new (to->entries() + to->size++) Entry{std::move(pairs[i]), std::move(pairs[i + 1])};
  }
  std::copy_n(map(like)->slots(), to->slot_count, to->slots());
  return made;
}

void ValueAccess::push(Value& target, Value key, Value value) noexcept {
  Map* held = map(target);
  if (held->slot_count != 0) *free_slot(*held, key_hash(key)) = static_cast<std::uint32_t>(held->size);
  ::new (held->entries() + held->size) Entry{std::move(key), std::move(value)};
  ++held->size;
}

ValueAccess::List* ValueAccess::writable_list(Value& value, std::size_t room) {
  List* held = list(value);
  const std::size_t wanted = held->size + room;
  if (value.unique() && wanted <= held->capacity) return held;
  Value made = empty_list(room == 0 ? wanted : std::max({wanted, held->capacity * 2, std::size_t{4}}));
  const bool taken = value.unique();
  for (Value& item : std::span(held->items(), held->size)) push(made, taken ? std::move(item) : Value(item));
  value = std::move(made);
  return list(value);
}

ValueAccess::Map* ValueAccess::writable_map(Value& value, std::size_t room) {
  Map* held = map(value);
  const std::size_t wanted = held->size + room;
  if (value.unique() && wanted <= held->capacity) return held;
  Value made = empty_map(room == 0 ? wanted : std::max({wanted, held->capacity * std::size_t{2}, std::size_t{4}}));
  const bool taken = value.unique();
  for (Entry& entry : std::span(held->entries(), held->size)) {
    if (taken) {
      push(made, std::move(entry.key), std::move(entry.value));
    } else {
      push(made, entry.key, entry.value);
    }
  }
  value = std::move(made);
  return map(value);
}

void ValueAccess::set(Value& target, Value key, Value value) {
  if (const Entry* found = find(*map(target), key)) {
    const auto place = found - map(target)->entries();
    writable_map(target)->entries()[place].value = std::move(value);
    return;
  }
  writable_map(target, 1);
  push(target, std::move(key), std::move(value));
}

}  // namespace thalweg
