// Stages whose plans remember calls of other runs: their timing, on one virtual clock.

#include <doctest/doctest.h>

#include <optional>
#include <string>
#include <vector>

#include "engine/executor.h"
#include "engine/plan.h"
#include "stages/stages.h"
#include "thalweg/clock.h"

using namespace thalweg;

namespace {

/// A pipeline on a virtual clock, and the runs begun on it.
class Bench {
 public:
  explicit Bench(std::string text) {
    stages::register_stages(catalog_);
    const auto definition = parse_definition("test.yaml", std::move(text));
    REQUIRE_MESSAGE(definition.has_value(), (definition ? "" : definition.error().text()));
    auto plan = compile_plan(*definition, {.catalog = &catalog_, .load = {}});
    REQUIRE_MESSAGE(plan.has_value(), (plan ? "" : plan.error().text()));
    plan_ = std::move(*plan);
  }

  struct Ran {
    std::optional<Result<Value>> output;
    Nanos ended = 0;
  };

  /// Begins a run now.
  std::size_t begin(Value input, std::stop_token stop = {}) {
    const std::size_t number = runs_.size();
    runs_.push_back(std::make_unique<Ran>());
    executor_.start(plan_, std::move(input), Context(clock_).with_stop(std::move(stop)), {},
                    [this, ran = runs_.back().get()](RunResult result) {
                      ran->ended = clock_.now() - began_;
                      ran->output = std::move(result.output);
                    });
    executor_.settle();
    return number;
  }
  void advance(Nanos by) {
    const Nanos until = clock_.now() + by;
    // To each timer in turn, so that what it sets off is done at its own time.
    while (clock_.now() < until) {
      clock_.advance(kMillisecond * 100);
      executor_.settle();
    }
  }
  /// "ok 1500", "UNAVAILABLE 0": how it ended and when (ms); "running".
  std::string end(std::size_t number) {
    const Ran& ran = *runs_[number];
    if (!ran.output) return "running";
    return fmt::format("{} {}", *ran.output ? "ok" : info(ran.output->error().code()).name, ran.ended / kMillisecond);
  }
  Value output(std::size_t number) { return runs_[number]->output->value(); }
  Error error(std::size_t number) { return runs_[number]->output->error(); }

 private:
  Catalog catalog_;
  std::shared_ptr<const Plan> plan_;
  VirtualClock clock_;
  const Nanos began_ = clock_.now();
  std::vector<std::unique_ptr<Ran>> runs_;
  Executor executor_{clock_, 2};
};

}  // namespace

TEST_CASE("rate_limit: at most so many begin in any span") {
  Bench bench(R"(
name: limited
input: {key: string}
stages: [{id: turn, uses: rate_limit, with: {calls: 2, per: 1s, key: "{{ input.key }}"}}]
output: done
)");
  const Value a = Value::map({{"key", "a"}});
  for (int i = 0; i < 5; ++i) bench.begin(a);
  const auto other = bench.begin(Value::map({{"key", "b"}}));
  CHECK(bench.end(0) == "ok 0");
  CHECK(bench.end(1) == "ok 0");
  CHECK(bench.end(2) == "running");
  CHECK(bench.end(other) == "ok 0");
  bench.advance(3 * kSecond);
  CHECK(bench.end(2) == "ok 1000");
  CHECK(bench.end(3) == "ok 1000");
  CHECK(bench.end(4) == "ok 2000");
  const auto later = bench.begin(a);
  CHECK(bench.end(later) == "ok 3000");
}

TEST_CASE("rate_limit: a call that may not wait fails, and takes no place") {
  Bench bench(R"(
name: limited
input: dyn
stages: [{id: turn, uses: rate_limit, with: {calls: 1, per: 1s, wait: false}}]
output: done
)");
  bench.begin(Value());
  bench.begin(Value());
  CHECK(bench.end(0) == "ok 0");
  CHECK(bench.end(1) == "RESOURCE_EXHAUSTED 0");
  CHECK(bench.error(1).message().contains("1000 ms"));
  bench.advance(kSecond);
  bench.begin(Value());
  CHECK(bench.end(2) == "ok 1000");
}

TEST_CASE("rate_limit: a call that waits ends with its stop") {
  Bench bench(R"(
name: limited
input: dyn
stages: [{id: turn, uses: rate_limit, with: {calls: 1, per: 1h}}]
output: done
)");
  std::stop_source stop;
  bench.begin(Value());
  bench.begin(Value(), stop.get_token());
  bench.advance(kSecond);
  CHECK(bench.end(1) == "running");
  stop.request_stop();
  bench.advance(kSecond);
  CHECK(bench.end(1).starts_with("CANCELLED"));
}

TEST_CASE("debounce: the last call goes through when it has been quiet") {
  Bench bench(R"(
name: quiet
input: {text: string, user: string}
stages:
  - {id: turn, uses: debounce, with: {for: 1s, key: "{{ input.user }}"}}
  - {id: out, uses: template, needs: [turn], with: {text: "{{ input.text }}"}}
output: "{{ out }}"
)");
  const auto typed = [&](std::string_view text, std::string_view user) {
    return bench.begin(Value::map({{"text", text}, {"user", user}}));
  };
  const auto first = typed("t", "ada");
  const auto other = typed("x", "grace");
  bench.advance(500 * kMillisecond);
  const auto second = typed("th", "ada");
  CHECK(bench.end(first) == "ABORTED 500");
  bench.advance(900 * kMillisecond);
  CHECK(bench.end(other) == "ok 1000");
  CHECK(bench.end(second) == "running");
  const auto third = typed("tha", "ada");
  bench.advance(2 * kSecond);
  CHECK(bench.end(second) == "ABORTED 1400");
  CHECK(bench.end(third) == "ok 2400");
  CHECK(bench.output(third) == Value("tha"));
}

