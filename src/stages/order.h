#pragma once
// The order of values that can be sorted.

#include <compare>

#include "thalweg/value.h"

namespace thalweg::stages {

/// Numbers by value, strings and bytes by their bytes (for text that is the order of code points), false before true, timestamps
/// and durations by time, lists item by item, null equal to null. invalid_argument for values that have no order between them: of
/// two kinds, NaN, maps.
[[nodiscard]] Result<std::weak_ordering> compare(const Value& a, const Value& b);

}  // namespace thalweg::stages
