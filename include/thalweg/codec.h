#pragma once
// How a C++ type becomes a Value and comes back: what crosses between typed functions and the engine.

#include <array>
#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include "thalweg/error.h"
#include "thalweg/error_value.h"
#include "thalweg/value.h"

namespace thalweg {

/// The translation of one type. There are ones for bool, integers, float and double, std::string, std::vector, std::array,
/// std::optional (null when empty), std::map and std::unordered_map with std::string keys, std::pair, std::tuple, std::variant of
/// nothing else than std::monostate (null), chrono's durations, Duration, Timestamp, Error, Result<T> ({value} or {error}) and
/// Value itself. A std::vector<float> is an array of floats, a std::vector<std::byte> is bytes. For a struct list its fields:
///
///     struct Hit {
///       std::string title;
///       std::optional<double> score;
///       static constexpr auto fields = std::tuple{thalweg::field("title", &Hit::title), thalweg::field("score", &Hit::score)};
///     };
///
/// or write a specialisation with these three functions (encode may also give a plain Value):
///
///     template <> struct thalweg::Codec<Colour> {
///       static std::string type() { return "string"; }                       // as a definition writes it
///       static Result<Value> encode(const Colour& colour) { return Value(name_of(colour)); }
///       static Result<Colour> decode(const Value& value) { ... }
///     };
template <class T>
struct Codec {
  static constexpr bool missing = true;
};

/// Whether there is a Codec for T.
template <class T>
concept Crosses = !requires { Codec<T>::missing; };

/// A named member of a struct.
template <class T, class M>
struct FieldOf {
  using type = M;
  std::string_view name;
  M T::* member;
};
template <class T, class M>
constexpr FieldOf<T, M> field(std::string_view name, M T::* member) {
  return {name, member};
}

namespace detail {

/// "a string, not an int", as invalid_argument.
[[nodiscard]] Error wrong_kind(const Value& value, std::string_view wanted);
[[nodiscard]] Error out_of_range(const Value& value, std::string_view wanted);
[[nodiscard]] Error no_field(std::string_view name);
[[nodiscard]] Error wrong_length(std::size_t length, std::size_t wanted);
/// The error of a part: its place is told in front of its message.
[[nodiscard]] Error inside(const Error& error, std::string_view field);
[[nodiscard]] Error inside(const Error& error, std::size_t index);
/// Text is UTF-8; else invalid_argument.
[[nodiscard]] Result<Value> text_value(std::string_view text);
[[nodiscard]] Duration duration_of(std::int64_t nanos) noexcept;
[[nodiscard]] Result<std::int64_t> nanos_in(const Value& value);

template <class T>
concept HasFields = requires { std::tuple_size<std::remove_cvref_t<decltype(T::fields)>>::value; };

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;
template <class T>
inline constexpr bool is_result = false;
template <class T>
inline constexpr bool is_result<std::expected<T, Error>> = true;

template <class T>
concept Whole = std::integral<T> && !std::same_as<T, bool> && !std::same_as<T, char> && !std::same_as<T, wchar_t> &&
                !std::same_as<T, char8_t> && !std::same_as<T, char16_t> && !std::same_as<T, char32_t>;

template <class T>
std::string type_of() {
  static_assert(Crosses<T>,
                "thalweg: this type has no Codec: give the struct a member `fields`, or specialise thalweg::Codec for it (see "
                "thalweg/codec.h)");
  if constexpr (Crosses<T>) {
    return Codec<T>::type();
  } else {
    return {};
  }
}

template <class T>
Result<Value> encode(const T& value) {
  static_assert(Crosses<T>, "thalweg: this type has no Codec (see thalweg/codec.h)");
  if constexpr (Crosses<T>) {
    return Codec<T>::encode(value);
  } else {
    return Value();
  }
}

template <class T>
Result<T> decode(const Value& value) {
  static_assert(Crosses<T>, "thalweg: this type has no Codec (see thalweg/codec.h)");
  return Codec<T>::decode(value);
}

/// "T?", once.
inline std::string marked(std::string type) {
  if (!type.ends_with('?')) type += '?';
  return type;
}

template <class Items>
Result<Value> encode_items(const Items& items, std::size_t size) {
  std::vector<Value> out;
  out.reserve(size);
  for (const auto& item : items) {
    auto value = detail::encode<typename Items::value_type>(item);
    if (!value) return std::unexpected(inside(value.error(), out.size()));
    out.push_back(std::move(*value));
  }
  return Value::list(std::move(out));
}

template <class Map>
struct MapCodec {
  using T = typename Map::mapped_type;
  static std::string type() { return "map<string, " + type_of<T>() + ">"; }
  static Result<Value> encode(const Map& map) {
    MapBuilder out;
    out.reserve(map.size());
    for (const auto& [key, item] : map) {
      auto text = text_value(key);
      if (!text) return std::unexpected(text.error());
      auto value = detail::encode<T>(item);
      if (!value) return std::unexpected(inside(value.error(), key));
      if (auto added = out.add(std::move(*text), std::move(*value)); !added) return std::unexpected(added.error());
    }
    return out.build();
  }
  static Result<Map> decode(const Value& value) {
    if (!value.is_map()) return std::unexpected(wrong_kind(value, "map"));
    Map out;
    for (const Entry& entry : value.entries()) {
      if (!entry.key.is_string()) return std::unexpected(wrong_kind(entry.key, "string as a key"));
      auto item = detail::decode<T>(entry.value);
      if (!item) return std::unexpected(inside(item.error(), entry.key.as_string()));
      out.emplace(std::string(entry.key.as_string()), std::move(*item));
    }
    return out;
  }
};

/// std::pair and std::tuple: a list of so many.
template <class Tuple, class... T>
struct TupleCodec {
  static std::string type() { return "list<dyn>"; }
  static Result<Value> encode(const Tuple& tuple) {
    std::vector<Value> out;
    std::optional<Error> error;
    const auto add = [&](const auto& part) {
      if (error) return;
      auto value = detail::encode<std::remove_cvref_t<decltype(part)>>(part);
      if (!value) {
        error = inside(value.error(), out.size());
      } else {
        out.push_back(std::move(*value));
      }
    };
    std::apply([&](const auto&... part) { (add(part), ...); }, tuple);
    if (error) return std::unexpected(*error);
    return Value::list(std::move(out));
  }
  static Result<Tuple> decode(const Value& value) {
    if (!value.is_list()) return std::unexpected(wrong_kind(value, "list"));
    if (value.size() != sizeof...(T)) return std::unexpected(wrong_length(value.size(), sizeof...(T)));
    return [&]<std::size_t... I>(std::index_sequence<I...>) -> Result<Tuple> {
      std::tuple<Result<T>...> parts{detail::decode<T>(value.items()[I])...};
      std::optional<Error> error;
      ((!error && !std::get<I>(parts) ? (void)(error = inside(std::get<I>(parts).error(), I)) : void()), ...);
      if (error) return std::unexpected(*error);
      return Tuple(std::move(*std::get<I>(parts))...);
    }(std::index_sequence_for<T...>());
  }
};

}  // namespace detail

template <>
struct Codec<Value> {
  static std::string type() { return "dyn"; }
  static Result<Value> encode(const Value& value) { return value; }
  static Result<Value> decode(const Value& value) { return value; }
};

template <>
struct Codec<bool> {
  static std::string type() { return "bool"; }
  static Result<Value> encode(bool value) { return Value(value); }
  static Result<bool> decode(const Value& value) {
    if (!value.is_bool()) return std::unexpected(detail::wrong_kind(value, "bool"));
    return value.as_bool();
  }
};

/// Unsigned types of 64 bits are `uint`, all others `int`; both are taken back, when the number is in the type's range.
template <detail::Whole T>
struct Codec<T> {
  static constexpr bool kUnsigned = std::unsigned_integral<T> && sizeof(T) == 8;
  static std::string type() { return kUnsigned ? "uint" : "int"; }
  static Result<Value> encode(T value) {
    if constexpr (kUnsigned) {
      return Value(static_cast<std::uint64_t>(value));
    } else {
      return Value(static_cast<std::int64_t>(value));
    }
  }
  static Result<T> decode(const Value& value) {
    if (value.is_int() && std::in_range<T>(value.as_int())) return static_cast<T>(value.as_int());
    if (value.is_uint() && std::in_range<T>(value.as_uint())) return static_cast<T>(value.as_uint());
    if (value.is_int() || value.is_uint()) return std::unexpected(detail::out_of_range(value, std::to_string(sizeof(T) * 8)));
    return std::unexpected(detail::wrong_kind(value, "int"));
  }
};

template <std::floating_point T>
struct Codec<T> {
  static std::string type() { return "double"; }
  static Result<Value> encode(T value) { return Value(static_cast<double>(value)); }
  static Result<T> decode(const Value& value) {
    if (!value.is_number()) return std::unexpected(detail::wrong_kind(value, "double"));
    return static_cast<T>(value.as_number());
  }
};

template <>
struct Codec<std::string> {
  static std::string type() { return "string"; }
  static Result<Value> encode(const std::string& value) { return detail::text_value(value); }
  static Result<std::string> decode(const Value& value) {
    if (!value.is_string()) return std::unexpected(detail::wrong_kind(value, "string"));
    return std::string(value.as_string());
  }
};

/// Nothing: null.
template <>
struct Codec<std::monostate> {
  static std::string type() { return "null"; }
  static Result<Value> encode(std::monostate) { return Value(); }
  static Result<std::monostate> decode(const Value& value) {
    if (!value.is_null()) return std::unexpected(detail::wrong_kind(value, "null"));
    return std::monostate();
  }
};

template <class T>
struct Codec<std::vector<T>> {
  static std::string type() { return "list<" + detail::type_of<T>() + ">"; }
  static Result<Value> encode(const std::vector<T>& items) { return detail::encode_items(items, items.size()); }
  static Result<std::vector<T>> decode(const Value& value) {
    if (!value.is_list()) return std::unexpected(detail::wrong_kind(value, "list"));
    std::vector<T> out;
    out.reserve(value.size());
    for (const Value& item : value.items()) {
      auto decoded = detail::decode<T>(item);
      if (!decoded) return std::unexpected(detail::inside(decoded.error(), out.size()));
      out.push_back(std::move(*decoded));
    }
    return out;
  }
};

template <>
struct Codec<std::vector<float>> {
  static std::string type() { return "floats"; }
  static Result<Value> encode(const std::vector<float>& items) { return Value::floats(items); }
  static Result<std::vector<float>> decode(const Value& value);
};

template <>
struct Codec<std::vector<std::byte>> {
  static std::string type() { return "bytes"; }
  static Result<Value> encode(const std::vector<std::byte>& bytes) {
    return Value::bytes({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  }
  static Result<std::vector<std::byte>> decode(const Value& value);
};

template <class T, std::size_t N>
struct Codec<std::array<T, N>> {
  static std::string type() { return "list<" + detail::type_of<T>() + ">"; }
  static Result<Value> encode(const std::array<T, N>& items) { return detail::encode_items(items, N); }
  static Result<std::array<T, N>> decode(const Value& value) {
    auto items = Codec<std::vector<T>>::decode(value);
    if (!items) return std::unexpected(items.error());
    if (items->size() != N) return std::unexpected(detail::wrong_length(items->size(), N));
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
      return std::array<T, N>{std::move((*items)[I])...};
    }(std::make_index_sequence<N>());
  }
};

template <class T>
struct Codec<std::optional<T>> {
  static_assert(!detail::is_optional<T>, "thalweg: an optional of an optional cannot cross: both empty ones would be null");
  static std::string type() { return detail::marked(detail::type_of<T>()); }
  static Result<Value> encode(const std::optional<T>& value) { return value ? detail::encode<T>(*value) : Value(); }
  static Result<std::optional<T>> decode(const Value& value) {
    if (value.is_null()) return std::optional<T>();
    auto decoded = detail::decode<T>(value);
    if (!decoded) return std::unexpected(decoded.error());
    return std::optional<T>(std::move(*decoded));
  }
};

template <class T, class Less, class Memory>
struct Codec<std::map<std::string, T, Less, Memory>> : detail::MapCodec<std::map<std::string, T, Less, Memory>> {};
template <class T, class Hash, class Equal, class Memory>
struct Codec<std::unordered_map<std::string, T, Hash, Equal, Memory>>
    : detail::MapCodec<std::unordered_map<std::string, T, Hash, Equal, Memory>> {};
template <class A, class B>
struct Codec<std::pair<A, B>> : detail::TupleCodec<std::pair<A, B>, A, B> {};
template <class... T>
struct Codec<std::tuple<T...>> : detail::TupleCodec<std::tuple<T...>, T...> {};

template <>
struct Codec<Duration> {
  static std::string type() { return "duration"; }
  static Result<Value> encode(Duration value) { return Value(value); }
  static Result<Duration> decode(const Value& value) {
    if (!value.is(Kind::duration)) return std::unexpected(detail::wrong_kind(value, "duration"));
    return value.as_duration();
  }
};

template <>
struct Codec<Timestamp> {
  static std::string type() { return "timestamp"; }
  static Result<Value> encode(Timestamp value) { return Value(value); }
  static Result<Timestamp> decode(const Value& value) {
    if (!value.is(Kind::timestamp)) return std::unexpected(detail::wrong_kind(value, "timestamp"));
    return value.as_timestamp();
  }
};

/// Of whole units; what a coarser one cannot hold is cut off.
template <std::integral R, class Period>
struct Codec<std::chrono::duration<R, Period>> {
  using Span = std::chrono::duration<R, Period>;
  static std::string type() { return "duration"; }
  static Result<Value> encode(Span value) {
    return Value(detail::duration_of(std::chrono::duration_cast<std::chrono::nanoseconds>(value).count()));
  }
  static Result<Span> decode(const Value& value) {
    auto nanos = detail::nanos_in(value);
    if (!nanos) return std::unexpected(nanos.error());
    return std::chrono::duration_cast<Span>(std::chrono::nanoseconds(*nanos));
  }
};

template <>
struct Codec<Error> {
  static std::string type() { return "{code: string, message: string, path: string?, cause: dyn?}"; }
  static Result<Value> encode(const Error& error) { return to_value(error); }
  static Result<Error> decode(const Value& value) { return error_in(value); }
};

template <class T>
struct Codec<std::expected<T, Error>> {
  using Inner = std::conditional_t<std::is_void_v<T>, std::monostate, T>;
  static std::string type() {
    return "{value: " + detail::marked(detail::type_of<Inner>()) + ", error: " + detail::marked(Codec<Error>::type()) + "}";
  }
  static Result<Value> encode(const Result<T>& result) {
    if (!result) return Value::map({{"error", to_value(result.error())}});
    if constexpr (std::is_void_v<T>) {
      return Value::map({{"value", Value()}});
    } else {
      auto value = detail::encode<T>(*result);
      if (!value) return std::unexpected(detail::inside(value.error(), "value"));
      return Value::map({{"value", std::move(*value)}});
    }
  }
  static Result<Result<T>> decode(const Value& value) {
    if (!value.is_map()) return std::unexpected(detail::wrong_kind(value, "map with a value or an error"));
    if (const Value* error = value.find("error"); error != nullptr && !error->is_null()) {
      return Result<Result<T>>(std::in_place, std::unexpected(error_in(*error)));
    }
    const Value* found = value.find("value");
    auto decoded = detail::decode<Inner>(found == nullptr ? Value() : *found);
    if (!decoded) return std::unexpected(detail::inside(decoded.error(), "value"));
    if constexpr (std::is_void_v<T>) {
      return Result<Result<T>>(std::in_place);
    } else {
      return Result<Result<T>>(std::in_place, std::move(*decoded));
    }
  }
};

/// A struct that lists its fields. A field of type std::optional may be left out.
template <detail::HasFields T>
struct Codec<T> {
  static std::string type() {
    std::string out;
    std::apply([&](const auto&... member) { ((out += (out.empty() ? "{" : ", ") + written(member)), ...); }, T::fields);
    return out.empty() ? "{}" : out + "}";
  }
  static Result<Value> encode(const T& object) {
    MapBuilder out;
    std::optional<Error> error;
    const auto add = [&](const auto& member) {
      if (error) return;
      auto value = detail::encode<typename std::remove_cvref_t<decltype(member)>::type>(object.*(member.member));
      if (!value) {
        error = detail::inside(value.error(), member.name);
      } else if (auto added = out.add(member.name, std::move(*value)); !added) {
        error = added.error();
      }
    };
    std::apply([&](const auto&... member) { (add(member), ...); }, T::fields);
    if (error) return std::unexpected(*error);
    return out.build();
  }
  static Result<T> decode(const Value& value) {
    if (!value.is_map()) return std::unexpected(detail::wrong_kind(value, "map"));
    T out{};
    std::optional<Error> error;
    const auto take = [&](const auto& member) {
      if (error) return;
      using M = typename std::remove_cvref_t<decltype(member)>::type;
      const Value* found = value.find(member.name);
      if (found == nullptr && !detail::is_optional<M>) {
        error = detail::no_field(member.name);
        return;
      }
      auto decoded = detail::decode<M>(found == nullptr ? Value() : *found);
      if (decoded) {
        out.*(member.member) = std::move(*decoded);
      } else {
        error = detail::inside(decoded.error(), member.name);
      }
    };
    std::apply([&](const auto&... member) { (take(member), ...); }, T::fields);
    if (error) return std::unexpected(*error);
    return out;
  }

 private:
  template <class M>
  static std::string written(const FieldOf<T, M>& member) {
    return std::string(member.name) + ": " + detail::type_of<M>();
  }
};

}  // namespace thalweg
