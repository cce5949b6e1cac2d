#pragma once
#include "bench/harness.h"

namespace thalweg::bench {

void bench_typed(Report& report);

}  // namespace thalweg::bench
