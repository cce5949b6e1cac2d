// A stop, whatever the stage that is under way happens to do.

#include <doctest/doctest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>

#include "plans.h"

using namespace thalweg;
using namespace thalweg::test;

namespace {

struct World {
  VirtualClock clock;
  Executor executor{clock, 4};
  std::stop_source stop;

  /// Runs with a stop after one second.
  RunResult run(const std::shared_ptr<Plan>& plan) {
    clock.at(clock.now() + kSecond, [this] { stop.request_stop(); });
    return simulate(executor, clock, plan, Value(1), Context(clock).with_stop(stop.get_token()));
  }
  /// Late timers find nothing to break.
  ~World() {
    while (clock.step()) executor.settle();
  }
};

void check_stopped(const RunResult& result, Nanos wall, StageStatus status = StageStatus::cancelled) {
  REQUIRE_FALSE(result.output.has_value());
  CHECK(result.output.error().code() == Code::cancelled);
  CHECK(result.report.stages()[0].status == status);
  const Accounting sums = result.report.accounting();
  CHECK(sums.wall == wall);
  CHECK(sums.wall == sums.queue + sums.conversion + sums.stage + sums.engine);
}

Value pass(Call& call) { return call.argument(0); }

}  // namespace

TEST_CASE("stop: a computing stage that asks") {
  World world;
  PlanBuilder builder;
  builder.computing("loop", {-1}, [&world](Call& call) -> Result<Value> {
    for (;;) {
      TRY(call.context().check());
      world.clock.advance(kMillisecond);
    }
  });
  builder.computing("after", {0}, [](Call& call) -> Result<Value> { return pass(call); });
  const RunResult result = world.run(builder.output({1}).build());
  check_stopped(result, kSecond);
  CHECK(result.report.stages()[1].status == StageStatus::not_reached);
}

TEST_CASE("stop: a computing stage that does not ask ends in its own time, and nothing follows") {
  World world;
  PlanBuilder builder;
  builder.computing("deaf", {-1}, [&world](Call& call) -> Result<Value> {
    world.clock.advance(5 * kSecond);
    return pass(call);
  });
  builder.computing("after", {0}, [](Call& call) -> Result<Value> { return pass(call); });
  const RunResult result = world.run(builder.output({1}).build());
  check_stopped(result, 5 * kSecond, StageStatus::ok);
  CHECK(result.report.stages()[1].status != StageStatus::ok);
}

TEST_CASE("stop: a waiting stage, listening or not") {
  for (const bool polite : {true, false}) {
    World world;
    PlanBuilder builder;
    builder.waiting("wait", {-1}, pause_stage(100 * kSecond, polite));
    check_stopped(world.run(builder.output({0}).build()), polite ? kSecond : 3 * kSecond);
  }
}

TEST_CASE("stop: in the pause before the next try") {
  World world;
  PlanBuilder builder;
  PlannedStage& stage = builder.computing("flaky", {-1}, [](Call&) -> Result<Value> { return fail(Code::unavailable, "busy"); });
  stage.retry.retries = 9;
  stage.retry.backoff = 10 * kSecond;
  const RunResult result = world.run(builder.output({0}).build());
  check_stopped(result, kSecond);
  CHECK(result.report.stages()[0].attempts == 1);
}

TEST_CASE("stop: waiting for a permit that another run holds") {
  World world;
  PlanBuilder builder;
  builder.waiting("one", {-1}, pause_stage(60 * kSecond));
  const auto plan = builder.output({0}).build();
  plan->stages[0].concurrency = 1;
  bool other_done = false;
  world.executor.start(plan, Value(7), Context(world.clock), {},
                       [&](RunResult result) { other_done = result.output.has_value(); });
  world.executor.settle();
  check_stopped(world.run(plan), kSecond);
  while (world.clock.step()) world.executor.settle();
  CHECK(other_done);
  CHECK(simulate(world.executor, world.clock, plan, Value(3), Context(world.clock)).output.has_value());  // the permit is back
}

TEST_CASE("stop: waiting for another run's result") {
  World world;
  PlanBuilder builder;
  builder.waiting("slow", {-1}, pause_stage(60 * kSecond)).cache = CachePolicy{.ttl = kNever, .key = {}};
  const auto plan = builder.output({0}).build();
  bool other_done = false;
  world.executor.start(plan, Value(1), Context(world.clock), {},
                       [&](RunResult result) { other_done = result.output.has_value(); });
  world.executor.settle();
  check_stopped(world.run(plan), kSecond);
  while (world.clock.step()) world.executor.settle();
  CHECK(other_done);
}

TEST_CASE("stop: a reader that waits for items") {
  for (const bool polite : {true, false}) {
    World world;
    PlanBuilder builder;
    builder.streaming().waiting("write", {-1}, [polite](CallRef call) {
      (void)call->emit(Value(1));
      pause_stage(100 * kSecond, polite)->start(std::move(call));
    });
    builder
        .waiting("read", {},
                 [](CallRef call) {
                   if (call->ended()) return call->finish(Value());
                   call->more();
                 })
        .streams_from = 0;
    const RunResult result = world.run(builder.output({1}).build());
    check_stopped(result, polite ? kSecond : 3 * kSecond);
    CHECK(result.report.stages()[1].status == StageStatus::cancelled);
  }
}

