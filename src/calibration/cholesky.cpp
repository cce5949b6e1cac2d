#include "calibration/cholesky.h"

#include <cmath>
#include <vector>

#include "calibration/elementary.h"

namespace thalweg::calibration {

// Column after column, each taken off all that follow: every number gets its products in the same order whatever the width of
// vectors, so all clones give the same bits. (Clones are chosen before a sanitizer is ready.)
#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer)
__attribute__((target_clones("avx512f", "avx2", "default")))
#endif
bool factorise(std::span<double> matrix, std::size_t width) {
  std::vector<double> column(width);
  for (std::size_t j = 0; j < width; ++j) {
    const double pivot = matrix[j * width + j];
    if (!(pivot > 0)) return false;
    const double root = std::sqrt(pivot);
    matrix[j * width + j] = root;
    for (std::size_t i = j + 1; i < width; ++i) column[i] = matrix[i * width + j] /= root;
    for (std::size_t i = j + 1; i < width; ++i) {
      double* const row = matrix.data() + i * width;
      const double factor = column[i];
      for (std::size_t k = j + 1; k <= i; ++k) row[k] -= factor * column[k];
    }
  }
  return true;
}

}  // namespace thalweg::calibration
