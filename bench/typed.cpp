// Typed pipelines: functions that do next to nothing, so that what remains is the engine and the crossing of values.

#include "bench/typed.h"

#include <string>

#include "thalweg/thalweg.h"

namespace thalweg::bench {

namespace {

int plus_one(int n) { return n + 1; }
std::string same(std::string text) { return text; }

template <class T>
Pipeline<T, T> chain(const Runtime& runtime, T (*step)(T), int steps) {
  auto pipe = thalweg::pipe<T>("chain");
  for (int i = 0; i < steps; ++i) pipe = pipe.map("step", step);
  return pipe.build(runtime).value();
}

}  // namespace

void bench_typed(Report& report) {
  const Runtime numbers(report.clock(), 1);
  const Runtime texts(report.clock(), 1);
  const auto runs = [&](auto pipeline, auto input) {
    return [pipeline = std::move(pipeline), input = std::move(input)] { keep(pipeline.run(input)); };
  };
  report.time("typed.run.fixed", runs(chain(numbers, plus_one, 1), 1));
  report.slope("typed.map.int", runs(chain(numbers, plus_one, 10), 1), runs(chain(numbers, plus_one, 100), 1), 90);
  const std::string words = "the line along a valley where water runs deepest";
  report.slope("typed.map.string", runs(chain(texts, same, 10), words), runs(chain(texts, same, 100), words), 90);
  report.time("typed.try_map", runs(pipe<int>().try_map("step", plus_one).build(numbers).value(), 1));
  report.time("typed.parallel4", runs(pipe<int>()
                                          .parallel()
                                          .fork("step", plus_one)
                                          .fork("step", plus_one)
                                          .fork("step", plus_one)
                                          .fork("step", plus_one)
                                          .join()
                                          .build(numbers)
                                          .value(),
                                      1));
}

}  // namespace thalweg::bench
