#pragma once

#include "bench/harness.h"

namespace thalweg::bench {

/// store.commit.single, .joined and .gain (joined commits against one each, the same 64 transactions), store.read, store.read64,
/// store.cache.get.
void bench_store(Report& report);

}  // namespace thalweg::bench
