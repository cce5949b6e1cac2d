#include "engine/executor.h"

#include <doctest/doctest.h>

#include <thread>

#include "engine/trace.h"
#include "world.h"

using namespace thalweg;
using namespace thalweg::test;

TEST_CASE("a chain of computing stages passes values on") {
  PlanBuilder builder;
  builder.computing("a", {-1}, add_one());
  builder.computing("b", {0}, add_one());
  builder.computing("c", {1}, add_one());
  const auto plan = builder.output({2}).build();
  World world;
  const RunResult result = world.run(plan, Value(1));
  REQUIRE(result.output.has_value());
  CHECK(result.output->as_int() == 4);
  CHECK(statuses(result.report) == Names{"a ok", "b ok", "c ok"});
  check_identity(result.report);
  // The calling thread does all of it, too.
  const RunResult here = world.executor.run(plan, Value(5), Context(world.clock));
  CHECK(here.output->as_int() == 8);
}

TEST_CASE("waiting stages run side by side and hold no thread") {
  PlanBuilder builder;
  for (int i = 0; i < 100; ++i) builder.waiting("wait" + std::to_string(i), {-1}, pause_stage((100 + i) * kMillisecond));
  const auto plan = builder.output({0}).build();
  World world;
  const RunResult result = world.run(plan, Value(7));
  REQUIRE(result.output.has_value());
  CHECK(result.output->as_int() == 7);
  CHECK(result.report.accounting().wall == 199 * kMillisecond);
  CHECK(result.report.accounting().stage == 199 * kMillisecond);
  check_identity(result.report);
  const auto stages = result.report.stages();
  CHECK(stages[99].slack == 0);
  CHECK(stages[99].critical);
  CHECK(stages[0].slack == 99 * kMillisecond);
}

TEST_CASE("a retry waits its backoff and mends") {
  PlanBuilder builder;
  auto tries = std::make_shared<int>(0);
  PlannedStage& stage = builder.computing("flaky", {-1}, [tries](Call&) -> Result<Value> {
    if (++*tries < 3) return fail(Code::unavailable, "try {}", *tries);
    return Value("good");
  });
  stage.retry.retries = 5;
  const auto plan = builder.output({0}).build();
  World world;
  const RunResult result = world.run(plan);
  REQUIRE(result.output.has_value());
  CHECK(result.output->as_string() == "good");
  CHECK(result.report.stages()[0].attempts == 3);
  CHECK(result.report.accounting().wall == 300 * kMillisecond);  // 100 ms, then twice that
  check_identity(result.report);

  *tries = -100;  // never good: the last error stands
  const RunResult bad = world.run(plan);
  REQUIRE_FALSE(bad.output.has_value());
  CHECK(bad.output.error().code() == Code::unavailable);
  CHECK(bad.output.error().text() == "test: flaky: try -94");
  CHECK(bad.report.stages()[0].attempts == 6);

  *tries = -100;  // no try whose backoff would pass the deadline
  const RunResult late = world.run(plan, {}, Context(world.clock).with_deadline(world.clock.now() + 250 * kMillisecond));
  CHECK(late.report.stages()[0].attempts == 2);
  CHECK(late.report.accounting().wall == 100 * kMillisecond);
  CHECK(late.output.error().code() == Code::unavailable);
}

TEST_CASE("a waiting stage is left behind when its time is up") {
  for (const bool polite : {true, false}) {
    PlanBuilder builder;
    builder.waiting("slow", {-1}, pause_stage(10 * kSecond, polite)).timeout = 50 * kMillisecond;
    const auto plan = builder.output({0}).build();
    World world;
    const RunResult result = world.run(plan, Value(1));
    REQUIRE_FALSE(result.output.has_value());
    CHECK(result.output.error().code() == Code::deadline_exceeded);
    CHECK(result.output.error().message() == "not ready within its timeout of 50 ms");
    CHECK(result.report.accounting().wall == 50 * kMillisecond);
    check_identity(result.report);
    while (world.clock.step()) {  // the late finish is ignored
    }
  }
}

