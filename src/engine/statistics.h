#pragma once
// What many runs of one plan did and how long they took, stage by stage.

#include <cstdint>
#include <string>
#include <vector>

#include "base/histogram.h"
#include "thalweg/report.h"

namespace thalweg {

/// One stage over all runs added. Stages of nested pipelines count with the stage that runs them.
struct StageStatistics {
  std::string id;
  std::uint64_t runs = 0;     ///< it was started
  std::uint64_t failed = 0;   ///< for good, whether the run went on without it or not
  std::uint64_t retries = 0;  ///< attempts beyond the first
  std::uint64_t cached = 0;   ///< answered from the cache
  std::uint64_t skipped = 0;  ///< not come to: skipped, stopped, or the run had ended
  Histogram duration;         ///< of those started, as StageReport::duration
};

/// Fed with the reports of runs of one plan. Not thread-safe.
///
///     Statistics statistics;
///     executor.run_many(plan, next, [&](std::size_t, RunResult result) { statistics.add(result.report,
///     result.output.has_value()); }); print(statistics.to_text());
class Statistics {
 public:
  void add(const Report& report, bool good);

  [[nodiscard]] std::uint64_t runs() const noexcept { return wall_.count(); }
  [[nodiscard]] std::uint64_t failed() const noexcept { return failed_; }
  [[nodiscard]] const Histogram& wall() const noexcept { return wall_; }
  /// In the plan's order.
  [[nodiscard]] const std::vector<StageStatistics>& stages() const noexcept { return stages_; }
  /// A table for people.
  [[nodiscard]] std::string to_text() const;

 private:
  std::string name_;
  std::uint64_t failed_ = 0;
  Histogram wall_;
  std::vector<StageStatistics> stages_;
};

}  // namespace thalweg
