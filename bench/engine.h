#pragma once
#include "bench/harness.h"

namespace thalweg::bench {

/// What the engine itself costs: stages that do nothing, and work shared between two threads.
void bench_engine(Report& report);

}  // namespace thalweg::bench
