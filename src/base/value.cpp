#include "base/value.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <cstring>
#include <limits>
#include <new>

namespace thalweg {

namespace {
constexpr std::size_t kLinearEntries = 8;  // maps up to this size are searched in order: faster than hashing
constexpr std::uint32_t kFree = UINT32_MAX;

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

// The heap objects behind a value; the only place that knows their layout.
struct ValueAccess {
  struct Buffer : Value::Object {  // string, bytes, type name, floats
    const char* data = nullptr;
    std::size_t size = 0;               // in bytes
    std::shared_ptr<const void> owner;  // empty: the bytes stand right behind this header
  };
  struct List : Value::Object {
    std::vector<Value> items;
  };
  struct Map : Value::Object {
    std::vector<Entry> entries;
    std::vector<std::uint32_t> slots;  // open addressing into entries, empty for small maps
  };

  static Buffer* buffer(const Value& value) noexcept { return static_cast<Buffer*>(value.payload_.object); }
  static List* list(const Value& value) noexcept { return static_cast<List*>(value.payload_.object); }
  static Map* map(const Value& value) noexcept { return static_cast<Map*>(value.payload_.object); }

  static Value copy_of(Kind kind, const void* data, std::size_t size) {
    void* memory = ::operator new(sizeof(Buffer) + size);
    auto* object = ::new (memory) Buffer;
    char* bytes = static_cast<char*>(memory) + sizeof(Buffer);
    if (size != 0) std::memcpy(bytes, data, size);
    object->data = bytes;
    object->size = size;
    return Value(kind, object);
  }
  static Value borrow(Kind kind, const void* data, std::size_t size, std::shared_ptr<const void> owner) {
    void* memory = ::operator new(sizeof(Buffer));
    auto* object = ::new (memory) Buffer;
    object->data = static_cast<const char*>(data);
    object->size = size;
    object->owner = std::move(owner);
    return Value(kind, object);
  }
  static Value make_list(std::vector<Value> items) {
    auto object = std::make_unique<List>();
    object->items = std::move(items);
    return Value(Kind::list, object.release());
  }
  static Value make_map(std::vector<Entry> entries, std::vector<std::uint32_t> slots) {
    auto object = std::make_unique<Map>();
    object->entries = std::move(entries);
    object->slots = std::move(slots);
    return Value(Kind::map, object.release());
  }

  // Hands out the object of a dying container without touching what it holds.
  static void give_up(Value& value, std::vector<Value>& pending) {
    if (!value.counted()) return;
    if (value.payload_.object->references.load(std::memory_order_acquire) == 1) {
      pending.push_back(std::move(value));
    }
  }

  static void destroy(Kind kind, Value::Object* object) noexcept {
    if (kind == Kind::list || kind == Kind::map) {
      destroy_container(kind, object);
      return;
    }
    auto* dying = static_cast<Buffer*>(object);
    dying->~Buffer();
    ::operator delete(dying);
  }

  // Children that this container alone holds are moved to a worklist, so that depth costs no stack.
  static void destroy_container(Kind kind, Value::Object* object) noexcept {
    std::vector<Value> pending;
    const auto empty = [&pending](Kind dying, Value::Object* held) {
      if (dying == Kind::list) {
        std::unique_ptr<List> list(static_cast<List*>(held));
        for (Value& item : list->items) {
          if (item.kind() == Kind::list || item.kind() == Kind::map) give_up(item, pending);
        }
      } else {
        std::unique_ptr<Map> map(static_cast<Map*>(held));
        for (Entry& entry : map->entries) {
          if (entry.value.kind() == Kind::list || entry.value.kind() == Kind::map) give_up(entry.value, pending);
        }
      }
    };
    empty(kind, object);
    while (!pending.empty()) {
      Value next = std::move(pending.back());
      pending.pop_back();
      const Kind dying = next.kind_;
      Value::Object* held = next.payload_.object;
      // The last reference, as nobody else can have got hold of it since.
      if (held->references.fetch_sub(1, std::memory_order_acq_rel) == 1) empty(dying, held);
      next.kind_ = Kind::null;
    }
  }

