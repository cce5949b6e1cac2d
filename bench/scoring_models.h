#pragma once
// Scoring beside the bare model: a data set and single texts with the encoder, and a language model as judge.

#include "bench/harness.h"

namespace thalweg::bench {

/// `scoring.raw_encoder/run`, `scoring.classify.*_text`, `scoring.judge` and what the bare model takes for the same prompts, as
/// the judge asks them and read from the start each. Passed over without the models minilm and smollm2.
void bench_scoring_models(Report& report);

}  // namespace thalweg::bench
