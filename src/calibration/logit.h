#pragma once
// Between probabilities and log-odds, and the loss of one prediction.

#include "calibration/elementary.h"

namespace thalweg::calibration {

/// Probabilities are held this far from 0 and 1 before their logarithm is taken, so that log-odds stay within +-16.2 and one
/// confident mistake costs at most 16.2 nats.
inline constexpr double kClip = 1e-7;

/// `value` held between `low` and `high`; a NaN stays NaN.
[[nodiscard, gnu::always_inline]] inline double between(double low, double value, double high) noexcept {
  const double floored = low > value ? low : value;
  return high < floored ? high : floored;
}

/// `p` held within [kClip, 1 - kClip].
[[nodiscard, gnu::always_inline]] inline double clip(double p) noexcept { return between(kClip, p, 1.0 - kClip); }

/// ln(p / (1 - p)) of the clipped `p`, in nats.
[[nodiscard, gnu::always_inline]] inline double logit(double p) noexcept {
  const double clipped = clip(p);
  return logarithm(clipped / (1.0 - clipped));
}

/// 1 / (1 + e^-z), in [0, 1], exact to the last places in both tails.
[[nodiscard, gnu::always_inline]] inline double sigmoid(double z) noexcept {
  return 1.0 / (1.0 + exponential(between(-700.0, -z, 700.0)));
}

/// -ln of the probability given to what happened, `p` clipped, in nats.
[[nodiscard, gnu::always_inline]] inline double log_loss(bool happened, double p) noexcept {
  const double clipped = clip(p);
  return -logarithm(happened ? clipped : 1.0 - clipped);
}

}  // namespace thalweg::calibration
