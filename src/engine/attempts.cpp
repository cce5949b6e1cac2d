// Attempts: conditions, arguments, bodies, timeouts.
#include <exception>

#include "engine/engine.h"
#include "engine/evaluate.h"
#include "engine/fault.h"
#include "engine/run.h"
#include "engine/trace.h"

namespace thalweg {

namespace {

// Whether the stage has an attempt already, of which it waited for something.
bool begun(const Frame& frame, std::uint32_t stage) noexcept {
  return frame.extras[stage].touched && frame.extras[stage].attempt != nullptr;
}

// Runs a body; a thrown exception becomes the result of every call not finished yet.
void run_body(const Stage& body, std::span<Call*> calls) noexcept {
  std::string what;
  try {
    body.run(calls);
    return;
  } catch (const std::exception& exception) {
    what = exception.what();
  } catch (...) {
    what = "something that is no std::exception";
  }
  for (Call* call : calls) {
    if (!static_cast<Attempt*>(call)->claimed()) call->finish(fail(Code::internal, "the stage threw: {}", what));
  }
}

}  // namespace

lang::Frame Run::expression_frame(const Frame& frame) const {
  return lang::Frame{.slots = frame.slots, .context = &*frame.context, .now = wall_start, .places_faults = true};
}

// For what is evaluated before a stage's attempt: its timeout holds there, too.
lang::Frame Run::limited_frame(const Frame& frame, std::uint32_t stage, std::optional<Context>& limited) const {
  lang::Frame variables = expression_frame(frame);
  const std::optional<Nanos>& timeout = frame.plan().stages[stage].timeout;
  if (timeout) variables.context = &limited.emplace(frame.context->with_deadline(after(clock->now(), *timeout)));
  return variables;
}

// The path of most stages: a computing body with plain arguments. One clock read, no allocation, no reference counted.
void Run::run_plain(Worker& worker, Item item) {
  Frame& frame = *item.frame;
  StageState& state = frame.states[item.stage];
  PreparedStage& prepared = frame.runtime.stages[item.stage];
  if (!may_start(worker, frame, item.stage)) return;
  state.phase = Phase::running;
  state.start = worker.now;
  state.attempts += 1;
  unlock(worker);

  if (worker.attempt == nullptr) worker.attempt = &engine->take_attempt();
  Attempt& attempt = *worker.attempt;
  attempt.bind_local(frame, item.stage, worker);
  attempt.values.resize(prepared.arguments.size());
  std::optional<std::size_t> missing;
  for (std::size_t i = 0; i < prepared.arguments.size(); ++i) {
    const PlainArgument& argument = prepared.arguments[i];
    if (argument.slot == PlainArgument::kConstant) {
      attempt.values[i] = argument.constant;
    } else if (const Value* value = frame.slots[argument.slot]) {
      attempt.values[i] = *value;
    } else {
      missing = i;
    }
  }
  attempt.set_arguments();
  if (!missing) [[likely]] {
    Call* call = &attempt;
    run_body(*prepared.body, std::span(&call, 1));
  } else {
    const Error absent(Code::not_found, "a value it refers to is absent; use default() or has()");
    attempt.finish(std::unexpected(at_argument(frame.plan(), *prepared.planned, *missing, {}, 0, absent)));
  }
  Result<Value> result = attempt.take_result();
  attempt.clear_local();
  worker.now = clock->now();
  if (result && worker.now < frame.deadline && (!prepared.check_output || Type(prepared.output) == lang::type_of(*result)))
      [[likely]] {
    lock(worker);
    settle_output(frame, item.stage, StageStatus::ok, std::move(*result), worker.now);
    return;
  }
  outcome(worker, frame, item.stage, std::move(result), worker.now);
  lock(worker);
}

// Under the section: whether a queued stage may go on; else it has been settled.
bool Run::may_start(Worker& worker, Frame& frame, std::uint32_t stage) {
  if (frame.stopping.load(std::memory_order_relaxed) && !frame.ending) end_frame(frame, kNone, stop_reason(frame), worker.now);
  if (frame.ending) {
    if (begun(frame, stage)) release(frame, stage);
    skip(frame, stage, Why::stopped, kNone, worker.now);
    return false;
  }
  if (const auto& writer = frame.runtime.stages[stage].planned->streams_from; writer && frame.extras[stage].channel.broken) {
    release(frame, stage);
    skip(frame, stage, Why::broken_stream, *writer, worker.now);
    return false;
  }
  if (frame.any_absent) {
    const Plan& plan = frame.plan();
    for (const std::uint32_t need : plan.stages[stage].required) {
      if (frame.slots[plan.first_stage + need] == nullptr && need != plan.stages[stage].streams_from) {
        skip(frame, stage, Why::absent, need, worker.now);
        return false;
      }
    }
  }
  if (worker.now >= frame.deadline) {
    if (frame.states[stage].attempts == 0) frame.states[stage].start = worker.now;
    if (begun(frame, stage)) release(frame, stage);  // it waited for a permit, the store or its next try
    fail_stage(frame, stage, Error(Code::deadline_exceeded, "the run's deadline has passed"), worker.now);
    return false;
  }
  return true;
}

Error Run::stop_reason(const Frame& frame) const {
  if (clock->now() >= frame.deadline) return Error(Code::deadline_exceeded, "the deadline has passed");
  return Error(Code::cancelled, "stopped on request");
}

// Any other stage. Entered and left under the section.
void Run::advance(Worker& worker, Item item) {
  PreparedStage& prepared = item.frame->runtime.stages[item.stage];
  if (batch == 1 || prepared.waits || prepared.planned->streams_from || prepared.emits) {
    if (!may_start(worker, *item.frame, item.stage)) return;
    item.frame->states[item.stage].phase = Phase::running;
    unlock(worker);
    if (Attempt* attempt = prepare(worker, *item.frame, item.stage)) run_bodies(worker, std::span(&attempt, 1));
    lock(worker);
    return;
  }
  std::vector<Item>& group = worker.group;
  group.clear();
  group.push_back(item);
  while (group.size() < batch && !ready_.empty() && ready_.front().stage == item.stage &&
         &ready_.front().frame->runtime == &item.frame->runtime) {
    group.push_back(ready_.pop());
  }
  std::erase_if(group, [&](const Item& each) { return !may_start(worker, *each.frame, each.stage); });
  for (const Item& each : group) each.frame->states[each.stage].phase = Phase::running;
  unlock(worker);
  std::vector<Attempt*> attempts;
  std::vector<Item> mine;
  mine.swap(group);  // a body may drive on below us
  for (const Item& each : mine) {
    if (Attempt* attempt = prepare(worker, *each.frame, each.stage)) attempts.push_back(attempt);
  }
  if (!attempts.empty()) run_bodies(worker, attempts);
  mine.swap(group);
  lock(worker);
}

// Everything before the body. Null pointer: the stage waits for something, or has ended.
Attempt* Run::prepare(Worker& worker, Frame& frame, std::uint32_t stage) {
  StageState& state = frame.states[stage];
  const PreparedStage& prepared = frame.runtime.stages[stage];
  const PlannedStage& planned = *prepared.planned;
  StageExtra& extra = frame.extra(stage);
  if (state.next == Next::items) return next_items(worker, *extra.attempt);
  if (state.next == Next::start) {
    state.start = worker.now;
    if (planned.when) {
      std::optional<Context> limited;
      lang::Frame variables = limited_frame(frame, stage, limited);
      const Result<bool> holds = planned.when->test(variables);
      count_conversion(worker, state);
      if (!holds) {
        const Path start;
        give_up(worker, frame, stage, at_field(frame.plan(), planned, start / "when", variables.fault, holds.error()));
        return nullptr;
      }
      if (!*holds) {
        lock(worker);
        skip(frame, stage, Why::condition, kNone, worker.now);
        unlock(worker);
        return nullptr;
      }
    }
  }
  if (extra.attempt == nullptr) {
    extra.attempt = &engine->take_attempt();
    extra.attempt->bind(frame, stage, prepared.waits);
  }
  Attempt& attempt = *extra.attempt;
  if (planned.cache && state.attempts == 0 && !attempt.flies && !look_up(worker, attempt)) return nullptr;
  if (attempt.kept && take_kept(worker, attempt)) return nullptr;
  if (prepared.limit && !attempt.permit) {
    attempt.permit_since = worker.now;
    lock(worker);
    state.phase = Phase::waiting;
    unlock(worker);
    attempt.permit = prepared.limit->enter(attempt);
    if (!attempt.permit) return nullptr;
    lock(worker);
    state.phase = Phase::running;
    unlock(worker);
  }
  attempt.computing = !prepared.waits;
  state.attempts += 1;
  if (options.observer != nullptr) {
    if (Result<> allowed = options.observer->before_attempt(planned.id, state.attempts); !allowed) {
      outcome(worker, frame, stage, std::unexpected(std::move(allowed).error()), worker.now);
      return nullptr;
    }
  }
  attempt.began = worker.now;
  attempt.deadline = frame.deadline;
  if (planned.timeout) attempt.limit_time(after(worker.now, *planned.timeout));
  lang::Frame variables = expression_frame(frame);
  variables.context = &attempt.context();
  const Result<> evaluated = evaluate_arguments(frame.plan(), planned, variables, attempt.values);
  if (!prepared.plain_arguments) count_conversion(worker, state);
  if (!evaluated && evaluated.error().code() == Code::deadline_exceeded) {
    outcome(worker, frame, stage, std::unexpected(evaluated.error()), worker.now);
    return nullptr;
  }
  if (!evaluated) {
    give_up(worker, frame, stage, evaluated.error());
    return nullptr;
  }
  attempt.set_arguments();
  if (planned.streams_from) return next_items(worker, attempt);
  if (!prepared.waits) return &attempt;
  start_waiting(worker, attempt);
  return nullptr;
}

// Time since the last boundary went into expressions.
void Run::count_conversion(Worker& worker, StageState& state) {
  const Nanos now = clock->now();
  state.conversion += now - worker.now;
  worker.now = now;
}

void Run::run_bodies(Worker& worker, std::span<Attempt* const> attempts) {
  Call* one = attempts.front();
  std::vector<Call*> many;  // stays empty, and so without memory, for one
  if (attempts.size() > 1) many.assign(attempts.begin(), attempts.end());
  const std::span<Call*> calls = many.empty() ? std::span(&one, 1) : std::span(many);
  for (Attempt* attempt : attempts) attempt->worker = &worker;
  Frame& frame = *attempts.front()->frame;
  run_body(*frame.runtime.stages[attempts.front()->stage].body, calls);
  worker.now = clock->now();
  for (Attempt* attempt : attempts) {
    attempt->worker = nullptr;
    if (frame.plan().stages[attempt->stage].streams_from && !attempt->claimed()) {
      items_done(worker, *attempt);
      continue;
    }
    outcome(worker, *attempt->frame, attempt->stage, attempt->take_result(), worker.now);
  }
}

void Run::start_waiting(Worker& worker, Attempt& attempt) {
  Frame& frame = *attempt.frame;
  const std::uint32_t stage = attempt.stage;
  lock(worker);
  frame.states[stage].phase = Phase::waiting;
  attempt.in_body = attempt.in_start = true;
  attempt.starting();
  if (attempt.deadline != kNever && !attempt.timer_set) {
    attempt.timer_set = true;
    attempt.timer = clock->at(attempt.deadline, [held = Held<Attempt>(attempt)] {
      held->hold();
      held->run->push(held->on_time_up);
    });
  }
  const bool stopped = frame.stop_handled;
  attempt.hold();
  unlock(worker);
  if (stopped) attempt.request_stop();
  std::string what;
  CallRef call(attempt);
  attempt.more_begins();  // only now: an older CallRef may go any time
  try {
    if (!attempt.finished()) frame.runtime.stages[stage].body->start(std::move(call));
  } catch (const std::exception& exception) {
    what = exception.what();
  } catch (...) {
    what = "something that is no std::exception";
  }
  if (!what.empty()) attempt.finish(fail(Code::internal, "the stage threw: {}", what));
  attempt.started();
  lock(worker);
  attempt.in_start = false;
  if (std::exchange(attempt.more_seen, false) && frame.extras[stage].attempt == &attempt) items_done_waiting(worker, attempt);
  unlock(worker);
  attempt.drop();
}

// Under the section.
void Run::handle_attempt(Worker& worker, Attempt& attempt, Event::Kind kind) {
  Frame& frame = *attempt.frame;
  const std::uint32_t stage = attempt.stage;
  StageState& state = frame.states[stage];
  if (frame.extras[stage].attempt != &attempt) {  // left behind
    if (kind == Event::Kind::granted && !attempt.awaits_flight)
      later([limit = frame.runtime.stages[stage].limit.get(), owner = frame.owner] { limit->leave(); });
    return;
  }
  switch (kind) {
    case Event::Kind::finished: {
      if (state.phase != Phase::waiting) {  // a reader that ended while it was about to be started again
        attempt.forget_told();
        return;
      }
      frame.extras[stage].reading = false;
      attempt.in_body = false;
      state.phase = Phase::running;
      const Nanos end = attempt.finished_at;
      Result<Value> result = attempt.take_result();
      unlock(worker);
      outcome(worker, frame, stage, std::move(result), end);
      lock(worker);
      return;
    }
    case Event::Kind::time_up: {
      attempt.timer_set = false;
      if (!attempt.in_body || !attempt.take_away()) return;
      attempt.in_body = false;
      state.phase = Phase::running;
      const Nanos end = attempt.deadline;
      Attempt* left_behind = std::exchange(frame.extra(stage).attempt, nullptr);
      const bool permit = std::exchange(left_behind->permit, false);
      drop_resume(*left_behind);
      unlock(worker);
      if (permit) frame.runtime.stages[stage].limit->leave();
      left_behind->request_stop();
      outcome(worker, frame, stage, time_is_up(frame, stage), std::max(end, state.start));
      left_behind->drop();
      lock(worker);
      return;
    }
    case Event::Kind::granted:
      attempt.permit = !std::exchange(attempt.awaits_flight, false);
      [[fallthrough]];
    case Event::Kind::answered:
      frame.extra(stage).held += clock->now() - attempt.permit_since;
      if (frame.ending) {
        release(frame, stage);
        skip(frame, stage, Why::stopped, kNone, clock->now());
        return;
      }
      state.next = Next::permit;
      enqueue(frame, stage, clock->now());
      return;
    case Event::Kind::backoff:
      attempt.timer_set = false;
      state.next = Next::attempt;
      enqueue(frame, stage, clock->now());
      return;
    case Event::Kind::emitted:
      take_outbox(worker, attempt);
      return;
    case Event::Kind::more:
      items_done_waiting(worker, attempt);
      return;
    default:
      return;
  }
}

}  // namespace thalweg
