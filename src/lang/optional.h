#pragma once
// CEL's optional values. Inside an evaluation an optional is a map of at most one entry under a key that no text can hold (a byte
// that is no UTF-8), so that it needs no kind of its own; none ever leaves an evaluation.

#include "thalweg/value.h"

namespace thalweg::lang {

inline constexpr std::string_view kSomeKey = "\xFFsome";
inline constexpr std::string_view kNoneKey = "\xFFnone";

[[nodiscard]] inline Value some(Value value) { return Value::map({{Value(kSomeKey), std::move(value)}}); }
[[nodiscard]] inline Value none() { return Value::map({{Value(kNoneKey), Value(true)}}); }

[[nodiscard]] inline bool is_optional(const Value& value) noexcept {
  if (!value.is_map() || value.size() != 1 || !value.entries()[0].key.is_string()) return false;
  const std::string_view key = value.entries()[0].key.as_string();
  return key == kSomeKey || key == kNoneKey;
}

/// The content of an optional, or null pointer. Precondition: is_optional.
[[nodiscard]] inline const Value* content(const Value& optional) noexcept { return optional.find(kSomeKey); }

}  // namespace thalweg::lang
