#pragma once
// Models at work: a program that indexes with one, and two of them side by side.

#include "bench/harness.h"

namespace thalweg::bench {

/// `models.side_by_side` and `models.index`. Passed over without the manuals or the models minilm and smollm2.
void bench_models(Report& report);

/// Why a model that cannot be opened is not measured, and how it is got.
[[nodiscard]] std::string missing_model(const Error& error);

}  // namespace thalweg::bench
