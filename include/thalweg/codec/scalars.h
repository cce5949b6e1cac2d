#pragma once
// Codecs of single values: numbers, texts, times. Part of codec.h.

#include <chrono>
#include <concepts>
#include <cstdint>
#include <string>
#include <utility>
#include <variant>

#include "thalweg/codec/base.h"

namespace thalweg {

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

}  // namespace thalweg
