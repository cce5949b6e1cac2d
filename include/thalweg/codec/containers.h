#pragma once
// Codecs of lists, maps and tuples. Part of codec.h.

#include <array>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "thalweg/codec/base.h"

namespace thalweg {

namespace detail {

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

template <class T, class Less, class Memory>
struct Codec<std::map<std::string, T, Less, Memory>> : detail::MapCodec<std::map<std::string, T, Less, Memory>> {};
template <class T, class Hash, class Equal, class Memory>
struct Codec<std::unordered_map<std::string, T, Hash, Equal, Memory>>
    : detail::MapCodec<std::unordered_map<std::string, T, Hash, Equal, Memory>> {};
template <class A, class B>
struct Codec<std::pair<A, B>> : detail::TupleCodec<std::pair<A, B>, A, B> {};
template <class... T>
struct Codec<std::tuple<T...>> : detail::TupleCodec<std::tuple<T...>, T...> {};

}  // namespace thalweg