TEST_CASE("a computing stage that ignores its time is told of when it returns") {
  VirtualClock clock;
  Executor executor(clock, 4);
  PlanBuilder builder;
  builder
      .computing("long", {-1},
                 [&clock](Call&) -> Result<Value> {
                   clock.advance(kSecond);
                   return Value(1);
                 })
      .timeout = 100 * kMillisecond;
  const RunResult result = simulate(executor, clock, builder.build(), {}, Context(clock));
  REQUIRE_FALSE(result.output.has_value());
  CHECK(result.output.error().code() == Code::deadline_exceeded);
  CHECK(result.report.stages()[0].duration == kSecond);
}

TEST_CASE("a stop reaches waiting stages; the polite end at once, the others are left behind") {
  for (const bool polite : {true, false}) {
    World world;
    PlanBuilder builder;
    builder.waiting("wait", {-1}, pause_stage(100 * kSecond, polite));
    const auto plan = builder.output({0}).build();
    std::stop_source stop;
    world.clock.at(world.clock.now() + kSecond, [&stop] { stop.request_stop(); });
    const RunResult result = world.run(plan, Value(1), Context(world.clock).with_stop(stop.get_token()));
    CHECK(result.output.error().code() == Code::cancelled);
    CHECK(statuses(result.report) == Names{"wait cancelled"});
    CHECK(result.report.accounting().wall == (polite ? 1 : 3) * kSecond);
    check_identity(result.report);
    while (world.clock.step()) {
    }
  }
}

TEST_CASE("a limit on calls at once holds over all runs of the plan") {
  World world;
  PlanBuilder builder;
  for (int i = 0; i < 3; ++i) builder.waiting("wait" + std::to_string(i), {-1}, pause_stage(kSecond));
  auto plan = builder.output({0}).build();
  plan->stages[0].concurrency = 2;
  std::vector<Nanos> ends;
  std::mutex mutex;
  for (int i = 0; i < 5; ++i) {
    world.executor.start(plan, Value(i), Context(world.clock), {}, [&, i](RunResult result) {
      const std::lock_guard lock(mutex);
      CHECK(result.output->as_int() == i);
      check_identity(result.report);
      ends.push_back(result.report.accounting().wall);
    });
  }
  world.executor.settle();
  while (world.clock.step()) world.executor.settle();
  CHECK(ends == std::vector<Nanos>{kSecond, kSecond, 2 * kSecond, 2 * kSecond, 3 * kSecond});
}

TEST_CASE("streams: a computing writer and reader") {
  World world;
  PlanBuilder builder;
  builder.streaming().computing("write", {-1}, [](Call& call) -> Result<Value> {
    for (int i = 0; i < call.argument(0).as_int(); ++i) (void)call.emit(Value(i));
    return Value();
  });
  auto most = std::make_shared<std::size_t>(0);
  class Sum : public Stage {
   public:
    explicit Sum(std::shared_ptr<std::size_t> most) : most_(std::move(most)) {}
    void run(std::span<Call*> calls) const override {
      Call& call = *calls[0];
      if (!call.state()) call.state() = std::make_shared<std::pair<std::int64_t, std::int64_t>>(0, 0);
      auto& [sum, count] = *std::static_pointer_cast<std::pair<std::int64_t, std::int64_t>>(call.state());
      *most_ = std::max(*most_, call.items().size());
      for (const Value& item : call.items()) {
        CHECK(item.as_int() == count);
        ++count;
        sum += item.as_int();
      }
      if (call.ended()) call.finish(Value(sum));
    }
    std::shared_ptr<std::size_t> most_;
  };
  PlannedStage& reader = builder.computing("sum", {}, {});
  reader.body = std::make_shared<Sum>(most);
  reader.streams_from = 0;
  const auto plan = builder.output({1}).build();
  for (const int count : {0, 1, 63, 64, 65, 10000}) {
    const RunResult result = world.run(plan, Value(count));
    REQUIRE(result.output.has_value());
    CHECK(result.output->as_int() == static_cast<std::int64_t>(count) * (count - 1) / 2);
    CHECK(*most <= 64);
    check_identity(result.report);
  }
}

