#include "base/dot.h"

#include <cstring>

namespace thalweg {

namespace {

using Lanes = float __attribute__((vector_size(64)));

}  // namespace

// Clones are chosen before a sanitizer is ready.
#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__) && !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer)
__attribute__((target_clones("avx512f", "avx2", "default")))
#endif
float dot(std::span<const float> a, std::span<const float> b) noexcept {
#pragma clang fp contract(off)
  Lanes sums{};
  std::size_t i = 0;
  for (; i + 16 <= a.size(); i += 16) {
    Lanes x, y;  // they need not be aligned
    std::memcpy(&x, a.data() + i, sizeof x);
    std::memcpy(&y, b.data() + i, sizeof y);
    sums += x * y;
  }
  float sum = 0;
  for (int lane = 0; lane < 16; ++lane) sum += sums[lane];
  for (; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

}  // namespace thalweg
