#include "engine/backoff.h"

#include <algorithm>
#include <cmath>

namespace thalweg {

Nanos pause_before_retry(const Retry& retry, std::uint32_t attempt, double chance) noexcept {
  if (retry.backoff <= 0 || retry.max <= 0) return 0;
  // In double to the end: many tries, or a large factor, pass what Nanos can hold.
  const auto longest = static_cast<double>(retry.max);
  const double grown = std::min(longest, static_cast<double>(retry.backoff) * std::pow(retry.factor, attempt - 1.0));
  const double drawn = std::max(0.0, grown * (1 + (retry.jitter * ((2 * chance) - 1))));
  return drawn < longest ? static_cast<Nanos>(drawn) : retry.max;
}

}  // namespace thalweg
