#include "base/dot.h"

#include <doctest/doctest.h>

#include <array>
#include <random>
#include <vector>

using namespace thalweg;

TEST_CASE("a dot product has the bits of 16 sums added up in order, at any length and alignment") {
#pragma clang fp contract(off)
  std::mt19937 random(5);  // NOLINT: the same numbers each time
  std::normal_distribution<float> normal;
  std::vector<float> a(400);
  std::vector<float> b(400);
  for (float& number : a) number = normal(random);
  for (float& number : b) number = normal(random);
  for (std::size_t size = 0; size < 390; size = size < 40 ? size + 1 : size + 37) {
    for (std::size_t from = 0; from < 3; ++from) {
      const std::span<const float> x = std::span(a).subspan(from, size);
      const std::span<const float> y = std::span(b).subspan(2 * from, size);
      std::array<float, 16> sums{};
      const std::size_t whole = size / 16 * 16;
      for (std::size_t i = 0; i < whole; ++i) sums[i % 16] += x[i] * y[i];
      float sum = 0;
      for (const float part : sums) sum += part;
      for (std::size_t i = whole; i < size; ++i) sum += x[i] * y[i];
      CAPTURE(size);
      CHECK(dot(x, y) == sum);
    }
  }
}
