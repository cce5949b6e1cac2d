// What the executor does with a store of results, in virtual time. A real one is tested in tests/store.
#include "engine/result_store.h"

#include <doctest/doctest.h>

#include <unordered_map>

#include "engine/executor.h"
#include "plans.h"
#include "reports.h"

using namespace thalweg;
using namespace thalweg::test;

namespace {

/// Answers a tenth of a second later, or `never`.
class SlowStore final : public ResultStore {
 public:
  explicit SlowStore(Clock& clock) : clock_(clock) {}
  void get(const Context&, const ResultKey& key, Found found) override {
    const std::lock_guard lock(mutex);
    ++asked;
    std::optional<Kept> kept;
    for (const auto& [known, held] : rows) {
      if (known == key) kept = held;
    }
    clock_.at(clock_.now() + delay, [found = std::move(found), kept = std::move(kept)]() mutable { found(std::move(kept)); });
  }
  void put(const ResultKey& key, const Value& result, Nanos ttl) override {
    const std::lock_guard lock(mutex);
    rows.emplace_back(key, Kept{result, ttl});
  }

  std::mutex mutex;
  int asked = 0;
  Nanos delay = 100 * kMillisecond;
  std::vector<std::pair<ResultKey, Kept>> rows;

 private:
  Clock& clock_;
};

struct Pipeline {
  explicit Pipeline(Nanos ttl = kNever) {
    PlannedStage& stage = builder.computing("double", {-1}, [calls = calls](Call& call) -> Result<Value> {
      ++*calls;
      return Value(call.argument(0).as_int() * 2);
    });
    stage.cache = CachePolicy{.ttl = ttl, .key = {}};
    stage.output = lang::parse_type("int").value();
    plan = builder.output({0}).build();
  }
  std::shared_ptr<std::atomic<int>> calls = std::make_shared<std::atomic<int>>(0);
  PlanBuilder builder;
  std::shared_ptr<Plan> plan;
};

struct World {
  VirtualClock clock;
  SlowStore store{clock};
  /// Each run in an executor of its own, as in a program of its own.
  RunResult run(const std::shared_ptr<Plan>& plan, Value input, std::optional<Context> context = {}) {
    Executor executor(clock, 1);
    return simulate(executor, clock, plan, std::move(input), context.value_or(Context(clock)), {.results = &store});
  }
};

StageReport only(const RunResult& result) { return result.report.stages().at(0); }

}  // namespace

TEST_CASE("another program finds the result that one has put") {
  World world;
  const Pipeline pipeline;
  const RunResult first = world.run(pipeline.plan, Value(21));
  CHECK(first.output.value() == Value(42));
  CHECK(only(first).status == StageStatus::ok);
  CHECK(only(first).attempts == 1);
  check_identity(first.report);
  const RunResult second = world.run(pipeline.plan, Value(21));
  CHECK(second.output.value() == Value(42));
  CHECK(only(second).status == StageStatus::cached);
  CHECK(only(second).queue == 100 * kMillisecond);  // the store's time is waiting, not work
  CHECK(only(second).duration == 0);
  check_identity(second.report);
  CHECK(only(world.run(pipeline.plan, Value(22))).status == StageStatus::ok);
  CHECK(*pipeline.calls == 2);
}

TEST_CASE("asking holds no thread, and equal calls ask once") {
  World world;
  const Pipeline pipeline;
  Executor executor(world.clock, 1);
  int good = 0;
  for (int i = 0; i < 100; ++i) {
    executor.start(pipeline.plan, Value(i / 2), Context(world.clock), {.results = &world.store}, [&](RunResult result) {
      check_identity(result.report);
      if (result.output) ++good;
    });
  }
  executor.settle();
  CHECK(world.store.asked == 50);
  const Nanos began = world.clock.now();
  while (world.clock.step()) executor.settle();
  CHECK(good == 100);
  CHECK(*pipeline.calls == 50);
  CHECK(world.clock.now() - began == 100 * kMillisecond);
}

TEST_CASE("a result found counts as long as it would have counted there") {
  World world;
  const Pipeline pipeline;
  (void)world.run(pipeline.plan, Value(1));
  world.store.rows.at(0).second.left = 5 * kSecond;
  Executor executor(world.clock, 1);
  const auto status = [&] {
    return only(simulate(executor, world.clock, pipeline.plan, Value(1), Context(world.clock), {.results = &world.store})).status;
  };
  CHECK(status() == StageStatus::cached);
  CHECK(world.store.asked == 2);
  world.clock.advance(4 * kSecond);
  CHECK(status() == StageStatus::cached);
  CHECK(world.store.asked == 2);  // from memory
  world.clock.advance(kSecond);
  world.store.rows.clear();
  CHECK(status() == StageStatus::ok);
  CHECK(world.store.asked == 3);
}

TEST_CASE("what the store gives must fit the stage") {
  World world;
  const Pipeline pipeline;
  (void)world.run(pipeline.plan, Value(1));
  world.store.rows.at(0).second.result = Value("no int");
  const RunResult result = world.run(pipeline.plan, Value(1));
  CHECK(only(result).status == StageStatus::ok);
  CHECK(result.output.value() == Value(2));
  CHECK(*pipeline.calls == 2);
}

TEST_CASE("a run that asks can be stopped, and its time can be up") {
  for (const bool answers : {true, false}) {
    CAPTURE(answers);
    World world;
    const Pipeline pipeline;
    world.store.delay = answers ? kSecond : kNever - world.clock.now();
    std::stop_source stop;
    const Context context = Context(world.clock).with_stop(stop.get_token());
    world.clock.at(world.clock.now() + kMillisecond, [&] { stop.request_stop(); });
    const RunResult stopped = world.run(pipeline.plan, Value(1), context);
    CHECK(stopped.output.error().code() == Code::cancelled);
    check_identity(stopped.report);
    CHECK(*pipeline.calls == 0);
  }
  World world;
  const Pipeline pipeline;
  const RunResult late = world.run(pipeline.plan, Value(1), Context(world.clock).with_deadline(world.clock.now() + kMillisecond));
  CHECK(late.output.error().code() == Code::deadline_exceeded);
  CHECK(*pipeline.calls == 0);
}

TEST_CASE("a run whose time is up while the store looks lets the next one try") {
  World world;
  const Pipeline pipeline;
  Executor executor(world.clock, 1);
  const auto run = [&](const Context& context) {
    return simulate(executor, world.clock, pipeline.plan, Value(1), context, {.results = &world.store});
  };
  const RunResult late = run(Context(world.clock).with_deadline(world.clock.now() + kMillisecond));
  CHECK(late.output.error().code() == Code::deadline_exceeded);
  CHECK(run(Context(world.clock)).output.value() == Value(2));
  CHECK(*pipeline.calls == 1);
}

TEST_CASE("a failed stage puts nothing, and its repetition does not ask again") {
  World world;
  PlanBuilder builder;
  auto calls = std::make_shared<int>(0);
  PlannedStage& stage = builder.computing("flaky", {-1}, [calls](Call& call) -> Result<Value> {
    if (++*calls < 3) return fail(Code::unavailable, "not yet");
    return call.argument(0);
  });
  stage.cache = CachePolicy{};
  stage.retry.retries = 1;
  const auto plan = builder.output({0}).build();
  CHECK(world.run(plan, Value(1)).output.error().code() == Code::unavailable);
  CHECK(world.store.asked == 1);
  CHECK(world.store.rows.empty());
  CHECK(world.run(plan, Value(1)).output.value() == Value(1));
  CHECK(world.store.rows.size() == 1);
}
