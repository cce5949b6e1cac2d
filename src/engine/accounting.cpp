// From a run's records to its report: the critical path, slack, the identity.
#include <algorithm>

#include "engine/run.h"

namespace thalweg {

namespace {

// The stage that ended last: where the critical path ends. Of several the first in the plan's order.
std::uint32_t last_stage(const std::vector<StageState>& states) {
  std::uint32_t last = kNone;
  for (std::uint32_t i = 0; i < states.size(); ++i) {
    if (states[i].status == StageStatus::not_reached || states[i].why == Why::unneeded) continue;
    if (last == kNone || states[i].end > states[last].end) last = i;
  }
  return last;
}

}  // namespace

Accounting Frame::accounting() const {
  Accounting sums;
  sums.wall = ended - submitted;
  sums.engine = began - submitted;
  sums.conversion = ended - computed;
  Nanos cursor = computed;
  for (std::uint32_t at = last_stage(states); at != kNone;) {
    const StageState& state = states[at];
    const std::uint32_t before = state.critical;
    // A reader starts before its writer has ended: the writer's time counts up to where the reader took over.
    const bool overlaps = before != kNone && states[before].end > state.start && state.critical == plan().stages[at].streams_from;
    const Nanos end = std::min(cursor, state.end);
    sums.residual += cursor - end;
    if (overlaps && states[before].end <= end) {
      sums.stage += end - states[before].end;
      cursor = states[before].end;
    } else {
      const Nanos start = std::min(end, state.start);
      const Nanos held = std::min(end - start, extras[at].touched ? extras[at].held : 0);
      const Nanos conversion = std::min(end - start - held, state.conversion);
      sums.conversion += conversion;
      sums.stage += end - start - held - conversion;
      sums.queue += start - state.ready + held;
      cursor = state.ready;
    }
    at = before;
  }
  sums.residual += cursor - began;
  return sums;
}

std::vector<StageReport> Frame::stages() const {
  const std::size_t count = states.size();
  std::vector<StageReport> reports(count);
  const auto came_in = [this](std::uint32_t stage) {
    return states[stage].status != StageStatus::not_reached && states[stage].why != Why::unneeded;
  };
  for (std::uint32_t at = last_stage(states); at != kNone; at = states[at].critical) {
    // A stage that failed takes until the one that stands in for it has ended.
    for (std::optional<std::uint32_t> part = at; part && came_in(*part); part = plan().stages[*part].on_failure.stage) {
      reports[*part].critical = true;
    }
  }
  for (std::size_t rest = count; rest-- > 0;) {
    const auto i = static_cast<std::uint32_t>(rest);
    const StageState& state = states[i];
    const PlannedStage& planned = plan().stages[i];
    StageReport& report = reports[i];
    report.id = planned.id;
    report.uses = planned.kind->contract.name;
    report.status = state.status;
    report.attempts = state.attempts;
    if (state.status == StageStatus::not_reached) {
      report.reason = error ? "the run had ended" : "";
      continue;
    }
    const Nanos held = extras[i].touched ? extras[i].held : 0;
    report.start = state.start - submitted;
    report.duration = state.end - state.start - held;
    report.queue = state.start - state.ready + held;
    if (const Value* output = slots[runtime.stages[i].slot]) report.bytes = output->footprint();
    // The latest end that would not have made the run longer, given what its consumers took.
    Nanos latest = computed;
    for (const std::uint32_t consumer : runtime.stages[i].consumers) {
      const StageState& after = states[consumer];
      if (after.status == StageStatus::not_reached) continue;
      latest = std::min(latest, after.end + reports[consumer].slack - (after.end - std::max(after.ready, state.end)));
    }
    for (const std::uint32_t reader : runtime.stages[i].readers) {
      const StageState& after = states[reader];
      if (after.status == StageStatus::not_reached || after.end < state.end) continue;
      latest = std::min(latest, after.end + reports[reader].slack - (after.end - std::max(after.ready, state.end)));
    }
    report.slack = std::max<Nanos>(0, latest - state.end);
    // One that comes in for it, or is found not to be needed, ends later with it.
    if (const auto& other = planned.on_failure.stage; other && *other > i && states[*other].status != StageStatus::not_reached) {
      report.slack = std::min(report.slack, reports[*other].slack);
    }
    for (auto user = planned.fallback_of; user && *user > i; user = plan().stages[*user].fallback_of) {
      reports[*user].slack = std::min(reports[*user].slack, report.slack);
    }
    report.reason = reason(i);
    if (extras[i].touched) {
      report.items = extras[i].items;
      for (const NestedRecord& nested : extras[i].nested) {
        report.nested.insert(report.nested.end(), nested.stages.begin(), nested.stages.end());
      }
    }
  }
  // And one that came in has no more time than the one that failed, which ended with it.
  for (std::uint32_t i = 0; i < count; ++i) {
    for (auto user = plan().stages[i].fallback_of; user && came_in(i); user = plan().stages[*user].fallback_of) {
      reports[i].slack = std::min(reports[i].slack, reports[*user].slack);
    }
  }
  return reports;
}

std::string Frame::reason(std::uint32_t stage) const {
  const StageExtra& more = extras[stage];
  const auto named = [&] { return more.because == kNone ? std::string() : plan().stages[more.because].id; };
  switch (states[stage].why) {
    case Why::condition:
      return fmt::format("its condition does not hold: {}", plan().stages[stage].when->source());
    case Why::absent:
      return fmt::format("it needs '{}', which has no output", named());
    case Why::unneeded:
      return fmt::format("'{}' did not fail", named());
    case Why::broken_stream:
      return fmt::format("the stream of '{}' broke off", named());
    case Why::stopped:
      return error ? fmt::format("stopped: {}", error->message()) : "stopped";
    case Why::none:
      break;
  }
  return more.error ? more.error->text() : std::string();
}

// The records of a nested frame, added to those of the call that asked for it.
void Frame::add_to(std::vector<NestedRecord>& records) const {
  auto found = std::ranges::find(records, &plan(), &NestedRecord::plan);
  if (found == records.end()) {
    records.push_back({&plan(), owner, stages()});
    return;
  }
  std::vector<StageReport> mine = stages();
  for (std::size_t i = 0; i < mine.size(); ++i) add(found->stages[i], mine[i]);
}

void Frame::add(StageReport& sum, const StageReport& one) {
  sum.runs += one.runs;
  sum.attempts += one.attempts;
  sum.duration += one.duration;
  sum.queue += one.queue;
  sum.bytes += one.bytes;
  sum.items += one.items;
  // The worst that happened stands for all.
  const auto rank = [](StageStatus status) {
    switch (status) {
      case StageStatus::failed:
        return 7;
      case StageStatus::cancelled:
        return 6;
      case StageStatus::continued:
        return 5;
      case StageStatus::fell_back:
        return 4;
      case StageStatus::ok:
        return 3;
      case StageStatus::cached:
        return 2;
      case StageStatus::skipped:
        return 1;
      case StageStatus::not_reached:
        return 0;
    }
    return 0;
  };
  if (rank(one.status) > rank(sum.status)) {
    sum.status = one.status;
    sum.reason = one.reason;
  }
  for (std::size_t i = 0; i < one.nested.size(); ++i) {
    if (i < sum.nested.size())
      add(sum.nested[i], one.nested[i]);
    else
      sum.nested.push_back(one.nested[i]);
  }
}

}  // namespace thalweg