  static bool same_key(const Value& a, const Value& b) noexcept {
    if (a.is_string() || b.is_string()) return a.is_string() && b.is_string() && a.as_string() == b.as_string();
    if (a.is_bool() || b.is_bool()) return a.is_bool() && b.is_bool() && a.as_bool() == b.as_bool();
    return a.is_number() && b.is_number() && compare_numbers(a, b) == std::partial_ordering::equivalent;
  }

  static std::uint32_t* slot(std::vector<std::uint32_t>& slots, const std::vector<Entry>& entries, const Value& key) noexcept {
    const std::size_t mask = slots.size() - 1;
    for (std::size_t at = hash(key) & mask;; at = (at + 1) & mask) {
      if (slots[at] == kFree || same_key(entries[slots[at]].key, key)) return &slots[at];
    }
  }

  static void index(std::vector<std::uint32_t>& slots, const std::vector<Entry>& entries) {
    slots.assign(std::bit_ceil(entries.size() * 2 + 2), kFree);
    for (std::uint32_t i = 0; i < entries.size(); ++i) *slot(slots, entries, entries[i].key) = i;
  }

  static const Entry* find(const Map& map, const Value& key) noexcept {
    if (map.slots.empty()) {
      for (const Entry& entry : map.entries) {
        if (same_key(entry.key, key)) return &entry;
      }
      return nullptr;
    }
    const std::size_t mask = map.slots.size() - 1;
    for (std::size_t at = hash(key) & mask;; at = (at + 1) & mask) {
      if (map.slots[at] == kFree) return nullptr;
      if (same_key(map.entries[map.slots[at]].key, key)) return &map.entries[map.slots[at]];
    }
  }

  static const Entry* find(const Map& map, std::string_view key) noexcept {
    if (map.slots.empty()) {
      for (const Entry& entry : map.entries) {
        if (entry.key.is_string() && entry.key.as_string() == key) return &entry;
      }
      return nullptr;
    }
    const std::size_t mask = map.slots.size() - 1;
    for (std::size_t at = hash_bytes(key, static_cast<std::uint64_t>(Kind::string)) & mask;; at = (at + 1) & mask) {
      if (map.slots[at] == kFree) return nullptr;
      const Entry& entry = map.entries[map.slots[at]];
      if (entry.key.is_string() && entry.key.as_string() == key) return &entry;
    }
  }

  static Map* writable_map(Value& value) {
    if (!value.unique()) value = make_map(map(value)->entries, map(value)->slots);
    return map(value);
  }
  static List* writable_list(Value& value) {
    if (!value.unique()) value = make_list(list(value)->items);
    return list(value);
  }
  static void set(Value& target, Value key, Value value) {
    Map* object = writable_map(target);
    if (const Entry* found = find(*object, key)) {
      object->entries[static_cast<std::size_t>(found - object->entries.data())].value = std::move(value);
      return;
    }
    object->entries.push_back({std::move(key), std::move(value)});
    if (object->entries.size() <= kLinearEntries) return;
    if (object->slots.size() < object->entries.size() * 2) {
      index(object->slots, object->entries);
    } else {
      *slot(object->slots, object->entries, object->entries.back().key) = static_cast<std::uint32_t>(object->entries.size() - 1);
    }
  }

