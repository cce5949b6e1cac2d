#pragma once

#include "bench/harness.h"

namespace thalweg::bench {

/// The main job over Debian's manuals: documents.parse (MB/s of HTML), documents.cut (passages/s), index.write (passages/s to
/// commit), documents.index (the shipped pipeline, ms) with the processor time of .parsing, .cutting and .writing alone as shares
/// of its own and with the share of its time that is the .engine's by the run's report, index.search and documents.answer (the
/// shipped pipeline).
void bench_documents(Report& report);

}  // namespace thalweg::bench
