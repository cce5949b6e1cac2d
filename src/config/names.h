#pragma once
// Private to src/config.

#include <algorithm>
#include <string>
#include <string_view>

#include "base/error.h"

namespace thalweg::config {

template <class Range, class Wanted>
[[nodiscard]] bool contains(const Range& range, const Wanted& wanted) {
  return std::ranges::find(range, wanted) != std::ranges::end(range);
}

/// "; did you mean 'x'?" when a name is near, else "; known: a, b, c", else nothing.
template <class Range>
[[nodiscard]] std::string hint(std::string_view wanted, const Range& names) {
  if (const std::string near = nearest(wanted, names); !near.empty()) return fmt::format("; did you mean '{}'?", near);
  return std::ranges::empty(names) ? std::string() : fmt::format("; known: {}", fmt::join(names, ", "));
}

}  // namespace thalweg::config
