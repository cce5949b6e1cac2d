// What stands in for a stage that failed: another stage, that one's own stand-in, and where their time goes.

#include <doctest/doctest.h>

#include "plans.h"
#include "reports.h"

using namespace thalweg;
using namespace thalweg::test;

namespace {

using Names = std::vector<std::string>;
constexpr Nanos kPause = 10 * kMillisecond;

struct World {
  VirtualClock clock;
  Executor executor{clock, 4};
  RunResult run(const std::shared_ptr<Plan>& plan, std::stop_token stop = {}) {
    return simulate(executor, clock, plan, Value(1), Context(clock).with_stop(std::move(stop)));
  }
};

// Takes a pause, then fails or gives `value`.
std::function<void(CallRef)> after_pause(bool fails, std::int64_t value) {
  return [fails, value](CallRef call) {
    Clock& clock = call->context().clock();
    clock.at(clock.now() + kPause,
             [call, fails, value] { call->finish(fails ? Result<Value>(fail(Code::not_found, "no {}", value)) : Value(value)); });
  };
}

// a -> b -> c, and `after`, which takes from a; the first `failing` of them fail. Stages of the plan in this order of names.
std::shared_ptr<Plan> chain(const Names& order, std::size_t failing, FailurePolicy::Kind last = FailurePolicy::Kind::abort) {
  PlanBuilder builder;
  const auto place = [&](std::string_view name) {
    return static_cast<std::uint32_t>(std::ranges::find(order, name) - order.begin());
  };
  for (const std::string& name : order) {
    const auto link = static_cast<std::size_t>(name[0] - 'a');
    builder.waiting(name, {-1}, after_pause(link < failing, static_cast<std::int64_t>(link)));
  }
  builder.computing("after", {static_cast<int>(place("a"))}, [](Call& call) -> Result<Value> { return call.argument(0); });
  auto plan = builder.output({-1}).build();
  for (char link = 'a'; link < 'c'; ++link) {
    const std::uint32_t at = place(std::string(1, link));
    const std::uint32_t next = place(std::string(1, static_cast<char>(link + 1)));
    plan->stages[at].on_failure.kind = FailurePolicy::Kind::fallback;
    plan->stages[at].on_failure.stage = next;
    plan->stages[next].fallback_of = at;
  }
  plan->stages[place("c")].on_failure.kind = last;
  return plan;
}

}  // namespace

TEST_CASE("each stage of a chain of fallbacks comes in when the one before has failed") {
  for (const Names& order : {Names{"a", "b", "c"}, Names{"c", "b", "a"}, Names{"b", "c", "a"}}) {
    for (std::size_t failing = 0; failing <= 3; ++failing) {
      CAPTURE(order[0]);
      CAPTURE(failing);
      World world;
      const RunResult result = world.run(chain(order, failing));
      check_identity(result.report);
      CHECK(result.report.accounting().wall == static_cast<Nanos>(std::min<std::size_t>(failing + 1, 3)) * kPause);
      for (const StageReport& stage : result.report.stages()) {
        CAPTURE(stage.id);
        if (stage.id == "after") {
          CHECK(stage.status == (failing < 3 ? StageStatus::ok : StageStatus::not_reached));
          continue;
        }
        const auto link = static_cast<std::size_t>(stage.id[0] - 'a');
        if (link > failing) {
          CHECK(stage.status == StageStatus::skipped);
          CHECK(stage.reason == fmt::format("'{}' did not fail", static_cast<char>(stage.id[0] - 1)));
          CHECK_FALSE(stage.critical);
        } else if (link == failing) {
          CHECK(stage.status == StageStatus::ok);
          CHECK(stage.start == static_cast<Nanos>(link) * kPause);
          CHECK(stage.slack == 0);
          CHECK(stage.critical);
        } else {
          CHECK(stage.status == (failing < 3 ? StageStatus::fell_back : StageStatus::failed));
          CHECK(stage.reason == fmt::format("{}: no {}", stage.id, link));
          CHECK(stage.critical);
        }
      }
      if (failing < 3) continue;
      REQUIRE_FALSE(result.output.has_value());
      CHECK(result.output.error().text() == "test: a: no 0 (because b: no 1) (because c: no 2)");
    }
  }
}

TEST_CASE("a chain whose last stage may fail leaves all of it absent, and the run goes on") {
  World world;
  const RunResult result = world.run(chain({"a", "b", "c"}, 3, FailurePolicy::Kind::proceed));
  REQUIRE(result.output.has_value());
  CHECK(statuses(result.report) == Names{"a continued", "b continued", "c continued", "after skipped"});
  check_identity(result.report);
}

TEST_CASE("a stop while a stand-in is at work is told as a stop") {
  for (const Names& order : {Names{"a", "b", "c"}, Names{"c", "b", "a"}}) {
    World world;
    std::stop_source stop;
    world.clock.at(world.clock.now() + 5 * kPause / 2, [&stop] { stop.request_stop(); });
    const RunResult result = world.run(chain(order, 2), stop.get_token());
    REQUIRE_FALSE(result.output.has_value());
    CHECK(result.output.error().code() == Code::cancelled);
    check_identity(result.report);
  }
}

TEST_CASE("a run that fails accounts for its time") {
  World world;
  PlanBuilder builder;
  builder.waiting("a", {-1}, after_pause(true, 0)).retry = {
      .retries = 2, .backoff = kSecond, .factor = 1, .max = kSecond, .jitter = 0, .on = {Code::not_found}};
  builder.waiting("spare", {-1}, after_pause(false, 1));
  builder.waiting("other", {-1}, after_pause(false, 2));
  auto plan = builder.output({0}).build();
  plan->stages[2].on_failure.kind = FailurePolicy::Kind::fallback;
  plan->stages[2].on_failure.stage = 1;
  plan->stages[1].fallback_of = 2;
  const RunResult result = world.run(plan);
  CHECK(statuses(result.report) == Names{"a failed", "spare skipped", "other ok"});
  CHECK(result.report.accounting().wall == 2 * kSecond + 3 * kPause);
  CHECK(result.report.accounting().stage == 2 * kSecond + 3 * kPause);
  check_identity(result.report);
}
