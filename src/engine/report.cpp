#include "thalweg/report.h"

#include <algorithm>

#include "base/error.h"

namespace thalweg {

namespace {

Value stage_value(const StageReport& stage) {
  MapBuilder map;
  const auto add = [&map](std::string_view key, Value value) { (void)map.add(Value(key), std::move(value)); };
  add("id", Value(stage.id));
  add("uses", Value(stage.uses));
  add("status", Value(status_name(stage.status)));
  add("start_ns", Value(stage.start));
  add("duration_ns", Value(stage.duration));
  add("queue_ns", Value(stage.queue));
  add("slack_ns", Value(stage.slack));
  add("critical", Value(stage.critical));
  add("attempts", Value(static_cast<std::int64_t>(stage.attempts)));
  add("bytes", Value(static_cast<std::int64_t>(stage.bytes)));
  if (stage.items > 0) add("items", Value(static_cast<std::int64_t>(stage.items)));
  if (stage.runs > 1) add("runs", Value(static_cast<std::int64_t>(stage.runs)));
  if (!stage.reason.empty()) add("reason", Value(stage.reason));
  if (!stage.nested.empty()) {
    std::vector<Value> nested;
    for (const StageReport& inner : stage.nested) nested.push_back(stage_value(inner));
    add("stages", Value::list(std::move(nested)));
  }
  return map.build();
}

struct Row {
  std::string name, status, start, time, notes;
};

void add_rows(const std::vector<StageReport>& stages, std::size_t depth, std::vector<Row>& rows) {
  for (const StageReport& stage : stages) {
    std::string notes;
    const auto note = [&notes](std::string text) { notes += (notes.empty() ? "" : ", ") + text; };
    if (stage.critical) note("critical path");
    if (stage.runs > 1) note(fmt::format("{} runs", stage.runs));
    if (stage.attempts > stage.runs) note(fmt::format("{} attempts", stage.attempts));
    if (stage.items > 0) note(fmt::format("{} items", stage.items));
    if (!stage.reason.empty()) note(stage.reason);
    const bool began = stage.attempts > 0;
    rows.push_back({std::string(2 * depth, ' ') + stage.id, std::string(status_name(stage.status)),
                    began && depth == 0 ? time_in_words(stage.start) : "", began ? time_in_words(stage.duration) : "",
                    std::move(notes)});
    add_rows(stage.nested, depth + 1, rows);
  }
}

}  // namespace

std::string time_in_words(Nanos time) {
  const auto value = static_cast<double>(time);
  if (time >= kSecond) return fmt::format("{:.3f} s", value / kSecond);
  if (time >= kMillisecond) return fmt::format("{:.2f} ms", value / kMillisecond);
  if (time >= kMicrosecond) return fmt::format("{:.1f} us", value / kMicrosecond);
  return fmt::format("{} ns", time);
}

std::string_view status_name(StageStatus status) noexcept {
  switch (status) {
    case StageStatus::not_reached:
      return "not_reached";
    case StageStatus::ok:
      return "ok";
    case StageStatus::skipped:
      return "skipped";
    case StageStatus::failed:
      return "failed";
    case StageStatus::continued:
      return "continued";
    case StageStatus::fell_back:
      return "fell_back";
    case StageStatus::cached:
      return "cached";
    case StageStatus::cancelled:
      return "cancelled";
  }
  return "";
}

Value Report::to_value() const {
  const Accounting sums = accounting();
  std::vector<Value> list;
  for (const StageReport& stage : stages()) list.push_back(stage_value(stage));
  return Value::map({{"pipeline", pipeline()},
                     {"version", version()},
                     {"accounting", Value::map({{"wall_ns", sums.wall},
                                                {"queue_ns", sums.queue},
                                                {"conversion_ns", sums.conversion},
                                                {"stage_ns", sums.stage},
                                                {"engine_ns", sums.engine},
                                                {"residual_ns", sums.residual}})},
                     {"stages", Value::list(std::move(list))}});
}

std::string Report::to_text() const {
  std::vector<Row> rows{{"stage", "status", "start", "time", "notes"}};
  add_rows(stages(), 0, rows);
  std::size_t name = 0, status = 0, start = 0, time = 0;
  for (const Row& row : rows) {
    name = std::max(name, row.name.size());
    status = std::max(status, row.status.size());
    start = std::max(start, row.start.size());
    time = std::max(time, row.time.size());
  }
  std::string text = fmt::format("{} {}\n", pipeline(), version());
  for (const Row& row : rows) {
    std::string line = fmt::format("  {:<{}}  {:<{}}  {:>{}}  {:>{}}  {}", row.name, name, row.status, status, row.start, start,
                                   row.time, time, row.notes);
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  const Accounting sums = accounting();
  text += fmt::format("  wall {} = stages {} + queue {} + conversion {} + engine {} + residual {} (along the critical path)\n",
                      time_in_words(sums.wall), time_in_words(sums.stage), time_in_words(sums.queue),
                      time_in_words(sums.conversion), time_in_words(sums.engine), time_in_words(sums.residual));
  return text;
}

}  // namespace thalweg
