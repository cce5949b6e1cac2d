#pragma once
// How long to wait before the next try.

#include "engine/plan.h"

namespace thalweg {

/// The pause after attempt number `attempt` (from 1) has failed: backoff * factor^(attempt - 1), drawn by `chance` (from 0 to 1)
/// out of 1 - jitter to 1 + jitter times that. Never below 0, never above `max`.
[[nodiscard]] Nanos pause_before_retry(const Retry& retry, std::uint32_t attempt, double chance) noexcept;

}  // namespace thalweg
