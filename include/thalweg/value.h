#pragma once
// The one data type that flows through a pipeline.

#include <atomic>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "thalweg/error.h"

namespace thalweg {

class Value;

/// The kinds of values: CEL's, plus arrays of 32-bit floats.
enum class Kind : std::uint8_t {
  null,
  boolean,
  integer,           ///< int64
  unsigned_integer,  ///< uint64
  real,              ///< double
  timestamp,
  duration,
  // From here on the payload is a counted heap object.
  string,  ///< UTF-8 by convention; checked where text enters the program
  bytes,
  list,
  map,   ///< keys: integer, unsigned_integer, boolean or string; keeps insertion order
  type,  ///< a CEL type as a value
  floats,
};

/// CEL's name of a kind: "null_type", "bool", "int", "uint", "double", ... and "floats".
[[nodiscard]] std::string_view type_name(Kind kind) noexcept;

/// A point in time: seconds since 1970-01-01T00:00:00Z and 0..999'999'999 nanoseconds; CEL allows years 1 to 9999.
struct Timestamp {
  std::int64_t seconds = 0;
  std::int32_t nanos = 0;
  auto operator<=>(const Timestamp&) const = default;
};

/// A span of time. `nanos` has the sign of `seconds` (or either, when seconds is 0), |nanos| < 1e9.
struct Duration {
  std::int64_t seconds = 0;
  std::int32_t nanos = 0;
  auto operator<=>(const Duration&) const = default;
};

/// One entry of a map.
struct Entry;

/// An immutable value of 16 bytes. Copying takes a reference on shared data (thread-safe), moving costs nothing. Values are
/// destroyed without recursion, so depth is no danger. Functions that "change" a value return a new one that shares every
/// untouched part; called on an rvalue that nobody else holds they work in place.
///
///     Value hit = Value::map({{"title", "Policy"}, {"score", 1.5}});
///     hit.find("score")->as_real();                        // 1.5
///     Value next = hit.with({Value("score")}, Value(2.0)).value();
class Value {
 public:
  Value() noexcept = default;
  Value(std::nullptr_t) noexcept {}
  Value(bool value) noexcept : kind_(Kind::boolean) { payload_.boolean = value; }
  Value(int value) noexcept : Value(static_cast<std::int64_t>(value)) {}
  Value(std::int64_t value) noexcept : kind_(Kind::integer) { payload_.integer = value; }
  Value(std::uint64_t value) noexcept : kind_(Kind::unsigned_integer) { payload_.unsigned_integer = value; }
  Value(double value) noexcept : kind_(Kind::real) { payload_.real = value; }
  Value(Timestamp value) noexcept : kind_(Kind::timestamp), nanos_(value.nanos) { payload_.integer = value.seconds; }
  Value(Duration value) noexcept : kind_(Kind::duration), nanos_(value.nanos) { payload_.integer = value.seconds; }
  Value(std::string_view text);
  Value(const char* text) : Value(std::string_view(text)) {}
  Value(const std::string& text) : Value(std::string_view(text)) {}

  static Value bytes(std::string_view data);
  static Value floats(std::span<const float> data);
  static Value type(std::string_view name);
  static Value list(std::vector<Value> items = {});
  static Value list(std::initializer_list<Value> items) { return list(std::span(items.begin(), items.size())); }
  static Value list(std::span<const Value> items);
  /// A map from entries in order. Precondition: keys are int, uint, bool or string, and no two are equal (MapBuilder checks).
  static Value map(std::vector<Entry> entries);
  static Value map(std::initializer_list<Entry> entries);
  static Value map();

  /// Buffers owned by someone else (numpy, shared memory, a mapped file): nothing is copied, `owner` is held as long as the
  /// value.
  static Value external_string(std::string_view text, std::shared_ptr<const void> owner);
  static Value external_bytes(std::string_view data, std::shared_ptr<const void> owner);
  static Value external_floats(std::span<const float> data, std::shared_ptr<const void> owner);

