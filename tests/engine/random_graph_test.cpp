// Random graphs against a naive reference: what runs, what is skipped, what comes out, and where the time went.

#include <doctest/doctest.h>

#include <charconv>
#include <map>

#include "plans.h"
#include "thalweg/random.h"

using namespace thalweg;
using namespace thalweg::test;

namespace {

enum class On : std::uint8_t { proceed, value, stage, abort };

struct Drawn {
  std::vector<std::uint32_t> needs;
  std::vector<bool> required;
  bool fails = false;
  On on_failure = On::proceed;
  std::optional<std::uint32_t> fallback_of;  // the one before it, which it stands in for
  bool never = false;                        // its condition does not hold
  Nanos pause = 0;                           // waits so long; 0 computes
  std::uint32_t faults = 0;                  // failing tries before a good one, mended by a retry each
};

// What stands in waits for nothing that the other does not wait for, and asks for no more.
Drawn stand_in(Random& random, const std::vector<Drawn>& nodes) {
  const Drawn& other = nodes.back();
  Drawn node;
  node.fallback_of = static_cast<std::uint32_t>(nodes.size()) - 1;
  for (std::size_t k = 0; k < other.needs.size(); ++k) {
    if (random.below(2) == 0) continue;
    node.needs.push_back(other.needs[k]);
    node.required.push_back(other.required[k] && random.below(2) == 0);
  }
  return node;
}

std::vector<Drawn> random_graph(Random& random, bool may_abort) {
  std::vector<Drawn> nodes;
  const std::size_t count = 1 + random.below(24);
  while (nodes.size() < count || nodes.back().on_failure == On::stage) {
    Drawn node;
    if (!nodes.empty() && nodes.back().on_failure == On::stage) {
      node = stand_in(random, nodes);
      node.fails = random.below(2) == 0;
      node.never = may_abort && random.below(8) == 0;
    } else {
      for (std::uint32_t j = 0; j < nodes.size(); ++j) {
        if (random.below(4) != 0) continue;
        node.needs.push_back(j);
        node.required.push_back(random.below(3) != 0);
      }
      node.fails = random.below(6) == 0;
      node.never = random.below(12) == 0;
    }
    const std::uint64_t policy = random.below(may_abort ? 6 : 5);
    node.on_failure = policy < 2 ? On::proceed : policy == 2 ? On::value : policy < 5 ? On::stage : On::abort;
    node.pause = random.below(2) == 0 ? 0 : static_cast<Nanos>(1 + random.below(50)) * kMillisecond;
    node.faults = random.below(6) == 0 ? 1 + static_cast<std::uint32_t>(random.below(2)) : 0;
    nodes.push_back(std::move(node));
  }
  return nodes;
}

// Each stage gives 1 + the sum of what it requires; the reference does so in one loop.
struct Expected {
  explicit Expected(const std::vector<Drawn>& nodes) : status(nodes.size()), value(nodes.size()), end(nodes.size()) {}
  std::vector<StageStatus> status;
  std::vector<std::int64_t> value;
  std::vector<Nanos> end;
  Nanos wall = 0;
  bool aborts = false;
};

bool gives(StageStatus status) { return status == StageStatus::ok || status == StageStatus::fell_back; }

// A stage, and after it those that stand in for it.
void come_to(const std::vector<Drawn>& nodes, std::uint32_t at, Nanos start, Expected& expected) {
  const Drawn& node = nodes[at];
  StageStatus status = node.never ? StageStatus::skipped : node.fails ? StageStatus::continued : StageStatus::ok;
  std::int64_t value = 1;
  for (std::size_t k = 0; k < node.needs.size(); ++k) {
    if (!node.required[k]) continue;
    value += expected.value[node.needs[k]];
    if (!gives(expected.status[node.needs[k]])) status = StageStatus::skipped;
  }
  Nanos end = start;
  if (status != StageStatus::skipped) {
    end += node.pause;
    for (std::uint32_t fault = 0; fault < node.faults; ++fault) end += 100 * kMillisecond << fault;
  }
  if (status == StageStatus::continued && node.on_failure == On::abort) expected.aborts = true;
  if (status == StageStatus::continued && node.on_failure == On::value) {
    status = StageStatus::fell_back;
    value = 1000;
  }
  if (status == StageStatus::continued && node.on_failure == On::stage) {
    come_to(nodes, at + 1, end, expected);
    end = expected.end[at + 1];
    value = expected.value[at + 1];
    if (gives(expected.status[at + 1])) status = StageStatus::fell_back;
    if (expected.status[at + 1] == StageStatus::skipped) expected.aborts = true;
  } else if (node.on_failure == On::stage) {
    for (std::uint32_t next = at + 1; next < nodes.size() && nodes[next].fallback_of == next - 1; ++next) {
      expected.status[next] = StageStatus::skipped;
      expected.end[next] = end;
    }
  }
  expected.status[at] = status;
  expected.value[at] = value;
  expected.end[at] = end;
  expected.wall = std::max(expected.wall, end);
}

Expected reference(const std::vector<Drawn>& nodes) {
  Expected expected(nodes);
  for (std::uint32_t at = 0; at < nodes.size(); ++at) {
    if (nodes[at].fallback_of) continue;
    Nanos start = 0;
    for (const std::uint32_t need : nodes[at].needs) start = std::max(start, expected.end[need]);
    come_to(nodes, at, start, expected);
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
    stage->retry.retries = node.faults;
    if (node.never) stage->when = lang::compile_expression("false", lang::Scope()).value();
    stage->fallback_of = node.fallback_of;
    FailurePolicy& policy = stage->on_failure;
    if (node.on_failure == On::proceed) policy.kind = FailurePolicy::Kind::proceed;
    if (node.on_failure == On::value || node.on_failure == On::stage) policy.kind = FailurePolicy::Kind::fallback;
    if (node.on_failure == On::value) policy.value.emplace().constant = Value(1000);
    if (node.on_failure == On::stage) policy.stage = i + 1;
  }
  return builder.output({-1}).build();
}

}  // namespace

