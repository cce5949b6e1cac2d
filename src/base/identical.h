#pragma once
#include "thalweg/value.h"

namespace thalweg {

/// Whether nobody could tell the two apart. Stricter than ==, by which 1 equals 1.0, maps of another order are equal and NaN is
/// equal to nothing: here kinds are the same, doubles and floats the same bits, entries in the same order.
[[nodiscard]] bool identical(const Value& a, const Value& b) noexcept;

}  // namespace thalweg
