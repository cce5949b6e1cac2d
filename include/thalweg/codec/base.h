#pragma once
// What a translation between a C++ type and Value is. Part of codec.h.

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>

#include "thalweg/error.h"
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

}  // namespace detail
}  // namespace thalweg
