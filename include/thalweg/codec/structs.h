#pragma once
// Codecs of what may be missing or fail, and of structs that list their fields. Part of codec.h.

#include <expected>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>

#include "thalweg/codec/base.h"
#include "thalweg/error_value.h"

namespace thalweg {

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
