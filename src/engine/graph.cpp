// The graph walk: readiness by counters, skip rules, the end of a frame. Everything here runs under the run's section.
#include <utility>

#include "engine/engine.h"
#include "engine/run.h"

namespace thalweg {

void Run::start_frame(Frame& frame, Nanos now) {
  const auto count = static_cast<std::uint32_t>(frame.states.size());
  frame.left = count;
  frame.began = now;
  if (count == 0) {
    frame.computed = now;
    complete_.push_back(&frame);
    return;
  }
  for (const std::uint32_t stage : frame.runtime.first) make_ready(frame, stage, now, kNone);
}

void Run::make_ready(Frame& frame, std::uint32_t stage, Nanos now, std::uint32_t critical) {
  StageState& state = frame.states[stage];
  if (state.phase != Phase::idle) return;
  const PreparedStage& prepared = frame.runtime.stages[stage];
  if (prepared.planned->streams_from && !frame.ending) {
    // A reader starts with its first item, or with the end of its stream.
    const Channel& channel = frame.extra(stage).channel;
    if (channel.items.empty() && !channel.ended) return;
  }
  state.ready = now;
  state.critical = critical;
  enqueue(frame, stage, now);
}

void Run::enqueue(Frame& frame, std::uint32_t stage, Nanos now) {
  frame.states[stage].phase = Phase::queued;
  if (!ready_.empty()) {
    if (ready_cost_ == 0) crowded_since_ = now;
    ready_cost_ += frame.runtime.stages[stage].estimate.load(std::memory_order_relaxed);
  }
  ready_.push({&frame, stage});
}

void Run::settle(Frame& frame, std::uint32_t stage, StageStatus status, Nanos now) {
  StageState& state = frame.states[stage];
  const PreparedStage& prepared = frame.runtime.stages[stage];
  state.phase = Phase::settled;
  state.status = status;
  state.end = now;
  for (const std::uint32_t consumer : prepared.consumers) {
    StageState& waiting = frame.states[consumer];
    if (--waiting.remaining == 0) make_ready(frame, consumer, now, stage);
  }
  if (!prepared.readers.empty()) end_stream(frame, stage, now);
  if (const auto& writer = prepared.planned->streams_from) {  // it holds its writer up no longer
    frame.extra(stage).channel.closed = true;
    room_made(frame, *writer);
  }
  if (frame.stop_deferred) stop_calls(frame, now);
  if (--frame.left == 0) {
    frame.computed = now;
    complete_.push_back(&frame);
  }
}

void Run::settle_output(Frame& frame, std::uint32_t stage, StageStatus status, Value value, Nanos now) {
  const PreparedStage& prepared = frame.runtime.stages[stage];
  if (status != StageStatus::ok && prepared.emits && value.is_list() && frame.extra(stage).items == 0) {
    for (const Value& item : value.items()) deliver(frame, stage, item, now);  // a list in place of the stream
  }
  frame.give(prepared.slot, std::move(value));
  settle(frame, stage, status, now);
  const FailurePolicy& policy = frame.plan().stages[stage].on_failure;
  if (policy.stage && status != StageStatus::fell_back) drop_fallback(frame, *policy.stage, now);
  if (const auto& user = frame.plan().stages[stage].fallback_of) {
    // The fallback's output stands for that of the stage that failed.
    const std::uint32_t failed = *user;
    if (frame.states[failed].phase == Phase::waiting) {
      settle_output(frame, failed, StageStatus::fell_back, *frame.slots[frame.runtime.stages[stage].slot], now);
    }
  }
}

// A fallback that is not needed.
void Run::drop_fallback(Frame& frame, std::uint32_t stage, Nanos now) {
  if (frame.states[stage].phase == Phase::idle)
    skip(frame, stage, Why::unneeded, frame.plan().stages[stage].fallback_of.value_or(kNone), now);
}

void Run::skip(Frame& frame, std::uint32_t stage, Why why, std::uint32_t because, Nanos now) {
  StageState& state = frame.states[stage];
  if (state.phase == Phase::idle) {
    state.ready = now;
    state.critical = because;
  }
  if (state.attempts == 0 && why != Why::condition) state.start = now;  // its condition has taken time
  state.why = why;
  if (because != kNone) frame.extra(stage).because = because;
  absent(frame, stage, why == Why::stopped ? StageStatus::cancelled : StageStatus::skipped, now);
}

// Ends a stage without an output.
void Run::absent(Frame& frame, std::uint32_t stage, StageStatus status, Nanos now) {
  frame.any_absent = true;
  settle(frame, stage, status, now);
  const PlannedStage& planned = frame.plan().stages[stage];
  if (planned.on_failure.stage) drop_fallback(frame, *planned.on_failure.stage, now);
  if (!planned.fallback_of) return;
  // The fallback gave nothing either.
  const std::uint32_t failed = *planned.fallback_of;
  if (frame.states[failed].phase != Phase::waiting || frame.extras[failed].attempt) return;
  if (status == StageStatus::continued) return absent(frame, failed, status, now);
  // So the stage failed after all, and one that it stands in for in its turn. In a frame that is ending that is no news.
  if (!frame.ending && !frame.plan().stages[failed].fallback_of) end_frame(frame, failed, chained_error(frame, failed), now);
  if (frame.states[failed].phase != Phase::settled) absent(frame, failed, StageStatus::failed, now);
}

// The error of a stage and, as its cause, that of the one that was to stand in for it.
Error Run::chained_error(const Frame& frame, std::uint32_t stage) {
  std::vector<const Error*> chain;
  for (std::optional<std::uint32_t> at = stage; at && frame.extras[*at].error; at = frame.plan().stages[*at].on_failure.stage) {
    chain.push_back(&*frame.extras[*at].error);
  }
  Error whole = *chain.back();
  for (std::size_t outer = chain.size() - 1; outer-- > 0;) whole = chain[outer]->because(std::move(whole));
  return whole;
}

void Run::fail_stage(Frame& frame, std::uint32_t stage, Error error, Nanos now) {
  const PlannedStage& planned = frame.plan().stages[stage];
  StageExtra& extra = frame.extra(stage);
  if (frame.stopping.load(std::memory_order_acquire) && !frame.ending) end_frame(frame, kNone, stop_reason(frame), now);
  if (frame.ending && error.code() == Code::cancelled) {
    frame.states[stage].why = Why::stopped;
    absent(frame, stage, StageStatus::cancelled, now);
    return;
  }
  error = error.at(planned.id);
  extra.error = error;
  if (planned.on_failure.kind == FailurePolicy::Kind::proceed) {
    absent(frame, stage, StageStatus::continued, now);
    return;
  }
  if (!frame.ending && planned.on_failure.stage) {
    frame.states[stage].phase = Phase::waiting;
    StageState& fallback = frame.states[*planned.on_failure.stage];
    if (--fallback.remaining == 0) make_ready(frame, *planned.on_failure.stage, now, stage);
    return;
  }
  // Where this one stands in for another, that one decides; and in a frame that is ending a fallback stage comes no more, but the
  // failure was not to be the run's.
  if (!planned.fallback_of && !planned.on_failure.stage) end_frame(frame, stage, std::move(error), now);
  absent(frame, stage, StageStatus::failed, now);
}

// The frame ends with this error: nothing new starts, what is under way is stopped. Of several errors that of the first stage in
// the plan's order stands, so that it does not depend on how stages were shared out to threads.
void Run::end_frame(Frame& frame, std::uint32_t stage, Error error, Nanos now) {
  if (!frame.error || stage < frame.error_stage) {
    frame.error = std::move(error);
    frame.error_stage = stage;
  }
  if (frame.ending) return;
  frame.ending = true;
  // Completing the frame is left to the caller, who still has a stage to settle, or to the guard below.
  ++frame.left;
  for (std::uint32_t i = 0; i < frame.states.size(); ++i) {
    StageState& state = frame.states[i];
    if (i == stage || state.phase != Phase::idle) continue;
    state.phase = Phase::settled;
    state.ready = state.start = state.end = now;
    state.why = Why::stopped;
    --frame.left;
  }
  for (std::uint32_t i = 0; i < frame.states.size(); ++i) {
    if (i != stage && frame.states[i].phase == Phase::waiting) stop_waiting(frame, i, now);
  }
  stop_calls(frame, now);
  if (frame.runtime.streams) stop_streams(frame);
  if (--frame.left == 0) {
    frame.computed = now;
    complete_.push_back(&frame);
  }
}

// Ends what waits for the engine itself (a pause before the next try, a permit, a fallback, items), not for its own body.
void Run::stop_waiting(Frame& frame, std::uint32_t stage, Nanos now) {
  StageExtra& extra = frame.extra(stage);
  Attempt* attempt = extra.attempt;
  if (attempt == nullptr) {  // its fallback will not come
    absent(frame, stage, extra.error ? StageStatus::failed : StageStatus::cancelled, now);
    return;
  }
  if (attempt->in_body) return;
  const bool pausing = attempt->timer_set && clock->cancel(attempt->timer);
  const PreparedStage& prepared = frame.runtime.stages[stage];
  const bool queued = !pausing && !attempt->timer_set && !attempt->permit &&
                      (attempt->awaits_flight ? engine->cache.cancel(attempt->cache_key, *attempt)
                                              : prepared.limit && prepared.limit->cancel(*attempt));
  const bool reading = !pausing && prepared.planned->streams_from && !extra.channel.busy;
  if (!pausing && !queued && !reading) return;  // its event is on the way and will find the frame ending
  attempt->timer_set = false;
  release(frame, stage);
  frame.states[stage].why = Why::stopped;
  absent(frame, stage, StageStatus::cancelled, now);
}

// Asks bodies under way to stop, once no computing stage before the failed one is left that could still fail first.
void Run::stop_calls(Frame& frame, Nanos now) {
  bool bodies = false;
  for (std::uint32_t i = 0; i < frame.states.size(); ++i) {
    const Phase phase = frame.states[i].phase;
    if (phase == Phase::running && i < frame.error_stage && frame.error_stage != kNone) {
      frame.stop_deferred = true;
      return;
    }
    bodies = bodies || phase == Phase::running || phase == Phase::waiting;
  }
  frame.stop_deferred = false;
  if (!bodies || frame.stop_handled) return;
  frame.stop_handled = true;
  frame.hold();
  later([&frame] {
    frame.source.request_stop();
    frame.drop();
  });
  if (!frame.grace_set) {
    frame.grace_set = true;
    frame.grace = clock->at(now + kStopGrace, [held = Held<Frame>(frame)] {
      held->hold();
      held->run->push(held->on_grace);
    });
  }
}

// Gives back what a stage's attempt holds.
void Run::release(Frame& frame, std::uint32_t stage) {
  Attempt* attempt = std::exchange(frame.extra(stage).attempt, nullptr);
  if (attempt == nullptr) return;
  if (attempt->timer_set) {
    attempt->timer_set = false;
    (void)clock->cancel(attempt->timer);
  }
  if (std::exchange(attempt->flies, false)) {  // it failed, or was stopped: the next one may try
    later([engine = engine.get(), key = std::move(attempt->cache_key)] { engine->cache.land(key, nullptr, 0); });
  }
  if (std::exchange(attempt->permit, false)) {
    later([limit = frame.runtime.stages[stage].limit.get(), owner = frame.owner] { limit->leave(); });
  }
  drop_resume(*attempt);
  attempt->drop();
}

void Run::handle(Worker& worker, Event& event) {
  switch (event.kind) {
    case Event::Kind::frame_new: {
      Frame& frame = *event.frame;
      const Nanos now = clock->now();
      frame.submitted = now;
      if (frame.stopping.load(std::memory_order_acquire)) {
        frame.left = static_cast<std::uint32_t>(frame.states.size()) + 1;
        frame.began = now;
        end_frame(frame, kNone, stop_reason(frame), now);
        if (--frame.left == 0) {
          frame.computed = now;
          complete_.push_back(&frame);
        }
      } else {
        start_frame(frame, now);
      }
      frame.drop();
      return;
    }
    case Event::Kind::frame_stop: {
      Frame& frame = *event.frame;
      if (frame.left > 0) end_frame(frame, kNone, stop_reason(frame), clock->now());
      frame.drop();
      return;
    }
    case Event::Kind::frame_grace: {
      Frame& frame = *event.frame;
      frame.grace_set = false;
      for (std::uint32_t i = 0; i < frame.states.size() && frame.left > 0; ++i) {
        Attempt* attempt = frame.extras[i].attempt;
        if (frame.states[i].phase != Phase::waiting || attempt == nullptr || !attempt->take_away()) continue;
        frame.states[i].why = Why::stopped;
        release(frame, i);
        absent(frame, i, StageStatus::cancelled, clock->now());
      }
      frame.drop();
      return;
    }
    default:
      break;
  }
  Attempt& attempt = *event.attempt;
  handle_attempt(worker, attempt, event.kind);
  attempt.drop();
}

}  // namespace thalweg
