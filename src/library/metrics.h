#pragma once
// From the counts of an evaluation to the public figures.

#include "scoring/evaluation.h"
#include "thalweg/scoring/metrics.h"

namespace thalweg::scoring {

[[nodiscard]] Metrics metrics_of(const Evaluation& evaluation);

}  // namespace thalweg::scoring
