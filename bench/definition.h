#pragma once

#include "bench/harness.h"

namespace thalweg::bench {

/// definition.parse20, definition.compile20: a YAML definition of 20 stages with templates, conditions and nested pipelines.
void bench_definition(Report& report);

}  // namespace thalweg::bench
