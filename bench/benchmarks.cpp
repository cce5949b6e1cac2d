#include "bench/benchmarks.h"

#include "bench/engine.h"
#include "bench/lang.h"
#include "bench/start.h"
#include "bench/store.h"

namespace thalweg::bench {

namespace {
constexpr Benchmark kBenchmarks[] = {
    {"engine", bench_engine},
    {"lang", bench_lang},
    {"store", bench_store},
    {"start", bench_start},
};
}  // namespace

std::span<const Benchmark> benchmarks() { return kBenchmarks; }

}  // namespace thalweg::bench
