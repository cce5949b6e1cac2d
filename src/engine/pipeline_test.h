#pragma once
// Runs the tests that stand in a definition.

#include <memory>
#include <vector>

#include "engine/executor.h"
#include "engine/expectation.h"
#include "engine/plan.h"

namespace thalweg {

struct TestOutcome {
  std::vector<Difference> differences;  ///< empty: passed
  Report report;
};

/// Runs `plan` on the test's input, with its faults put in the place of the stages' own results, and compares. In virtual time,
/// see simulate(): an hour's pause takes no time. `context` is on that clock, too.
[[nodiscard]] TestOutcome run_test(Executor& executor, VirtualClock& clock, const std::shared_ptr<const Plan>& plan,
                                   const PipelineTest& test, const Context& context);

}  // namespace thalweg