  Value(const Value& other) noexcept : kind_(other.kind_), nanos_(other.nanos_), payload_(other.payload_) { retain(); }
  Value(Value&& other) noexcept : kind_(other.kind_), nanos_(other.nanos_), payload_(other.payload_) { other.kind_ = Kind::null; }
  Value& operator=(const Value& other) noexcept {
    Value copy(other);
    swap(copy);
    return *this;
  }
  Value& operator=(Value&& other) noexcept {
    Value taken(std::move(other));
    swap(taken);
    return *this;
  }
  ~Value() { release(); }
  void swap(Value& other) noexcept {
    std::swap(kind_, other.kind_);
    std::swap(nanos_, other.nanos_);
    std::swap(payload_, other.payload_);
  }

  [[nodiscard]] Kind kind() const noexcept { return kind_; }
  [[nodiscard]] bool is(Kind kind) const noexcept { return kind_ == kind; }
  [[nodiscard]] bool is_null() const noexcept { return kind_ == Kind::null; }
  [[nodiscard]] bool is_bool() const noexcept { return kind_ == Kind::boolean; }
  [[nodiscard]] bool is_int() const noexcept { return kind_ == Kind::integer; }
  [[nodiscard]] bool is_uint() const noexcept { return kind_ == Kind::unsigned_integer; }
  [[nodiscard]] bool is_real() const noexcept { return kind_ == Kind::real; }
  [[nodiscard]] bool is_number() const noexcept { return is_int() || is_uint() || is_real(); }
  [[nodiscard]] bool is_string() const noexcept { return kind_ == Kind::string; }
  [[nodiscard]] bool is_bytes() const noexcept { return kind_ == Kind::bytes; }
  [[nodiscard]] bool is_list() const noexcept { return kind_ == Kind::list; }
  [[nodiscard]] bool is_map() const noexcept { return kind_ == Kind::map; }

  // Precondition of each: the kind fits.
  [[nodiscard]] bool as_bool() const noexcept { return payload_.boolean; }
  [[nodiscard]] std::int64_t as_int() const noexcept { return payload_.integer; }
  [[nodiscard]] std::uint64_t as_uint() const noexcept { return payload_.unsigned_integer; }
  [[nodiscard]] double as_real() const noexcept { return payload_.real; }
  [[nodiscard]] Timestamp as_timestamp() const noexcept { return {payload_.integer, nanos_}; }
  [[nodiscard]] Duration as_duration() const noexcept { return {payload_.integer, nanos_}; }
  /// The text of a string, the data of bytes, the name of a type. Valid as long as the value (or a copy) lives.
  [[nodiscard]] std::string_view as_string() const noexcept {
    return {static_cast<const char*>(payload_.object->data), payload_.object->size};
  }
  [[nodiscard]] std::span<const float> as_floats() const noexcept {
    return {static_cast<const float*>(payload_.object->data), payload_.object->size};
  }
  [[nodiscard]] std::span<const Value> items() const noexcept {  ///< of a list
    return {static_cast<const Value*>(payload_.object->data), payload_.object->size};
  }
  [[nodiscard]] std::span<const Entry> entries() const noexcept;  ///< of a map, in insertion order
  /// Any number as a double (int and uint rounded to nearest).
  [[nodiscard]] double as_number() const noexcept;

  /// Items of a list, entries of a map, bytes of a string or bytes, floats; 0 for everything else.
  [[nodiscard]] std::size_t size() const noexcept { return counted() ? payload_.object->size : 0; }
  /// The value under `key`, or null pointer; also when this is no map. Numeric keys compare by number, as CEL wants.
  [[nodiscard]] const Value* find(std::string_view key) const noexcept;
  [[nodiscard]] const Value* find_key(const Value& key) const noexcept;

