#pragma once
// Exponential and logarithm in plain IEEE arithmetic: the same bits on every machine, and loops over them become vector code.

#include <bit>
#include <cstdint>

// No product and sum are rounded as one, here and in every file that includes this: one rounding on all machines, for one value
// and many.
#pragma clang fp contract(off)

namespace thalweg::calibration {

inline constexpr double kLn2High = 0x1.62e42fefa3000p-1;  // ln 2 in two parts; the first times any exponent is exact
inline constexpr double kLn2Low = 0x1.3de6af278ece6p-42;

/// e^x within 2 units in the last place. Precondition: |x| <= 700 (or NaN, which gives some number or NaN).
/// x = k ln 2 + r with |r| <= ln 2 / 2, and the Taylor series of e^r to r^13 (rest below 5e-18).
[[nodiscard, gnu::always_inline]] inline double exponential(double x) noexcept {
  constexpr double kRound = 0x1.8p52;  // added to a number it leaves the nearest integer in the lowest bits
  const double shifted = x * 0x1.71547652b82fep+0 + kRound;
  const double k = shifted - kRound;
  const double r = (x - k * kLn2High) - k * kLn2Low;
  // In pairs, so that few steps wait for one another.
  const double r2 = r * r, r4 = r2 * r2;
  const double first = (0.5 + r * (1.0 / 6)) + r2 * (1.0 / 24 + r * (1.0 / 120));
  const double second = (1.0 / 720 + r * (1.0 / 5040)) + r2 * (1.0 / 40320 + r * (1.0 / 362880));
  const double third = (1.0 / 3628800 + r * (1.0 / 39916800)) + r2 * (1.0 / 479001600 + r * (1.0 / 6227020800));
  const double power = 1.0 + (r + r2 * (first + r4 * (second + r4 * third)));
  const std::uint64_t scale = (std::bit_cast<std::uint64_t>(shifted) << 52U) + std::bit_cast<std::uint64_t>(1.0);
  return power * std::bit_cast<double>(scale);
}

/// ln x within 2 units in the last place. Precondition: x is a positive normal number (others give some number).
/// x = 2^k m with m in [sqrt 1/2, sqrt 2), s = (m - 1) / (m + 1), ln m = 2 (s + s^3/3 + s^5/5 + ...) to s^21 (rest below 1e-18).
[[nodiscard, gnu::always_inline]] inline double logarithm(double x) noexcept {
  constexpr std::uint64_t kOne = std::bit_cast<std::uint64_t>(1.0),
                          kRootHalf = std::bit_cast<std::uint64_t>(0x1.6a09e667f3bcdp-1);
  const std::uint64_t bits = std::bit_cast<std::uint64_t>(x);
  const std::uint64_t biased = (bits - kRootHalf + kOne) >> 52U;  // k + 1023
  const double m = std::bit_cast<double>(bits - (biased << 52U) + kOne);
  const double k = std::bit_cast<double>(std::bit_cast<std::uint64_t>(0x1p52) | biased) - (0x1p52 + 1023.0);
  const double s = (m - 1.0) / (m + 1.0), z = s * s, z2 = z * z, z4 = z2 * z2;
  const double first = (1.0 / 3 + z * (1.0 / 5)) + z2 * (1.0 / 7 + z * (1.0 / 9));
  const double second = (1.0 / 11 + z * (1.0 / 13)) + z2 * (1.0 / 15 + z * (1.0 / 17));
  const double sum = first + z4 * (second + z4 * (1.0 / 19 + z * (1.0 / 21)));
  const double twice = s + s;
  return k * kLn2High + (twice + (twice * (z * sum) + k * kLn2Low));
}

}  // namespace thalweg::calibration