TEST_CASE("random graphs run as the reference says, on one thread and on four") {
  Random random(20261121);
  std::map<StageStatus, int> seen;
  int aborted = 0;
  for (int round = 0; round < 600; ++round) {
    CAPTURE(round);
    const std::vector<Drawn> nodes = random_graph(random, round % 4 == 0);
    const Expected expected = reference(nodes);
    for (const std::size_t threads : {std::size_t{1}, std::size_t{4}}) {
      std::vector<std::atomic<int>> calls(nodes.size());
      const auto plan = plan_of(nodes, calls);
      VirtualClock clock;
      Executor executor(clock, threads);
      Faults faults(nodes);
      const RunResult result = simulate(executor, clock, plan, Value(7), Context(clock), {.observer = &faults});
      const Accounting sums = result.report.accounting();
      CHECK(sums.residual == 0);
      CHECK(sums.stage + sums.queue + sums.engine + sums.conversion == sums.wall);
      while (clock.step()) executor.settle();  // stages left behind
      REQUIRE(result.output.has_value() == !expected.aborts);
      aborted += static_cast<int>(expected.aborts);
      if (expected.aborts) continue;  // what has run by then is up to the schedule
      const std::vector<StageReport> stages = result.report.stages();
      for (std::size_t i = 0; i < nodes.size(); ++i) {
        CAPTURE(i);
        REQUIRE(status_name(stages[i].status) == status_name(expected.status[i]));
        ++seen[stages[i].status];
        CHECK(calls[i] == (expected.status[i] == StageStatus::skipped ? 0 : 1));
        CHECK(stages[i].start + stages[i].duration == expected.end[i]);
        CHECK(stages[i].slack <= expected.wall - expected.end[i]);
        if (stages[i].critical) CHECK(stages[i].slack == 0);
      }
      CHECK(sums.wall == expected.wall);
    }
  }
  // The drawing is worth something.
  CHECK(aborted > 40);
  for (const StageStatus status : {StageStatus::ok, StageStatus::skipped, StageStatus::continued, StageStatus::fell_back}) {
    CHECK_MESSAGE(seen[status] > 200, status_name(status));
  }
}
