#pragma once

#include "bench/harness.h"

namespace thalweg::bench {

/// The main job over Debian's manuals: documents.parse (MB/s of HTML), documents.cut (passages/s), index.write (passages/s to
/// commit), documents.index (the shipped pipeline, ms) with .parsing and .writing as shares of it measured apart, index.search,
/// documents.extract and documents.answer (the shipped pipeline, ms).
void bench_documents(Report& report);

}  // namespace thalweg::bench
