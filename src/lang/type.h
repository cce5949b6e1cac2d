#pragma once
// The types that expressions are checked against.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "thalweg/value.h"

namespace thalweg::lang {

/// A type of the expression language: CEL's types, inline objects, `stream<T>` and float arrays. Immutable; a copy costs a
/// reference at most. Every type may carry the mark `?`: the value may be absent.
///
///     parse_type("{title: string, score: double?}").value().field("score")->text();   // "double?"
class Type {
 public:
  enum class Kind : std::uint8_t {
    dyn,  ///< unknown until run time; fits everything
    null,
    boolean,
    integer,
    unsigned_integer,
    real,
    string,
    bytes,
    timestamp,
    duration,
    floats,
    type,      ///< a type as a value; one argument
    list,      ///< one argument
    map,       ///< two arguments
    object,    ///< named fields: a map with string keys of which more is known
    stream,    ///< one argument
    optional,  ///< CEL's optional_type; one argument
    parameter  ///< a type variable of a function's signature
  };
  struct Field;

  Type() noexcept = default;  ///< dyn
  Type(Kind kind) noexcept : kind_(kind) {}
  static Type list(Type item) { return Type(Kind::list, {std::move(item)}); }
  static Type map(Type key, Type value) { return Type(Kind::map, {std::move(key), std::move(value)}); }
  static Type stream(Type item) { return Type(Kind::stream, {std::move(item)}); }
  static Type type(Type of) { return Type(Kind::type, {std::move(of)}); }
  static Type optional(Type of) { return Type(Kind::optional, {std::move(of)}); }
  static Type parameter(std::string name);
  static Type object(std::vector<Field> fields);

  [[nodiscard]] Kind kind() const noexcept { return kind_; }
  [[nodiscard]] bool is(Kind kind) const noexcept { return kind_ == kind; }
  [[nodiscard]] bool is_dyn() const noexcept { return kind_ == Kind::dyn; }
  [[nodiscard]] bool is_number() const noexcept {
    return kind_ == Kind::integer || kind_ == Kind::unsigned_integer || kind_ == Kind::real;
  }

  /// Marked with `?`: the value may be absent.
  [[nodiscard]] bool may_be_absent() const noexcept { return absent_; }
  [[nodiscard]] Type marked(bool absent) const {
    Type copy = *this;
    copy.absent_ = absent;
    return copy;
  }

  /// The argument at `index`, or dyn where none was given (a bare `list` is `list<dyn>`).
  [[nodiscard]] const Type& argument(std::size_t index) const noexcept;
  [[nodiscard]] std::span<const Field> fields() const noexcept;
  /// The type of an object's field, or null pointer.
  [[nodiscard]] const Type* field(std::string_view name) const noexcept;
  [[nodiscard]] const std::string& name() const noexcept;  ///< of a parameter

  /// As parse_type reads it: "map<string, list<int>>?".
  [[nodiscard]] std::string text() const;
  [[nodiscard]] friend bool operator==(const Type& a, const Type& b) noexcept { return same(a, b); }

 private:
  struct Parts;
  Type(Kind kind, std::vector<Type> arguments);
  static bool same(const Type& a, const Type& b) noexcept;

  Kind kind_ = Kind::dyn;
  bool absent_ = false;
  std::shared_ptr<const Parts> parts_;
};

struct Type::Field {
  std::string name;
  Type type;
};

/// Reads `string`, `list<int>`, `map<string, dyn>`, `stream<string>`, `{a: int, b: string?}`, each with an optional `?` behind
/// it. invalid_argument with the column and the nearest known name. With `parameters`, single capitals are type variables.
[[nodiscard]] Result<Type> parse_type(std::string_view text, bool parameters = false);

/// The names that parse_type knows, for messages and completion.
[[nodiscard]] std::span<const std::string_view> type_names() noexcept;

/// A value of type `actual` can be handed where `expected` is wanted; dyn on either side means "decided at run time". An absent
/// value (`T?`) does not fit a `T`.
[[nodiscard]] bool accepts(const Type& expected, const Type& actual);

/// The narrowest type known that holds both: equal types stay, numbers and the rest become dyn, `?` on either side stays.
[[nodiscard]] Type join(const Type& a, const Type& b);

/// Whether a value is of that type, down to its items and fields; the error names the path: "hits[2].score is a string, not a
/// double". Null fits every type marked `?`. Int fits double where `widen` allows it (JSON writes 1.0 as 1).
[[nodiscard]] Result<> conforms(const Type& type, const Value& value, bool widen = true);

/// The type that a value has, as far as one can tell cheaply: containers are list<dyn> and map<dyn, dyn>.
[[nodiscard]] Type type_of(const Value& value);

/// The same down to items and fields: a map with string keys is an object, a list has the type that joins its items'. Looks at
/// 16 levels and at the first 100 items of each list; what lies beyond counts as dyn.
[[nodiscard]] Type inferred(const Value& value, int levels = 16);

}  // namespace thalweg::lang