  /// This value with the part at `path` (map keys and list indices from the outside in) replaced. A missing last map key is
  /// added; a list index equal to the size appends. Errors: not_found (no such inner part), out_of_range (index),
  /// invalid_argument (a step into something that is no list or map).
  [[nodiscard]] Result<Value> with(std::span<const Value> path, Value value) const&;
  [[nodiscard]] Result<Value> with(std::span<const Value> path, Value value) &&;
  [[nodiscard]] Result<Value> with(std::initializer_list<Value> path, Value value) const& {
    return with(std::span(path.begin(), path.size()), std::move(value));
  }
  /// This list with one more item. Precondition: a list.
  [[nodiscard]] Value append(Value item) &&;
  /// This map with `key` set. Precondition: a map and a fitting key.
  [[nodiscard]] Value set(Value key, Value value) &&;

  /// Nobody else holds this value's data (true for scalars).
  [[nodiscard]] bool unique() const noexcept {
    return !counted() || payload_.object->references.load(std::memory_order_acquire) == 1;
  }
  /// Bytes held; a list or map that is in several places of it counts once. For reports, not for allocation.
  [[nodiscard]] std::size_t footprint() const noexcept;

  /// CEL equality: numbers by mathematical value over all three kinds, NaN equal to nothing, maps without regard to order.
  [[nodiscard]] friend bool operator==(const Value& a, const Value& b) noexcept { return equal(a, b); }

 private:
  friend struct ValueAccess;
  // What every counted value points at; value_access.h tells what follows it for each kind.
  struct Object {
    std::atomic<std::uint32_t> references{1};
    std::atomic<std::uint32_t> key_hash{
        0};  // of a string that was used as a key, 0 before; a dying container keeps its kind here
    union {
      const void* data = nullptr;  // bytes, floats, items or entries
      Object* next_dying;
    };
    std::size_t size = 0;  // how many of them
  };
  union Payload {
    std::int64_t integer = 0;
    std::uint64_t unsigned_integer;
    double real;
    bool boolean;
    Object* object;
  };

  Value(Kind kind, Object* object) noexcept : kind_(kind) { payload_.object = object; }
  [[nodiscard]] bool counted() const noexcept { return kind_ >= Kind::string; }
  void retain() const noexcept {
    if (counted()) payload_.object->references.fetch_add(1, std::memory_order_relaxed);
  }
  void release() noexcept {
    if (counted() && last_reference(payload_.object)) destroy(kind_, payload_.object);
  }
  // Takes a reference off; a sole owner sees that without a locked instruction.
  static bool last_reference(Object* object) noexcept {
    return object->references.load(std::memory_order_acquire) == 1 ||
           object->references.fetch_sub(1, std::memory_order_acq_rel) == 1;
  }
  static void destroy(Kind kind, Object* object) noexcept;
  static bool equal(const Value& a, const Value& b) noexcept;

  Kind kind_ = Kind::null;
  std::int32_t nanos_ = 0;
  Payload payload_;
};
static_assert(sizeof(Value) == 16);

struct Entry {
  Value key;
  Value value;
};

inline std::span<const Entry> Value::entries() const noexcept {
  return {static_cast<const Entry*>(payload_.object->data), payload_.object->size};
}

/// Compares two numbers of any kinds by mathematical value; unordered when one is NaN. Precondition: both numbers.
[[nodiscard]] std::partial_ordering compare_numbers(const Value& a, const Value& b) noexcept;

/// A hash that agrees with operator== (numbers of equal value hash alike; maps regardless of order).
[[nodiscard]] std::uint64_t hash(const Value& value) noexcept;

/// Collects the entries of a map.
class MapBuilder {
 public:
  void reserve(std::size_t entries);
  /// Errors: invalid_argument for a key of another kind, already_exists for a key met before.
  Result<> add(Value key, Value value);
  [[nodiscard]] std::size_t size() const noexcept { return map_.size(); }
  /// Leaves the builder empty.
  [[nodiscard]] Value build() { return std::exchange(map_, Value::map()); }

 private:
  Value map_ = Value::map();
};

}  // namespace thalweg
