// One activation of a plan: taken from a pool, bound to a run, given back.
#include <algorithm>
#include <utility>

#include "engine/engine.h"
#include "engine/run.h"

namespace thalweg {

void StageExtra::reset() noexcept {
  error.reset();
  attempt = nullptr;
  channel.reset();
  collected.clear();
  items = 0;
  held = 0;
  because = kNone;
  nested.clear();
  touched = final_error = consumed = reading = false;
}

Frame::Frame(PlanRuntime& plan_runtime) : runtime(plan_runtime) {
  const Plan& of = plan();
  values.resize(of.slots);
  slots.resize(of.slots + of.most_locals);
  fresh.resize(of.stages.size());
  for (std::size_t i = 0; i < fresh.size(); ++i) fresh[i].remaining = runtime.stages[i].remaining;
  states = fresh;
  extras.resize(of.stages.size());
  on_new.frame = on_stopping.frame = on_grace.frame = this;
}

void Frame::open(Run& of, std::shared_ptr<const Plan> plan, Attempt& by, std::move_only_function<void(Result<Value>)> then) {
  run = &of;
  of.hold();
  owner = std::move(plan);
  caller = &by;
  by.hold();
  done = std::move(then);
  hold();  // until it has ended
  hold();  // the event that starts it
  context = by.context().with_stop(source.get_token());
  draw = by.next_draw();
  deadline = context->deadline();
  link.emplace(by.context().stop(), Stopper{this});
}

void Frame::open_root(Run& of, std::shared_ptr<const Plan> plan, Context with) {
  run = &of;
  of.hold();
  owner = std::move(plan);
  hold();
  context.emplace(with.with_stop(source.get_token()));
  deadline = context->deadline();
  outer_stop = with.stop();
}

void Frame::listen() {
  const std::stop_token stop = std::move(outer_stop);
  if (stop.stop_possible()) link.emplace(stop, Stopper{this});
}

void Frame::on_stop() noexcept {
  if (stopping.exchange(true, std::memory_order_acq_rel)) return;
  hold();
  hold();
  source.request_stop();
  run->push(on_stopping);
  drop();
}

void Frame::drop() noexcept {
  if (references.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  link.reset();
  if (caller != nullptr) std::exchange(caller, nullptr)->drop();
  done = nullptr;
  done_root = nullptr;
  result = nullptr;
  told = nullptr;
  context.reset();
  if (stopping.exchange(false, std::memory_order_relaxed) || source.stop_requested()) source = std::stop_source();
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = Value();
  std::ranges::fill(slots, nullptr);
  states = fresh;
  if (any_extra.exchange(false, std::memory_order_relaxed)) {
    for (StageExtra& extra : extras) {
      if (extra.touched) extra.reset();
    }
  }
  error.reset();
  error_stage = kNone;
  draw = 0;
  any_absent = ending = stop_handled = stop_deferred = grace_set = false;
  Run& of = *std::exchange(run, nullptr);
  const std::shared_ptr<const Plan> plan = std::move(owner);  // holds the runtime
  runtime.give_back(*this);
  of.drop();
}

}  // namespace thalweg
