#pragma once
// All groups of benchmarks.

#include "bench/harness.h"

namespace thalweg::bench {

[[nodiscard]] std::span<const Benchmark> benchmarks();

}  // namespace thalweg::bench
