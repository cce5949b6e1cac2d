#include "engine/trace.h"

#include "engine/run.h"

namespace thalweg {
void Trace::add(Span span) {
  const std::lock_guard lock(mutex_);
  spans_.push_back(std::move(span));
}
void Run::trace_attempt(const Frame& frame, std::uint32_t stage, Nanos end, const Result<Value>& result) {
  std::string path = frame.plan().stages[stage].id;
  for (const Attempt* caller = frame.caller; caller != nullptr; caller = caller->frame->caller) {
    path = caller->frame->plan().stages[caller->stage].id + "/" + path;
  }
  const StageState& state = frame.states[stage];
  const StageExtra& extra = frame.extras[stage];
  options.trace->add({std::move(path), frame.plan().stages[stage].kind->contract.name, state.attempts,
                      extra.attempt != nullptr ? extra.attempt->began : state.start, end, result ? "" : result.error().text()});
}
}  // namespace thalweg
