#pragma once
// The product of two vectors; of two of length 1 it is their cosine.

#include <span>

namespace thalweg {

/// Sum of products, as wide as the processor computes it and with the same bits on all: 16 partial sums, added up in their order,
/// then what is left. Precondition: b has at least as many numbers as a.
[[nodiscard]] float dot(std::span<const float> a, std::span<const float> b) noexcept;

}  // namespace thalweg
