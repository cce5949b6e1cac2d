#pragma once

#include "bench/harness.h"

namespace thalweg::bench {

/// lang.condition, lang.scalar, lang.exists3, lang.template, lang.compile.
void bench_lang(Report& report);

}  // namespace thalweg::bench
