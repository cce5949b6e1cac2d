#pragma once
// Values as text.

#include <string>
#include <string_view>

#include "lang/function.h"

namespace thalweg::lang {

/// The shortest text that reads back as the same double; NaN, Infinity and -Infinity by name.
[[nodiscard]] std::string double_text(double value);

/// A scalar as string() gives it: 1, 1.5, true, null, a timestamp's or a type's text.
[[nodiscard]] std::string plain_text(const Value& value);

/// Any value as format's %s and templates show it: `[1, a, {k: v}]`, maps in the order of their keys' texts when `sorted`.
/// False (with the fault set) when the cost limit is passed on the way.
[[nodiscard]] bool print_value(Machine& machine, const Node& node, const Value& value, std::string& out, bool sorted = true);

/// Any value as JSON: bytes as base64, times as their texts, floats as a list, int, uint and bool keys as texts. A double that
/// JSON cannot hold (NaN, infinity) is refused.
[[nodiscard]] bool print_json(Machine& machine, const Node& node, const Value& value, std::string& out);

}  // namespace thalweg::lang
