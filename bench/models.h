#pragma once
// Models at work: a program that indexes with one, and two of them side by side.

#include "bench/harness.h"

namespace thalweg::bench {

/// `models.side_by_side` and `models.index`. Without the models minilm and smollm2 in the catalogue (`make models`) there are no
/// figures.
void bench_models(Report& report);

}  // namespace thalweg::bench
