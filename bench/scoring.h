#pragma once
// Scoring: decisions without a model, a data set through a model beside the bare encoder, one text from cold, memory.

#include "bench/harness.h"

namespace thalweg::bench {

void bench_scoring(Report& report);

}  // namespace thalweg::bench
