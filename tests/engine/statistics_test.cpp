// Statistics over many runs, against figures worked out by hand and by sorting.

#include "engine/statistics.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "plans.h"

using namespace thalweg;
using namespace thalweg::test;

TEST_CASE("percentiles of a stage's duration are those of the sorted durations") {
  for (const std::int64_t most : {50, 5'000'000}) {  // exact below 64 ns, else within the histogram's 1.6 %
    VirtualClock clock;
    Executor executor(clock, 1);
    PlanBuilder builder;
    builder.waiting("pause", {-1}, [](CallRef call) {
      Clock& time = call->context().clock();
      time.at(time.now() + call->argument(0).as_int(), [call] { call->finish(Value()); });
    });
    const auto plan = builder.output({0}).build();
    Statistics statistics;
    std::vector<std::int64_t> took;
    for (std::int64_t i = 0; i < 500; ++i) {
      took.push_back(1 + (i * 7919 * 7919) % most);
      const RunResult result = simulate(executor, clock, plan, Value(took.back()), Context(clock));
      statistics.add(result.report, result.output.has_value());
    }
    std::ranges::sort(took);
    const Histogram& durations = statistics.stages()[0].duration;
    for (const double share : {0.01, 0.5, 0.9, 0.99, 1.0}) {
      const auto exact = static_cast<double>(took[static_cast<std::size_t>(std::ceil(share * 500)) - 1]);
      CAPTURE(share);
      if (most < 64) {
        CHECK(durations.percentile(share) == exact);
        CHECK(statistics.wall().percentile(share) == exact);
      } else {
        CHECK(std::abs(static_cast<double>(durations.percentile(share)) - exact) <= exact * Histogram::kRelativeError);
      }
    }
    CHECK(durations.least() == took.front());
    CHECK(durations.most() == took.back());
  }
}

TEST_CASE("runs, failures, retries, skips are counted stage by stage") {
  VirtualClock clock;
  Executor executor(clock, 1);
  PlanBuilder builder;
  auto tries = std::make_shared<int>(0);
  // Input 0: good at once. 1: good at the second try. 2: fails for good, after three tries. 3: at once, for good.
  builder
      .computing("flaky", {-1},
                 [tries](Call& call) -> Result<Value> {
                   const std::int64_t kind = call.argument(0).as_int();
                   if (kind == 3) return fail(Code::not_found, "no");
                   if (kind == 0 || (kind == 1 && ++*tries % 2 == 0)) return Value();
                   return fail(Code::unavailable, "busy");
                 })
      .retry.retries = 2;
  builder.computing("kept", {-1}, [](Call&) -> Result<Value> { return Value(); }).cache = CachePolicy{.ttl = kNever, .key = {}};
  builder.computing("after", {0}, [](Call&) -> Result<Value> { return Value(); });
  const auto plan = builder.output({2}).build();
  Statistics statistics;
  for (const int kind : {0, 0, 1, 1, 1, 2, 3, 3}) {
    const RunResult result = simulate(executor, clock, plan, Value(kind), Context(clock));
    statistics.add(result.report, result.output.has_value());
  }
  CHECK(statistics.runs() == 8);
  CHECK(statistics.failed() == 3);
  const StageStatistics& flaky = statistics.stages()[0];
  CHECK(flaky.id == "flaky");
  CHECK(flaky.runs == 8);
  CHECK(flaky.failed == 3);
  CHECK(flaky.retries == 3 + 2);
  CHECK(flaky.duration.count() == 8);
  CHECK(flaky.duration.percentile(0.5) == 0);
  CHECK(flaky.duration.most() == 300 * kMillisecond);  // two pauses: 100 ms and 200 ms
  const StageStatistics& after = statistics.stages()[2];
  CHECK(after.runs == 5);
  CHECK(after.failed == 0);
  CHECK(after.skipped == 3);
  const StageStatistics& kept = statistics.stages()[1];
  CHECK(kept.cached + kept.runs + kept.skipped == 8);
  CHECK(kept.cached >= 3);
}

TEST_CASE("a table of no runs and of one") {
  Statistics statistics;
  CHECK(statistics.to_text().starts_with(": 0 runs\n"));
  VirtualClock clock;
  Executor executor(clock, 1);
  PlanBuilder builder;
  builder.waiting("pause", {-1}, pause_stage(1'500 * kMicrosecond));
  const RunResult result = simulate(executor, clock, builder.output({0}).build(), Value(), Context(clock));
  statistics.add(result.report, true);
  CHECK(statistics.to_text() ==
        "test: 1 runs\n"
        "             runs  failed  retries  cached  skipped      p50      p90      p99\n"
        "  pause         1       0        0       0        0  1.50 ms  1.50 ms  1.50 ms\n"
        "  whole run     1       0                            1.50 ms  1.50 ms  1.50 ms\n");
}