TEST_CASE("debounce: a stopped call leaves its place") {
  Bench bench(R"(
name: quiet
input: dyn
stages: [{id: turn, uses: debounce, with: {for: 1s}}]
output: done
)");
  std::stop_source stop;
  bench.begin(Value(), stop.get_token());
  stop.request_stop();
  bench.advance(100 * kMillisecond);
  CHECK(bench.end(0).starts_with("CANCELLED"));
  const auto next = bench.begin(Value());
  bench.advance(2 * kSecond);
  CHECK(bench.end(next) == "ok 1100");
}

TEST_CASE("circuit_breaker: opens after failures in a row, probes once, closes when that is good") {
  Bench bench(R"(
name: guarded
input: {good: bool}
stages:
  - id: guarded
    uses: circuit_breaker
    with:
      failures: 2
      open_for: 10s
      do:
        - {id: pause, uses: delay, with: {for: 1s}}
        - {id: good, uses: assert, needs: [pause], with: {that: input.good}}
output: done
)");
  const Value good = Value::map({{"good", true}});
  const Value bad = Value::map({{"good", false}});
  const auto at_once = [&](const Value& input) {
    const auto number = bench.begin(input);
    bench.advance(kSecond);
    return bench.end(number);
  };
  CHECK(at_once(bad) == "FAILED_PRECONDITION 1000");
  CHECK(at_once(good) == "ok 2000");  // the count begins anew
  CHECK(at_once(bad) == "FAILED_PRECONDITION 3000");
  CHECK(at_once(bad) == "FAILED_PRECONDITION 4000");
  CHECK(at_once(good) == "UNAVAILABLE 4000");  // open until 14 s
  bench.advance(8 * kSecond);
  CHECK(at_once(good) == "UNAVAILABLE 13000");
  const auto probe = bench.begin(bad);
  const auto beside = bench.begin(good);
  CHECK(bench.end(beside) == "UNAVAILABLE 14000");
  bench.advance(kSecond);
  CHECK(bench.end(probe) == "FAILED_PRECONDITION 15000");
  CHECK(at_once(good) == "UNAVAILABLE 15000");  // open again, until 25 s
  bench.advance(9 * kSecond);
  CHECK(at_once(good) == "ok 26000");
  CHECK(at_once(bad) == "FAILED_PRECONDITION 27000");
  CHECK(at_once(good) == "ok 28000");
}

TEST_CASE("circuit_breaker: a probe that is stopped decides nothing") {
  Bench bench(R"(
name: guarded
input: {good: bool}
stages:
  - id: guarded
    uses: circuit_breaker
    with:
      failures: 1
      open_for: 1s
      do:
        - {id: pause, uses: delay, with: {for: 1s}}
        - {id: good, uses: assert, needs: [pause], with: {that: input.good}}
output: done
)");
  const Value good = Value::map({{"good", true}});
  bench.begin(Value::map({{"good", false}}));
  bench.advance(2 * kSecond);
  std::stop_source stop;
  const auto probe = bench.begin(good, stop.get_token());
  stop.request_stop();
  bench.advance(100 * kMillisecond);
  CHECK(bench.end(probe).starts_with("CANCELLED"));
  const auto next = bench.begin(good);
  bench.advance(kSecond);
  CHECK(bench.end(next) == "ok 3100");
}

TEST_CASE("batch: a full batch at once, the rest when its time is up, over all runs") {
  Bench bench(R"(
name: together
input: {n: int}
stages:
  - {id: out, uses: batch, with: {item: "{{ input.n }}", size: 3, within: 1s, do: {output: "{{ items.map(x, x * 10 + size(items)) }}"}}}
output: "{{ out }}"
)");
  for (int n = 1; n <= 4; ++n) bench.begin(Value::map({{"n", n}}));
  bench.advance(500 * kMillisecond);
  CHECK(bench.end(0) == "ok 0");
  CHECK(bench.end(2) == "ok 0");
  CHECK(bench.output(1) == Value(23));
  CHECK(bench.end(3) == "running");
  bench.begin(Value::map({{"n", 5}}));
  bench.advance(kSecond);
  CHECK(bench.end(3) == "ok 1000");
  CHECK(bench.end(4) == "ok 1000");
  CHECK(bench.output(3) == Value(42));
  CHECK(bench.output(4) == Value(52));
}

TEST_CASE("batch: a call that is stopped is not in it, and others go on without their first") {
  Bench bench(R"(
name: together
input: {n: int}
stages:
  - id: out
    uses: batch
    with:
      item: "{{ input.n }}"
      size: 9
      within: 1s
      do: {stages: [{id: pause, uses: delay, with: {for: 1s}}], output: "{{ items.map(x, x * 10 + size(items)) }}"}
output: "{{ out }}"
)");
  std::stop_source first;
  std::stop_source second;
  bench.begin(Value::map({{"n", 1}}), first.get_token());
  bench.begin(Value::map({{"n", 2}}), second.get_token());
  bench.begin(Value::map({{"n", 3}}));
  second.request_stop();
  bench.advance(1500 * kMillisecond);  // the batch of 1 and 3 is under way, in the first one's run
  CHECK(bench.end(1).starts_with("CANCELLED"));
  first.request_stop();
  bench.advance(5 * kSecond);
  CHECK(bench.end(0).starts_with("CANCELLED"));
  CHECK(bench.end(2).starts_with("ok "));
  CHECK(bench.output(2) == Value(31));
}