TEST_CASE("many inputs keep their order, one failure is its own") {
  World world;
  PlanBuilder builder;
  builder.computing("half", {-1}, [](Call& call) -> Result<Value> {
    if (call.argument(0).as_int() % 10 == 3) return fail(Code::invalid_argument, "a three");
    return Value(call.argument(0).as_int() * 2);
  });
  builder.computing("next", {0}, add_one());
  const auto plan = builder.output({1}).build();
  for (const std::size_t batch : {1, 7, 64}) {
    for (const std::size_t jobs : {1, 4}) {
      int given = 0;
      std::size_t seen = 0;
      world.executor.run_many(
          plan, [&]() -> std::optional<Value> { return given < 100 ? std::optional(Value(given++)) : std::nullopt; },
          [&](std::size_t index, RunResult result) {
            CHECK(index == seen++);
            if (index % 10 == 3) {
              CHECK(result.output.error().code() == Code::invalid_argument);
            } else {
              CHECK(result.output->as_int() == static_cast<std::int64_t>(index) * 2 + 1);
            }
          },
          Context(world.clock), {.jobs = jobs, .batch = batch});
      CHECK(seen == 100);
    }
  }
}

TEST_CASE("equal calls at the same time are made once, a failed leader hands over") {
  World world;
  PlanBuilder builder;
  auto calls = std::make_shared<std::atomic<int>>(0);
  builder
      .waiting("slow", {-1},
               [calls](CallRef call) {
                 const bool good = ++*calls != 1;
                 Clock& clock = call->context().clock();
                 clock.at(clock.now() + kSecond, [call, good] {
                   call->finish(good ? Result<Value>(call->argument(0)) : fail(Code::invalid_argument, "the first one fails"));
                 });
               })
      .cache = CachePolicy{.ttl = kSecond * 60, .key = {}};
  const auto plan = builder.output({0}).build();
  int good = 0;
  std::mutex mutex;
  for (int i = 0; i < 10; ++i) {
    world.executor.start(plan, Value(1), Context(world.clock), {}, [&](RunResult result) {
      const std::lock_guard lock(mutex);
      check_identity(result.report);
      if (result.output) ++good;
    });
  }
  world.executor.settle();
  while (world.clock.step()) world.executor.settle();
  CHECK(good == 9);
  CHECK(*calls == 2);
  CHECK(statuses(world.run(plan, Value(1)).report) == Names{"slow cached"});
  CHECK(statuses(world.run(plan, Value(2)).report) == Names{"slow ok"});
  CHECK(statuses(world.run(plan, Value(1.0)).report) == Names{"slow ok"});  // not the same as 1
  world.clock.advance(61 * kSecond);
  CHECK(statuses(world.run(plan, Value(1)).report) == Names{"slow ok"});
}

TEST_CASE("a trace shows every attempt") {
  World world;
  PlanBuilder builder;
  auto tries = std::make_shared<int>(0);
  PlannedStage& stage = builder.computing("a \"quoted\" stage", {-1}, [tries](Call&) -> Result<Value> {
    if (++*tries == 1) return fail(Code::unavailable, "not yet");
    return Value(1);
  });
  stage.retry.retries = 1;
  Trace trace;
  const RunResult result =
      simulate(world.executor, world.clock, builder.output({0}).build(), {}, Context(world.clock), {.trace = &trace});
  REQUIRE(result.output.has_value());
  const std::string text = trace.text();
  CHECK(
      text.find(
          "{\"name\":\"a \\\"quoted\\\" stage\",\"cat\":\"a \\\"quoted\\\" stage\",\"ph\":\"X\",\"pid\":1,\"tid\":1,\"ts\":0.000,"
          "\"dur\":0.000,\"args\":{\"attempt\":1,\"error\":\"not yet\"}}") != std::string::npos);
  CHECK(text.find("\"ts\":100000.000") != std::string::npos);
}
