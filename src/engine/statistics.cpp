#include "engine/statistics.h"

#include <algorithm>
#include <array>

#include "base/error.h"

namespace thalweg {

namespace {

using Row = std::array<std::string, 9>;

// An empty histogram has no percentiles.
std::string share_of(const Histogram& times, double share) {
  return times.count() == 0 ? "-" : time_in_words(static_cast<Nanos>(times.percentile(share)));
}

Row row_of(std::string name, std::uint64_t runs, std::uint64_t failed, const Histogram& times) {
  return {std::move(name),      std::to_string(runs), std::to_string(failed), "", "", "",
          share_of(times, 0.5), share_of(times, 0.9), share_of(times, 0.99)};
}

}  // namespace

void Statistics::add(const Report& report, bool good) {
  if (name_.empty()) name_ = report.pipeline();
  if (!good) ++failed_;
  wall_.record(static_cast<std::uint64_t>(std::max<Nanos>(0, report.accounting().wall)));
  const std::vector<StageReport> reports = report.stages();
  if (stages_.empty()) stages_.resize(reports.size());
  for (std::size_t i = 0; i < std::min(stages_.size(), reports.size()); ++i) {
    const StageReport& one = reports[i];
    StageStatistics& sum = stages_[i];
    if (sum.id.empty()) sum.id = one.id;
    switch (one.status) {
      case StageStatus::failed:
      case StageStatus::continued:
      case StageStatus::fell_back:
        ++sum.failed;
        break;
      case StageStatus::cached:
        ++sum.cached;
        break;
      case StageStatus::ok:
        break;
      case StageStatus::skipped:
      case StageStatus::cancelled:
      case StageStatus::not_reached:
        if (one.attempts == 0) ++sum.skipped;
        break;
    }
    if (one.attempts == 0) continue;
    ++sum.runs;
    sum.retries += one.attempts - 1;
    sum.duration.record(static_cast<std::uint64_t>(std::max<Nanos>(0, one.duration)));
  }
}

std::string Statistics::to_text() const {
  std::vector<Row> rows{{"", "runs", "failed", "retries", "cached", "skipped", "p50", "p90", "p99"}};
  for (const StageStatistics& stage : stages_) {
    Row row = row_of(stage.id, stage.runs, stage.failed, stage.duration);
    row[3] = std::to_string(stage.retries);
    row[4] = std::to_string(stage.cached);
    row[5] = std::to_string(stage.skipped);
    rows.push_back(std::move(row));
  }
  rows.push_back(row_of("whole run", runs(), failed_, wall_));
  std::array<std::size_t, std::tuple_size_v<Row>> width{};
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) width[i] = std::max(width[i], row[i].size());
  }
  std::string text = fmt::format("{}: {} runs\n", name_, runs());
  for (const Row& row : rows) {
    text += fmt::format("  {:<{}}", row[0], width[0]);
    for (std::size_t i = 1; i < row.size(); ++i) text += fmt::format("  {:>{}}", row[i], width[i]);
    text += '\n';
  }
  return text;
}

}  // namespace thalweg
