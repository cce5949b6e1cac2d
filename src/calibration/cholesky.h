#pragma once
// Symmetric positive definite systems of the sizes met here: 2 to some hundreds.

#include <cstddef>
#include <span>

namespace thalweg::calibration {

/// Turns the lower half of the symmetric `matrix` (width x width, row after row) into its factor L with L L' = matrix; the upper
/// half is neither read nor written. False, with the matrix spoilt, when it is not positive definite.
[[nodiscard]] bool factorise(std::span<double> matrix, std::size_t width);

/// Solves L x = b in place.
inline void solve_lower(std::span<const double> factor, std::size_t width, std::span<double> b) noexcept {
  for (std::size_t i = 0; i < width; ++i) {
    double sum = b[i];
    for (std::size_t k = 0; k < i; ++k) sum -= factor[i * width + k] * b[k];
    b[i] = sum / factor[i * width + i];
  }
}

/// Solves L L' x = b in place.
inline void solve(std::span<const double> factor, std::size_t width, std::span<double> b) noexcept {
  solve_lower(factor, width, b);
  for (std::size_t i = width; i-- > 0;) {
    double sum = b[i];
    for (std::size_t k = i + 1; k < width; ++k) sum -= factor[k * width + i] * b[k];
    b[i] = sum / factor[i * width + i];
  }
}

/// The inverse of the matrix that `factor` stands for, both halves.
inline void invert(std::span<const double> factor, std::size_t width, std::span<double> inverse) noexcept {
  for (std::size_t j = 0; j < width; ++j) {  // column j is row j
    const std::span row = inverse.subspan(j * width, width);
    for (std::size_t i = 0; i < width; ++i) row[i] = i == j ? 1 : 0;
    solve(factor, width, row);
  }
}

}  // namespace thalweg::calibration
