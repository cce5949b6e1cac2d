#pragma once

#include "bench/harness.h"

namespace thalweg::bench {

/// store.commit.single, .joined and .gain (joined commits against one each, the same 64 transactions), store.read, store.read64,
/// store.cache.get, store.ledger.*: rows put by batches of 8, 64 and 512 (.cost64: against the same inserts written by hand with
/// SQLite's C functions), found by 64.
void bench_store(Report& report);

}  // namespace thalweg::bench
