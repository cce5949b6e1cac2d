// Stages that fail, by what they return and by what no stage should do.

#include <doctest/doctest.h>

#include <stdexcept>

#include "world.h"

using namespace thalweg;
using namespace thalweg::test;

TEST_CASE("failure policies") {
  const auto broken = [](Call&) -> Result<Value> { return fail(Code::not_found, "nothing here"); };
  World world;
  SUBCASE("abort ends the run, stages not begun are not reached") {
    PlanBuilder builder;
    builder.computing("a", {-1}, broken);
    builder.computing("b", {0}, add_one());
    builder.waiting("c", {-1}, pause_stage(kSecond));
    const RunResult result = world.run(builder.output({1}).build(), Value(1));
    CHECK(result.output.error().text() == "test: a: nothing here");
    CHECK(statuses(result.report) == Names{"a failed", "b not_reached", "c cancelled"});
    check_identity(result.report);
  }
  SUBCASE("continue leaves the output absent; what requires it is skipped, all the way down") {
    PlanBuilder builder;
    builder.computing("a", {-1}, broken).on_failure.kind = FailurePolicy::Kind::proceed;
    builder.computing("b", {0}, add_one());
    builder.computing("c", {1}, add_one());
    builder.computing("d", {-1}, add_one());
    const RunResult result = world.run(builder.output({3}).build(), Value(1));
    CHECK(result.output->as_int() == 2);
    CHECK(statuses(result.report) == Names{"a continued", "b skipped", "c skipped", "d ok"});
    CHECK(result.report.stages()[1].reason == "it needs 'a', which has no output");
  }
  SUBCASE("a fallback value") {
    PlanBuilder builder;
    PlannedStage& stage = builder.computing("a", {-1}, broken);
    stage.on_failure.kind = FailurePolicy::Kind::fallback;
    stage.on_failure.value = Argument{};
    stage.on_failure.value->constant = Value(41);
    builder.computing("b", {0}, add_one());
    const RunResult result = world.run(builder.output({1}).build(), Value(1));
    CHECK(result.output->as_int() == 42);
    CHECK(statuses(result.report) == Names{"a fell_back", "b ok"});
    CHECK(result.report.stages()[0].reason == "a: nothing here");
  }
  SUBCASE("a fallback stage runs only when it is needed") {
    for (const bool fails : {true, false}) {
      PlanBuilder builder;
      PlannedStage& stage = builder.computing("a", {-1}, [fails](Call&) -> Result<Value> {
        if (fails) return fail(Code::internal, "no");
        return Value(1);
      });
      stage.on_failure.kind = FailurePolicy::Kind::fallback;
      stage.on_failure.stage = 1;
      builder.computing("spare", {-1}, [](Call&) -> Result<Value> { return Value(100); }).fallback_of = 0;
      builder.computing("b", {0}, add_one());
      const RunResult result = world.run(builder.output({2}).build(), Value(1));
      REQUIRE(result.output.has_value());
      CHECK(result.output->as_int() == (fails ? 101 : 2));
      CHECK(statuses(result.report) ==
            (fails ? Names{"a fell_back", "spare ok", "b ok"} : Names{"a ok", "spare skipped", "b ok"}));
      check_identity(result.report);
    }
  }
  SUBCASE("a fallback that fails too") {
    PlanBuilder builder;
    PlannedStage& stage = builder.computing("a", {-1}, broken);
    stage.on_failure.kind = FailurePolicy::Kind::fallback;
    stage.on_failure.stage = 1;
    builder.computing("spare", {-1}, [](Call&) -> Result<Value> { return fail(Code::internal, "empty"); }).fallback_of = 0;
    builder.computing("b", {0}, add_one());
    const RunResult result = world.run(builder.output({2}).build(), Value(1));
    REQUIRE_FALSE(result.output.has_value());
    CHECK(result.output.error().code() == Code::not_found);
    CHECK(statuses(result.report) == Names{"a failed", "spare failed", "b not_reached"});
  }
}

TEST_CASE("hostile stages: their fault, never a crash") {
  World world;
  const auto error_of = [&](PlanBuilder& builder) {
    const RunResult result = world.run(builder.output({0}).build(), Value(1));
    REQUIRE_FALSE(result.output.has_value());
    return result.output.error().text();
  };
  SUBCASE("throws") {
    PlanBuilder builder;
    builder.computing("bad", {-1}, [](Call&) -> Result<Value> { throw std::runtime_error("boom"); });
    CHECK(error_of(builder) == "test: bad: the stage threw: boom");
  }
  SUBCASE("throws in start") {
    PlanBuilder builder;
    builder.waiting("bad", {-1}, [](CallRef) { throw std::runtime_error("boom"); });
    const std::string text = error_of(builder);
    CHECK(text.starts_with("test: bad: "));
  }
  SUBCASE("throws no exception object") {
    PlanBuilder builder;
    builder.computing("bad", {-1}, [](Call&) -> Result<Value> { throw 42; });
    CHECK(error_of(builder) == "test: bad: the stage threw: something that is no std::exception");
  }
  SUBCASE("forgets its call") {
    PlanBuilder builder;
    builder.waiting("bad", {-1}, [](CallRef) {});
    CHECK(error_of(builder) == "test: bad: the stage let go of its call without a result");
  }
  SUBCASE("finishes twice") {
    PlanBuilder builder;
    builder.waiting("bad", {-1}, [](CallRef call) {
      call->finish(Value(1));
      call->finish(Value(2));
    });
    CHECK(error_of(builder) == "test: bad: the stage went on after its end (a second result or a late item)");
  }
  SUBCASE("finishes twice, computing") {
    PlanBuilder builder;
    builder.computing("bad", {-1}, [](Call& call) -> Result<Value> {
      call.finish(Value(1));
      return Value(2);
    });
    CHECK(error_of(builder) == "test: bad: the stage went on after its end (a second result or a late item)");
  }
  SUBCASE("emits after its end") {
    PlanBuilder builder;
    builder.streaming().waiting("bad", {-1}, [](CallRef call) {
      call->finish(Value());
      CHECK_FALSE(call->emit(Value(1)));
    });
    CHECK(error_of(builder) == "test: bad: the stage went on after its end (a second result or a late item)");
  }
  SUBCASE("gives the wrong type") {
    PlanBuilder builder;
    builder.computing("bad", {-1}, [](Call&) -> Result<Value> { return Value("text"); }).output = Type(Type::Kind::integer);
    CHECK(error_of(builder).starts_with("test: bad: the stage gave a result of the wrong type"));
  }
  SUBCASE("never ends, and nothing will come: the run is stopped and the stage left behind") {
    PlanBuilder builder;
    auto kept = std::make_shared<std::vector<CallRef>>();
    builder.waiting("bad", {-1}, [kept](CallRef call) { kept->push_back(std::move(call)); });
    CHECK(error_of(builder).find("stopped on request") != std::string::npos);
    kept->front()->finish(Value(1));  // long after the run has gone
    kept->clear();
  }
}
