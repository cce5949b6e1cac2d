#include "bench/benchmarks.h"

#include "bench/definition.h"
#include "bench/documents.h"
#include "bench/engine.h"
#include "bench/json.h"
#include "bench/lang.h"
#include "bench/models.h"
#include "bench/scoring.h"
#include "bench/start.h"
#include "bench/store.h"
#include "bench/typed.h"

namespace thalweg::bench {

namespace {
constexpr Benchmark kBenchmarks[] = {
    {"engine", bench_engine}, {"definition", bench_definition}, {"lang", bench_lang},       {"json", bench_json},
    {"value", bench_value},   {"documents", bench_documents},   {"store", bench_store},     {"start", bench_start},
    {"models", bench_models}, {"typed", bench_typed},           {"scoring", bench_scoring},
};
}  // namespace

std::span<const Benchmark> benchmarks() { return kBenchmarks; }

}  // namespace thalweg::bench
