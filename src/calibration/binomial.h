#pragma once
// Exact binomial tails and bounds: what a number of errors among so many trials says of the rate behind it.

#include <cstdint>

#include "calibration/interval.h"

namespace thalweg::calibration {

/// ln P[X = k] for X ~ Binomial(n, p), to about 1e-13 relative to the probability for any n (saddle-point form: Loader 2000,
/// "Fast and accurate computation of binomial probabilities"). Precondition: k <= n, p in [0, 1].
[[nodiscard]] double log_binomial(std::uint64_t k, std::uint64_t n, double p) noexcept;

/// ln P[X <= k] and ln P[X >= k]. The smaller tail is summed from its largest term on, in steps that fall as a geometric series;
/// the larger one is 1 minus that. Precondition: k <= n, p in [0, 1].
[[nodiscard]] double log_at_most(std::uint64_t k, std::uint64_t n, double p) noexcept;
[[nodiscard]] double log_at_least(std::uint64_t k, std::uint64_t n, double p) noexcept;

/// The largest rate under which `k` or fewer of `n` still have probability `delta`: with confidence 1 - delta the rate is not
/// above it. Precondition: k <= n, n > 0, 0 < delta < 1.
[[nodiscard]] double upper_bound(std::uint64_t k, std::uint64_t n, double delta) noexcept;
/// The smallest rate under which `k` or more of `n` still have probability `delta`.
[[nodiscard]] double lower_bound(std::uint64_t k, std::uint64_t n, double delta) noexcept;
/// Both sides, each with half of what `confidence` leaves (Clopper, Pearson 1934).
[[nodiscard]] Interval clopper_pearson(std::uint64_t k, std::uint64_t n, double confidence = 0.95) noexcept;

/// The fewest trials among which `errors` errors bound the rate by `alpha` with confidence 1 - delta: 59 for (0, 0.05, 0.05).
/// Precondition: 0 < alpha < 1, 0 < delta < 1.
[[nodiscard]] std::uint64_t trials_needed(std::uint64_t errors, double alpha, double delta) noexcept;

}  // namespace thalweg::calibration
