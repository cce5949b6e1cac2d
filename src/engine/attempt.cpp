#include "engine/attempt.h"

#include "engine/engine.h"
#include "engine/fault.h"
#include "engine/run.h"

namespace thalweg {

Attempt::Attempt() {
  for (Event* event : {&on_finished, &on_time_up, &on_backoff, &on_granted, &on_answered, &on_emitted, &on_more})
    event->attempt = this;
}

void Attempt::bind(Frame& for_frame, std::uint32_t for_stage, bool waits) {
  frame = &for_frame;
  run = for_frame.run;
  stage = for_stage;
  computing = !waits;
  context_ = &*for_frame.context;
  deadline = for_frame.deadline;
  for_frame.hold();
  state_.store(0, std::memory_order_relaxed);
  references_.store(1, std::memory_order_relaxed);
  credits = static_cast<std::int64_t>(kCredits);
}

void Attempt::bind_local(Frame& for_frame, std::uint32_t for_stage, Worker& by) noexcept {
  frame = &for_frame;
  run = for_frame.run;
  stage = for_stage;
  computing = true;
  context_ = &*for_frame.context;
  worker = &by;
  state_.store(0, std::memory_order_relaxed);
}

void Attempt::clear_local() noexcept {
  for (Value& value : values) value = Value();
  if (state()) state().reset();
  scratch_frame_ = nullptr;
}

void Attempt::clear() noexcept {
  values.clear();
  arguments_ = {};
  state().reset();
  result_ = Value();
  link_.reset();
  own_context_.reset();
  if (source_ && source_->stop_requested()) source_.reset();
  if (!batch.empty()) batch.clear();
  if (scratch_frame_ != nullptr) scratch_.clear();
  scratch_frame_ = nullptr;
  outbox.clear();
  resume = nullptr;
  last_batch = permit = emitted_pending = in_body = in_start = more_seen = timer_set = flies = awaits_flight = false;
  cache_key = {};
  kept.reset();
  stage_references_.store(0, std::memory_order_relaxed);
  credits = static_cast<std::int64_t>(kCredits);
  evaluations_ = 0;
  opened_.store(0, std::memory_order_relaxed);
  emitted = 0;
  worker = nullptr;
}

void Attempt::drop() noexcept {
  if (references_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  Frame& bound = *frame;
  const std::shared_ptr<Engine> engine = run->engine;
  clear();
  engine->give_back(*this);
  bound.drop();
}

void Attempt::retain() noexcept {
  if ((stage_references_.fetch_add(1, std::memory_order_relaxed) & ~kMore) == 0) hold();
}

void Attempt::release() noexcept {
  const std::uint32_t before = stage_references_.fetch_sub(1, std::memory_order_acq_rel);
  if ((before & ~kMore) != 1) return;
  if (before == 1 && !claimed()) finish(fail(Code::internal, "the stage let go of its call without a result"));
  drop();
}

std::shared_ptr<const void> Attempt::working() {
  run->engine->activate();
  return {run->engine.get(), [engine = run->engine](const void*) { engine->deactivate(); }};
}

void Attempt::finish(Result<Value> result) {
  if ((state_.fetch_or(kClaimed, std::memory_order_acq_rel) & kClaimed) != 0) {
    state_.fetch_or(kMisused, std::memory_order_relaxed);
    return;
  }
  result_ = std::move(result);
  if (computing) {
    state_.fetch_or(kFinished, std::memory_order_relaxed);
    return;
  }
  finished_at = run->clock->now();
  if ((state_.fetch_or(kFinished, std::memory_order_acq_rel) & kStarted) != 0) tell_end();
}

// A reader of a stream is started more than once, and may end between two starts: one event is enough.
void Attempt::tell_end() noexcept {
  if ((state_.fetch_or(kTold, std::memory_order_acq_rel) & kTold) != 0) return;
  hold();
  run->push(on_finished);
}

Result<Value> Attempt::take_result() {
  const std::uint32_t state = state_.load(std::memory_order_acquire);
  if ((state & kMisused) != 0) return fail(Code::internal, "the stage went on after its end (a second result or a late item)");
  if ((state & kFinished) == 0) return fail(Code::internal, "the stage ended without a result");
  return std::move(result_);
}

void Attempt::limit_time(Nanos until) {
  if (!source_) source_.emplace();
  own_context_ = frame->context->with_deadline(until).with_stop(source_->get_token());
  link_.emplace(frame->context->stop(), Stopper{&*source_});
  context_ = &*own_context_;
  deadline = context_->deadline();
}

std::uint64_t Attempt::next_draw() noexcept {
  const std::uint64_t count = opened_.fetch_add(1, std::memory_order_relaxed) + 1;
  return Random(frame->draw ^ ((static_cast<std::uint64_t>(stage) << 32) | count)).next();
}

void Attempt::request_stop() {
  if (own_context_ && source_) source_->request_stop();
}

Result<Value> Attempt::evaluate(std::size_t field, std::span<const Value> locals) {
  const PlannedStage& planned = frame->plan().stages[stage];
  const std::optional<Expression>& expression = planned.expressions[field];
  if (!expression) return fail(Code::internal, "field {} holds no expression", field);
  if (++evaluations_ % 1000 == 0) TRY(context().check());
  lang::Frame& variables = locals_frame(locals);
  Result<Value> value = expression->evaluate(variables);
  if (value) [[likely]]
    return value;
  const Path start;
  const Path with = start / "with";
  const Path path = with / planned.kind->contract.fields[field].name;
  return std::unexpected(at_field(frame->plan(), planned, path, variables.fault, value.error()));
}

lang::Frame& Attempt::locals_frame(std::span<const Value> locals) {
  const Plan& plan = frame->plan();
  if (scratch_frame_ != frame) {
    scratch_.assign(frame->slots.begin(), frame->slots.end());
    scratch_.resize(plan.slots + std::max<std::size_t>(plan.most_locals, locals.size()));
    scratch_frame_ = frame;
  }
  for (std::size_t i = 0; i < locals.size(); ++i) scratch_[plan.slots + i] = &locals[i];
  expression_frame_ = lang::Frame{.slots = scratch_, .context = context_, .now = run->wall_start, .places_faults = true};
  return expression_frame_;
}

void Attempt::nested(std::size_t field, std::vector<Value> locals, std::move_only_function<void(Result<Value>)> done) {
  const PlannedStage& planned = frame->plan().stages[stage];
  std::shared_ptr<const Plan> plan = planned.pipelines[field];
  if (!plan && field < planned.cases.size()) {
    for (std::size_t i = 0; i < planned.cases[field].size(); ++i) {
      const PlannedStage::Case& choice = planned.cases[field][i];
      if (choice.when) {
        lang::Frame& variables = locals_frame(locals);
        Result<bool> holds = choice.when->test(variables);
        if (!holds) {
          const Path start;
          const Path with = start / "with";
          const Path cases = with / planned.kind->contract.fields[field].name;
          const Path item = cases[i];
          return done(std::unexpected(at_field(frame->plan(), planned, item / "when", variables.fault, holds.error())));
        }
        if (!*holds) continue;
      }
      plan = choice.then;
      break;
    }
    if (!plan) return done(Value());
  }
  Frame& child = plan->runtime().take_frame();
  child.open(*run, std::move(plan), *this, std::move(done));
  const Plan& inner = child.plan();
  for (const std::uint32_t slot : inner.captured) child.slots[slot] = frame->slots[slot];
  for (std::size_t i = 0; i < locals.size(); ++i)
    child.give(inner.first_local + static_cast<std::uint32_t>(i), std::move(locals[i]));
  run->push(child.on_new);
}

void Attempt::invoke(std::shared_ptr<const Plan> plan, Value input, std::move_only_function<void(Result<Value>)> done) {
  Result<Value> accepted = accept_input(*plan, std::move(input));
  if (!accepted) return done(std::unexpected(std::move(accepted).error()));
  Frame& child = plan->runtime().take_frame();
  child.open(*run, std::move(plan), *this, std::move(done));
  child.give(0, std::move(*accepted));
  run->push(child.on_new);
}

void Attempt::progress(std::int64_t done, std::int64_t total, std::string_view unit) {
  if (run->options.observer != nullptr) {
    run->options.observer->on_progress(frame->plan().stages[stage].id, done, total, unit);
  }
}

}  // namespace thalweg
