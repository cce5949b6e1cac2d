#include "engine/runtime.h"

#include <algorithm>

#include "engine/run.h"

namespace thalweg {

namespace {

bool is_scalar(Type::Kind kind) {
  switch (kind) {
    case Type::Kind::null:
    case Type::Kind::boolean:
    case Type::Kind::integer:
    case Type::Kind::unsigned_integer:
    case Type::Kind::real:
    case Type::Kind::string:
      return true;
    default:
      return false;
  }
}

bool refers_to(const Argument& argument, std::uint32_t slot) {
  if (argument.kind == Argument::Kind::variable) return argument.slot == slot;
  if (argument.text) {
    return std::ranges::any_of(argument.text->references(), [slot](const auto& reference) { return reference.slot == slot; });
  }
  return std::ranges::any_of(argument.items, [slot](const Argument& item) { return refers_to(item, slot); });
}

using Set = std::vector<bool>;

// What a stage comes after, through needs and, if wanted, streams.
void add_sources(const Plan& plan, std::uint32_t stage, Set& set) {
  const auto add = [&](std::uint32_t source) {
    if (set[source]) return;
    set[source] = true;
    add_sources(plan, source, set);
  };
  for (const std::uint32_t need : plan.stages[stage].needs) add(need);
  if (plan.stages[stage].streams_from) add(*plan.stages[stage].streams_from);
}

// A reader that waits for something which itself waits for room in the reader's channel would never start. So a channel has
// credits only when nothing the reader needs (and that has not ended before the writer starts) shares a source with the writer.
bool can_wait_for_room(const Plan& plan, std::uint32_t reader) {
  const std::size_t count = plan.stages.size();
  const std::uint32_t writer = *plan.stages[reader].streams_from;
  Set needed(count), upstream(count), before(count);
  for (const std::uint32_t need : plan.stages[reader].needs) {
    needed[need] = true;
    add_sources(plan, need, needed);
  }
  upstream[writer] = true;
  add_sources(plan, writer, upstream);
  for (const std::uint32_t need : plan.stages[writer].needs) {
    before[need] = true;
    add_sources(plan, need, before);
  }
  for (std::size_t i = 0; i < count; ++i) {
    if (needed[i] && !before[i] && upstream[i]) return false;
  }
  return true;
}

}  // namespace

PlanRuntime::PlanRuntime(const Plan& of) : plan(of), stages(of.stages.size()) {
  for (std::uint32_t i = 0; i < stages.size(); ++i) {
    const PlannedStage& planned = plan.stages[i];
    const Contract& contract = planned.kind->contract;
    PreparedStage& stage = stages[i];
    stage.planned = &planned;
    stage.body = planned.body.get();
    stage.slot = plan.first_stage + i;
    stage.remaining = static_cast<std::uint32_t>(planned.needs.size()) + (planned.fallback_of ? 1 : 0);
    stage.waits = contract.waits;
    stage.emits = contract.output.is(Type::Kind::stream);
    stage.output = planned.output.kind();
    stage.check_output = !planned.output.is_dyn() && !stage.emits;
    if (planned.concurrency) stage.limit = std::make_unique<Limit>(std::max(1U, *planned.concurrency));
    stage.plain_arguments = planned.unchecked.empty();
    for (const Argument& argument : planned.arguments) {
      switch (argument.kind) {
        case Argument::Kind::constant:
          stage.arguments.push_back({PlainArgument::kConstant, argument.constant});
          break;
        case Argument::Kind::variable:
          stage.arguments.push_back({argument.slot, {}});
          break;
        default:
          stage.plain_arguments = false;
      }
    }
    const bool scalar_output = !stage.check_output || is_scalar(stage.output);
    stage.plain = !stage.waits && stage.plain_arguments && scalar_output && !planned.when && !planned.timeout && !planned.cache &&
                  !planned.concurrency && !stage.emits && !planned.streams_from && !planned.fallback_of;
    if (stage.remaining == 0) first.push_back(i);
    if (planned.streams_from) {
      streams = true;
      stages[*planned.streams_from].readers.push_back(i);
      stage.bounded = can_wait_for_room(plan, i);
    }
  }
  for (std::uint32_t i = 0; i < stages.size(); ++i) {
    for (const std::uint32_t need : plan.stages[i].needs) stages[need].consumers.push_back(i);
  }
  for (PreparedStage& stage : stages) {
    if (!stage.emits) continue;
    stage.collects = stage.readers.empty() || !stage.consumers.empty() || refers_to(plan.output, stage.slot) ||
                     stage.planned->cache.has_value();
  }
}

PlanRuntime::~PlanRuntime() {
  while (free_ != nullptr) std::unique_ptr<Frame>(std::exchange(free_, free_->next_free)).reset();
}

Frame& PlanRuntime::take_frame() {
  {
    const std::lock_guard lock(mutex_);
    if (free_ != nullptr) return *std::exchange(free_, free_->next_free);
  }
  return *std::make_unique<Frame>(*this).release();
}

void PlanRuntime::give_back(Frame& frame) noexcept {
  const std::lock_guard lock(mutex_);
  frame.next_free = free_;
  free_ = &frame;
}

void PlanRuntime::note(const Frame& frame, bool) {
  for (std::size_t i = 0; i < stages.size(); ++i) {
    const StageState& state = frame.states[i];
    if (stages[i].waits || state.status != StageStatus::ok) continue;
    // Moves towards what it took; one call that was interrupted for long must not count for many.
    const Nanos estimate = stages[i].estimate.load(std::memory_order_relaxed);
    const Nanos took = std::min(state.end - state.start, 4 * estimate + 2 * kMicrosecond);
    stages[i].estimate.store(estimate + (took - estimate) / 8, std::memory_order_relaxed);
  }
}

Plan::Plan() = default;
Plan::~Plan() = default;

PlanRuntime& Plan::runtime() const {
  std::call_once(runtime_made_, [this] { runtime_ = std::make_unique<PlanRuntime>(*this); });
  return *runtime_;
}

}  // namespace thalweg
