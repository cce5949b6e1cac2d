// Random graphs against a naive reference: what runs, what is skipped, what comes out, and where the time went.

#include <doctest/doctest.h>

#include <charconv>

#include "base/random.h"
#include "plans.h"

using namespace thalweg;
using namespace thalweg::test;

namespace {

struct Drawn {
  std::vector<std::uint32_t> needs;
  std::vector<bool> required;
  bool fails = false;        // and continues
  Nanos pause = 0;           // waits so long; 0 computes
  std::uint32_t faults = 0;  // failing tries before a good one, mended by a retry each
};

std::vector<Drawn> random_graph(Random& random) {
  std::vector<Drawn> nodes(1 + random.below(24));
  for (std::uint32_t i = 0; i < nodes.size(); ++i) {
    for (std::uint32_t j = 0; j < i; ++j) {
      if (random.below(4) != 0) continue;
      nodes[i].needs.push_back(j);
      nodes[i].required.push_back(random.below(3) != 0);
    }
    nodes[i].fails = random.below(8) == 0;
    nodes[i].pause = random.below(2) == 0 ? 0 : static_cast<Nanos>(1 + random.below(50)) * kMillisecond;
    nodes[i].faults = random.below(6) == 0 ? 1 + static_cast<std::uint32_t>(random.below(2)) : 0;
  }
  return nodes;
}

// Each stage gives 1 + the sum of what it requires; the reference does so in one loop.
struct Expected {
  std::vector<StageStatus> status;
  std::vector<std::int64_t> value;
  std::vector<Nanos> end;
  Nanos wall = 0;
};

Expected reference(const std::vector<Drawn>& nodes) {
  Expected expected;
  for (const Drawn& node : nodes) {
    StageStatus status = node.fails ? StageStatus::continued : StageStatus::ok;
    std::int64_t value = 1;
    Nanos start = 0;
    for (std::size_t k = 0; k < node.needs.size(); ++k) {
      const std::uint32_t need = node.needs[k];
      start = std::max(start, expected.end[need]);
      if (!node.required[k]) continue;
      value += expected.value[need];
      if (expected.status[need] != StageStatus::ok) status = StageStatus::skipped;
    }
    Nanos took = 0;
    if (status != StageStatus::skipped) {
      took = node.pause;
      for (std::uint32_t fault = 0; fault < node.faults; ++fault) took += 100 * kMillisecond << fault;
    }
    expected.status.push_back(status);
    expected.value.push_back(value);
    expected.end.push_back(start + took);
    expected.wall = std::max(expected.wall, start + took);
  }
  return expected;
}

class Faults final : public Observer {
 public:
  explicit Faults(const std::vector<Drawn>& nodes) : nodes_(&nodes) {}
  Result<> before_attempt(std::string_view stage, std::uint32_t attempt) override {
    std::size_t index = 0;
    std::from_chars(stage.data(), stage.data() + stage.size(), index);
    const Drawn& node = (*nodes_)[index];
    if (attempt <= node.faults) return fail(Code::unavailable, "injected");
    return {};
  }

 private:
  const std::vector<Drawn>* nodes_;
};

std::shared_ptr<Plan> plan_of(const std::vector<Drawn>& nodes, std::vector<std::atomic<int>>& calls) {
  PlanBuilder builder;
  for (std::uint32_t i = 0; i < nodes.size(); ++i) {
    const Drawn& node = nodes[i];
    std::vector<int> from;
    for (std::size_t k = 0; k < node.needs.size(); ++k) {
      if (node.required[k]) from.push_back(static_cast<int>(node.needs[k]));
    }
    const auto sum = [&node, &calls, i](const Call& call) -> Result<Value> {
      ++calls[i];
      if (node.fails) return fail(Code::not_found, "as drawn");
      std::int64_t total = 1;
      for (const Value& value : call.arguments()) total += value.as_int();
      return Value(total);
    };
    PlannedStage* stage = nullptr;
    if (node.pause == 0) {
      stage = &builder.computing(std::to_string(i), from, [sum](Call& call) { return sum(call); });
    } else {
      stage = &builder.waiting(std::to_string(i), from, [sum, pause = node.pause](CallRef call) {
        Clock& clock = call->context().clock();
        clock.at(clock.now() + pause, [call, sum] { call->finish(sum(*call)); });
      });
    }
    for (std::size_t k = 0; k < node.needs.size(); ++k) {
      if (!node.required[k]) stage->needs.push_back(node.needs[k]);
    }
    std::ranges::sort(stage->needs);
    stage->on_failure.kind = FailurePolicy::Kind::proceed;
    stage->retry.retries = node.faults;
  }
  return builder.output({-1}).build();
}

}  // namespace

TEST_CASE("random graphs run as the reference says, on one thread and on four") {
  Random random(20261121);
  for (int round = 0; round < 300; ++round) {
    CAPTURE(round);
    const std::vector<Drawn> nodes = random_graph(random);
    const Expected expected = reference(nodes);
    for (const std::size_t threads : {std::size_t{1}, std::size_t{4}}) {
      std::vector<std::atomic<int>> calls(nodes.size());
      const auto plan = plan_of(nodes, calls);
      VirtualClock clock;
      Executor executor(clock, threads);
      Faults faults(nodes);
      const RunResult result = simulate(executor, clock, plan, Value(7), Context(clock), {.observer = &faults});
      REQUIRE(result.output.has_value());
      const std::vector<StageReport> stages = result.report.stages();
      for (std::size_t i = 0; i < nodes.size(); ++i) {
        CAPTURE(i);
        REQUIRE(status_name(stages[i].status) == status_name(expected.status[i]));
        CHECK(calls[i] == (expected.status[i] == StageStatus::skipped ? 0 : 1));
        CHECK(stages[i].start + stages[i].duration == expected.end[i]);
        CHECK(stages[i].slack <= expected.wall - expected.end[i]);
        if (stages[i].critical) CHECK(stages[i].slack == 0);
      }
      const Accounting sums = result.report.accounting();
      CHECK(sums.wall == expected.wall);
      CHECK(sums.residual == 0);
      CHECK(sums.stage + sums.queue + sums.engine + sums.conversion == sums.wall);
    }
  }
}
