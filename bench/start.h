#pragma once

#include "bench/harness.h"

namespace thalweg::bench {

/// start.version, start.validate: against a program that does nothing.
void bench_start(Report& report);

}  // namespace thalweg::bench