  // The part at `path` inside `root`, its way copied where it is shared. Iterative: a path may be long.
  static Result<> with(Value& root, std::span<const Value> path, Value value) {
    Value* here = &root;
    for (std::size_t i = 0; i < path.size(); ++i) {
      const bool last = i + 1 == path.size();
      const Value& step = path[i];
      if (here->is_map()) {
        if (!step.is_string() && !step.is_number() && !step.is_bool()) {
          return fail(Code::invalid_argument, "step {} of the path is a {}, which is no map key", i, type_name(step.kind()));
        }
        const Entry* found = find(*map(*here), step);
        if (found == nullptr) {
          if (!last) return fail(Code::not_found, "step {} of the path names a key that is not there", i);
          set(*here, step, std::move(value));
          return {};
        }
        const auto at = static_cast<std::size_t>(found - map(*here)->entries.data());
        here = &writable_map(*here)->entries[at].value;
      } else if (here->is_list()) {
        if (!step.is_int()) return fail(Code::invalid_argument, "step {} of the path goes into a list and must be an int", i);
        const auto size = static_cast<std::int64_t>(here->size());
        if (step.as_int() < 0 || step.as_int() > size || (step.as_int() == size && !last)) {
          return fail(Code::out_of_range, "index {} at step {} of the path is outside a list of {}", step.as_int(), i, size);
        }
        List* object = writable_list(*here);
        if (step.as_int() == size) {
          object->items.push_back(std::move(value));
          return {};
        }
        here = &object->items[static_cast<std::size_t>(step.as_int())];
      } else {
        return fail(Code::invalid_argument, "step {} of the path goes into a {}", i, type_name(here->kind()));
      }
    }
    *here = std::move(value);
    return {};
  }
};

std::string_view type_name(Kind kind) noexcept {
  switch (kind) {
    case Kind::null:
      return "null_type";
    case Kind::boolean:
      return "bool";
    case Kind::integer:
      return "int";
    case Kind::unsigned_integer:
      return "uint";
    case Kind::real:
      return "double";
    case Kind::timestamp:
      return "google.protobuf.Timestamp";
    case Kind::duration:
      return "google.protobuf.Duration";
    case Kind::string:
      return "string";
    case Kind::bytes:
      return "bytes";
    case Kind::list:
      return "list";
    case Kind::map:
      return "map";
    case Kind::type:
      return "type";
    case Kind::floats:
      return "floats";
  }
  return "unknown";
}

Value::Value(std::string_view text) : Value(ValueAccess::copy_of(Kind::string, text.data(), text.size())) {}
Value Value::bytes(std::string_view data) { return ValueAccess::copy_of(Kind::bytes, data.data(), data.size()); }
Value Value::type(std::string_view name) { return ValueAccess::copy_of(Kind::type, name.data(), name.size()); }
Value Value::floats(std::span<const float> data) { return ValueAccess::copy_of(Kind::floats, data.data(), data.size_bytes()); }
Value Value::list(std::vector<Value> items) { return ValueAccess::make_list(std::move(items)); }
Value Value::map() { return ValueAccess::make_map({}, {}); }
Value Value::map(std::initializer_list<Entry> entries) { return map(std::vector<Entry>(entries)); }
Value Value::map(std::vector<Entry> entries) {
  std::vector<std::uint32_t> slots;
  if (entries.size() > kLinearEntries) ValueAccess::index(slots, entries);
  return ValueAccess::make_map(std::move(entries), std::move(slots));
}

Value Value::external_string(std::string_view text, std::shared_ptr<const void> owner) {
  return ValueAccess::borrow(Kind::string, text.data(), text.size(), std::move(owner));
}
Value Value::external_bytes(std::string_view data, std::shared_ptr<const void> owner) {
  return ValueAccess::borrow(Kind::bytes, data.data(), data.size(), std::move(owner));
}
Value Value::external_floats(std::span<const float> data, std::shared_ptr<const void> owner) {
  return ValueAccess::borrow(Kind::floats, data.data(), data.size_bytes(), std::move(owner));
}

std::string_view Value::as_string() const noexcept {
  const auto* buffer = ValueAccess::buffer(*this);
  return {buffer->data, buffer->size};
}

std::span<const float> Value::as_floats() const noexcept {
  const auto* buffer = ValueAccess::buffer(*this);
  return {reinterpret_cast<const float*>(buffer->data), buffer->size / sizeof(float)};
}

std::span<const Value> Value::items() const noexcept { return ValueAccess::list(*this)->items; }
std::span<const Entry> Value::entries() const noexcept { return ValueAccess::map(*this)->entries; }

double Value::as_number() const noexcept {
  if (is_int()) return static_cast<double>(as_int());
  if (is_uint()) return static_cast<double>(as_uint());
  return as_real();
}

std::size_t Value::size() const noexcept {
  switch (kind_) {
    case Kind::string:
    case Kind::bytes:
    case Kind::type:
      return ValueAccess::buffer(*this)->size;
    case Kind::floats:
      return ValueAccess::buffer(*this)->size / sizeof(float);
    case Kind::list:
      return ValueAccess::list(*this)->items.size();
    case Kind::map:
      return ValueAccess::map(*this)->entries.size();
    default:
      return 0;
  }
}

const Value* Value::find(std::string_view key) const noexcept {
  if (!is_map()) return nullptr;
  const Entry* found = ValueAccess::find(*ValueAccess::map(*this), key);
  return found == nullptr ? nullptr : &found->value;
}

const Value* Value::find_key(const Value& key) const noexcept {
  if (!is_map()) return nullptr;
  const Entry* found = ValueAccess::find(*ValueAccess::map(*this), key);
  return found == nullptr ? nullptr : &found->value;
}

Result<Value> Value::with(std::span<const Value> path, Value value) const& { return Value(*this).with(path, std::move(value)); }

Result<Value> Value::with(std::span<const Value> path, Value value) && {
  TRY(ValueAccess::with(*this, path, std::move(value)));
  return std::move(*this);
}

Value Value::append(Value item) && {
  ValueAccess::writable_list(*this)->items.push_back(std::move(item));
  return std::move(*this);
}

Value Value::set(Value key, Value value) && {
  ValueAccess::set(*this, std::move(key), std::move(value));
  return std::move(*this);
}

bool Value::unique() const noexcept { return !counted() || payload_.object->references.load(std::memory_order_acquire) == 1; }

std::size_t Value::footprint() const noexcept {
  std::size_t total = 0;
  std::vector<const Value*> pending{this};
  while (!pending.empty()) {
    const Value& value = *pending.back();
    pending.pop_back();
    total += sizeof(Value);
    switch (value.kind_) {
      case Kind::string:
      case Kind::bytes:
      case Kind::type:
      case Kind::floats:
        total += sizeof(ValueAccess::Buffer) + ValueAccess::buffer(value)->size;
        break;
      case Kind::list:
        total += sizeof(ValueAccess::List);
        for (const Value& item : value.items()) pending.push_back(&item);
        break;
      case Kind::map:
        total += sizeof(ValueAccess::Map) + ValueAccess::map(value)->slots.size() * sizeof(std::uint32_t);
        for (const Entry& entry : value.entries()) {
          pending.push_back(&entry.key);
          pending.push_back(&entry.value);
        }
        break;
      default:
        break;
    }
  }
  return total;
}

void Value::destroy(Kind kind, Object* object) noexcept { ValueAccess::destroy(kind, object); }

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

Result<> MapBuilder::add(Value key, Value value) {
  if (!key.is_string() && !key.is_int() && !key.is_uint() && !key.is_bool()) {
    return fail(Code::invalid_argument, "a map key must be int, uint, bool or string, not {}", type_name(key.kind()));
  }
  const auto refuse = [&key] {
    return fail(Code::already_exists, "the map has the key {} twice",
                key.is_string() ? fmt::format("'{}'", key.as_string())
                : key.is_bool() ? std::string(key.as_bool() ? "true" : "false")
                : key.is_int()  ? std::to_string(key.as_int())
                                : std::to_string(key.as_uint()));
  };
  if (entries_.size() < kLinearEntries) {
    for (const Entry& entry : entries_) {
      if (ValueAccess::same_key(entry.key, key)) return refuse();
    }
    entries_.push_back({std::move(key), std::move(value)});
    return {};
  }
  if (slots_.size() < (entries_.size() + 1) * 2) ValueAccess::index(slots_, entries_);
  std::uint32_t* slot = ValueAccess::slot(slots_, entries_, key);
  if (*slot != kFree) return refuse();
  *slot = static_cast<std::uint32_t>(entries_.size());
  entries_.push_back({std::move(key), std::move(value)});
  return {};
}

Value MapBuilder::build() {
  if (entries_.size() > kLinearEntries && slots_.empty()) ValueAccess::index(slots_, entries_);
  if (entries_.size() <= kLinearEntries) slots_.clear();
  Value built = ValueAccess::make_map(std::move(entries_), std::move(slots_));
  entries_.clear();
  slots_.clear();
  return built;
}

}  // namespace thalweg
