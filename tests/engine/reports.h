#pragma once
// What tests of runs ask of a report.

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "thalweg/report.h"

namespace thalweg::test {

/// "id status" of each stage, in the report's order.
[[nodiscard]] inline std::vector<std::string> statuses(const Report& report) {
  std::vector<std::string> names;
  for (const StageReport& stage : report.stages()) names.push_back(stage.id + " " + std::string(status_name(stage.status)));
  return names;
}

/// The parts of a run's time add up, and in virtual time nothing is left over.
inline void check_identity(const Report& report) {
  const Accounting sums = report.accounting();
  CHECK(sums.wall == sums.queue + sums.conversion + sums.stage + sums.engine + sums.residual);
  CHECK(sums.residual == 0);
}

}  // namespace thalweg::test