TEST_CASE("stop: inside a nested plan") {
  for (const bool polite : {true, false}) {
    World world;
    PlanBuilder inner;
    inner.waiting("inside", {-1}, pause_stage(100 * kSecond, polite));
    const std::shared_ptr<const Plan> nested = inner.output({0}).build();
    PlanBuilder builder;
    builder.waiting("outer", {-1}, [nested](CallRef call) {
      Call& held = *call;
      held.invoke(nested, Value(1), [call](Result<Value> result) { call->finish(std::move(result)); });
    });
    const RunResult result = world.run(builder.output({0}).build());
    check_stopped(result, polite ? kSecond : 3 * kSecond);
  }
}

TEST_CASE("what a run left behind comes to its end after its executor has gone") {
  for (const bool late_call : {false, true}) {
    VirtualClock clock;
    std::atomic<int> told{0};
    {
      Executor executor(clock, 2);
      PlanBuilder inner;
      inner.waiting("inside", {-1}, pause_stage(100 * kSecond, false));
      const std::shared_ptr<const Plan> nested = inner.output({0}).build();
      PlanBuilder builder;
      builder
          .waiting("outer", {-1},
                   [&, nested](CallRef call) {
                     const auto ask = [call, nested, &told] {
                       Call& held = *call;
                       held.invoke(nested, Value(1), [call, &told](const Result<Value>& result) {
                         CHECK(result.error().code() == Code::deadline_exceeded);
                         ++told;
                       });
                     };
                     if (!late_call) return ask();
                     clock.at(clock.now() + 20 * kSecond, ask);
                   })
          .timeout = kSecond;
      const RunResult result = simulate(executor, clock, builder.output({0}).build(), Value(1), Context(clock));
      CHECK(result.output.error().code() == Code::deadline_exceeded);
      CHECK(told == 0);
    }
    while (clock.step()) {  // the grace of the nested run, or a call that asks for one late
    }
    CHECK(told == 1);
  }
}

TEST_CASE("an executor may go at the very moment when what was left behind finishes") {
  const std::unique_ptr<Clock> clock = make_system_clock();
  constexpr int kRounds = 200;
  std::mutex mutex;
  std::condition_variable changed;
  int told = 0;
  PlanBuilder inner;
  inner.waiting("inside", {-1}, [](CallRef call) {
    Clock& time = call->context().clock();
    time.at(time.now() + call->argument(0).as_int(), [call] { call->finish(Value()); });
  });
  inner.computing("after", {0}, [](Call&) -> Result<Value> { return Value(); });
  const std::shared_ptr<const Plan> nested = inner.output({1}).build();
  PlanBuilder builder;
  builder
      .waiting("outer", {-1},
               [&, nested](CallRef call) {
                 Call& held = *call;
                 held.invoke(nested, held.take(0), [&, call](Result<Value> result) {
                   call->finish(std::move(result));
                   const std::lock_guard lock(mutex);
                   ++told;
                   changed.notify_one();
                 });
               })
      .timeout = kMillisecond;
  const auto plan = builder.output({0}).build();
  for (int round = 0; round < kRounds; ++round) {
    Executor executor(*clock, 2);
    const RunResult result = executor.run(plan, Value(kMillisecond + (round - kRounds / 2) * kMicrosecond), Context(*clock));
    CHECK((result.output.has_value() || result.output.error().code() == Code::deadline_exceeded));
  }
  std::unique_lock lock(mutex);
  changed.wait(lock, [&] { return told == kRounds; });
}

TEST_CASE("10,000 nested runs one after the other or eight at once need no deep stack") {
  for (const int at_once : {1, 8}) {
    struct Loop {
      CallRef call;
      std::shared_ptr<const Plan> plan;
      std::atomic<int> next{0};
      std::atomic<int> left{10'000};
      std::atomic<std::int64_t> sum{0};
      static void go_on(const std::shared_ptr<Loop>& self) {
        const int item = self->next++;
        if (item >= 10'000) return;
        self->call->invoke(self->plan, Value(item), [self](Result<Value> result) {
          self->sum += result ? result->as_int() : -1'000'000;
          if (--self->left == 0) {
            CallRef call = std::move(self->call);
            call->finish(Value(self->sum.load()));
          } else {
            go_on(self);
          }
        });
      }
    };
    PlanBuilder inner;
    inner.computing("inside", {-1}, [](Call& call) -> Result<Value> {
      char here = 0;
      thread_local const char* first = nullptr;
      if (first == nullptr) first = &here;
      CHECK(std::abs(first - &here) < 64 * 1024);
      return pass(call);
    });
    const std::shared_ptr<const Plan> nested = inner.output({0}).build();
    PlanBuilder builder;
    builder.waiting("loop", {-1}, [nested, at_once](CallRef call) {
      const auto loop = std::make_shared<Loop>();
      loop->call = std::move(call);
      loop->plan = nested;
      for (int i = 0; i < at_once; ++i) Loop::go_on(loop);
    });
    VirtualClock clock;
    Executor executor(clock, 1);
    const RunResult result = simulate(executor, clock, builder.output({0}).build(), {}, Context(clock));
    REQUIRE(result.output.has_value());
    CHECK(result.output->as_int() == 10'000LL * 9'999 / 2);
    CHECK(result.report.stages()[0].nested[0].runs == 10'000);
  }
}
