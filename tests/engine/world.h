#pragma once
// An executor in virtual time, and what most of its tests need beside it.

#include <string>
#include <vector>

#include "plans.h"
#include "reports.h"

namespace thalweg::test {

struct World {
  explicit World(std::size_t threads = 4) : executor(clock, threads) {}
  VirtualClock clock;
  Executor executor;
  RunResult run(const std::shared_ptr<Plan>& plan, Value input = {}) {
    return simulate(executor, clock, plan, std::move(input), Context(clock));
  }
  RunResult run(const std::shared_ptr<Plan>& plan, Value input, const Context& context) {
    return simulate(executor, clock, plan, std::move(input), context);
  }
};

[[nodiscard]] inline Body add_one() {
  return [](Call& call) -> Result<Value> { return Value(call.argument(0).as_int() + 1); };
}

using Names = std::vector<std::string>;

}  // namespace thalweg::test
