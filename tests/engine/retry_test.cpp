// Pauses between tries, and how their time is told.

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <limits>
#include <set>

#include "engine/backoff.h"
#include "plans.h"

using namespace thalweg;
using namespace thalweg::test;

namespace {

std::shared_ptr<Plan> failing(Retry retry) {
  PlanBuilder builder;
  builder.computing("sick", {-1}, [](Call&) -> Result<Value> { return fail(Code::unavailable, "not now"); }).retry =
      std::move(retry);
  return builder.output({0}).build();
}

// Many inputs under a virtual clock that another thread moves whenever nothing else can.
std::vector<RunResult> run_all(const std::shared_ptr<Plan>& plan, std::size_t count, std::uint64_t seed) {
  VirtualClock clock;
  Executor executor(clock, 2);
  std::atomic<bool> over = false;
  std::thread time([&] {
    while (!over.load()) {
      executor.settle();
      if (!clock.step()) std::this_thread::yield();
    }
  });
  std::size_t given = 0;
  std::vector<RunResult> results;
  executor.run_many(
      plan, [&]() -> std::optional<Value> { return given++ < count ? std::optional(Value(1)) : std::nullopt; },
      [&](std::size_t, RunResult result) { results.push_back(std::move(result)); }, Context(clock, seed), {.jobs = count});
  over = true;
  time.join();
  return results;
}

}  // namespace

TEST_CASE("every pause is from nothing to the longest one allowed") {
  const bool ok = rc::check("pauses", [] {
    Retry retry;
    retry.max = *rc::gen::inRange<Nanos>(0, std::numeric_limits<Nanos>::max());
    retry.backoff = *rc::gen::inRange<Nanos>(0, std::numeric_limits<Nanos>::max());
    retry.factor = *rc::gen::element(0.0, 1e-300, 0.5, 1.0, 2.0, 1e6, 1e300, std::numeric_limits<double>::infinity());
    retry.jitter = *rc::gen::element(0.0, 0.1, 1.0);
    const auto attempt = *rc::gen::element(1U, 2U, 3U, 38U, 64U, 1000U, std::numeric_limits<std::uint32_t>::max());
    const double chance = *rc::gen::element(0.0, 0.25, 0.5, 0.75, 0.99999999999);
    const Nanos pause = pause_before_retry(retry, attempt, chance);
    RC_ASSERT(pause >= 0);
    RC_ASSERT(pause <= retry.max);
  });
  CHECK(ok);
}

TEST_CASE("pauses grow by the factor up to the longest one, and stay there") {
  const Retry retry{.retries = 1000, .backoff = 100 * kMillisecond, .factor = 2, .max = kSecond, .jitter = 0, .on = {}};
  CHECK(pause_before_retry(retry, 1, 0.5) == 100 * kMillisecond);
  CHECK(pause_before_retry(retry, 2, 0.5) == 200 * kMillisecond);
  CHECK(pause_before_retry(retry, 4, 0.5) == 800 * kMillisecond);
  for (std::uint32_t attempt = 5; attempt < 1000; ++attempt) CHECK(pause_before_retry(retry, attempt, 0.5) == kSecond);
  Retry spread = retry;
  spread.jitter = 0.5;
  CHECK(pause_before_retry(spread, 1, 0) == 50 * kMillisecond);
  CHECK(pause_before_retry(spread, 1, 0.75) == 125 * kMillisecond);
}

TEST_CASE("a thousand tries wait as long as they should") {
  VirtualClock clock;
  Executor executor(clock, 1);
  const auto plan = failing({.retries = 1000, .backoff = 1, .factor = 1e6, .max = 100 * kMillisecond, .jitter = 0});
  const RunResult result = simulate(executor, clock, plan, Value(1), Context(clock));
  CHECK(result.report.stages()[0].attempts == 1001);
  CHECK(result.report.accounting().wall == 998 * 100 * kMillisecond + kMillisecond + 1);
}

TEST_CASE("tries and their pauses are a stage's duration, by whatever way it is run") {
  const auto plan = failing({.retries = 2, .backoff = kSecond, .factor = 1, .max = kSecond, .jitter = 0});
  std::vector<RunResult> results = run_all(plan, 3, 0);
  VirtualClock clock;
  Executor executor(clock, 1);
  results.push_back(simulate(executor, clock, plan, Value(1), Context(clock)));
  REQUIRE(results.size() == 4);
  for (const RunResult& result : results) {
    const StageReport stage = result.report.stages()[0];
    CHECK(stage.attempts == 3);
    CHECK(stage.queue == 0);
    CHECK(stage.duration == 2 * kSecond);
    CHECK(result.report.accounting().stage == 2 * kSecond);
  }
}

TEST_CASE("a stage that lets go of its call during the pause does not end the next try") {
  VirtualClock clock;
  Executor executor(clock, 2);
  auto tries = std::make_shared<std::atomic<int>>(0);
  PlanBuilder builder;
  PlannedStage& stage = builder.waiting("slow", {-1}, [tries](CallRef call) {
    const bool good = ++*tries > 1;
    Clock& time = call->context().clock();
    time.at(time.now() + kSecond,
            [call, good] { call->finish(good ? Result<Value>(Value(1)) : fail(Code::unavailable, "not now")); });
    time.at(time.now() + kSecond + 50 * kMillisecond, [call] {});
  });
  stage.retry = {.retries = 1, .backoff = 100 * kMillisecond, .jitter = 0};
  stage.cache = CachePolicy{};
  const auto plan = builder.output({0}).build();
  const RunResult result = simulate(executor, clock, plan, Value(1), Context(clock));
  REQUIRE_MESSAGE(result.output.has_value(), (result.output ? "" : result.output.error().text()));
  CHECK(result.report.stages()[0].attempts == 2);
  CHECK(result.report.accounting().wall == 2100 * kMillisecond);
  CHECK(result.report.accounting().residual == 0);
  // The second try's result is kept.
  CHECK(simulate(executor, clock, plan, Value(1), Context(clock)).report.stages()[0].status == StageStatus::cached);
}

TEST_CASE("runs side by side do not wait in step; the same seed draws the same again") {
  const auto plan = failing({.retries = 1, .backoff = kSecond, .factor = 1, .max = 2 * kSecond, .jitter = 1});
  const auto pauses = [&](std::uint64_t seed) {
    std::vector<Nanos> all;
    for (const RunResult& result : run_all(plan, 20, seed)) all.push_back(result.report.stages()[0].duration);
    return all;
  };
  const std::vector<Nanos> first = pauses(7);
  CHECK(std::set<Nanos>(first.begin(), first.end()).size() == 20);
  CHECK(pauses(7) == first);
  CHECK(pauses(8) != first);
}
