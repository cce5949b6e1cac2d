// What follows from an attempt's end: retries, fallbacks, the stage's result or failure.
#include <algorithm>

#include "engine/backoff.h"
#include "engine/engine.h"
#include "engine/evaluate.h"
#include "engine/fault.h"
#include "engine/run.h"
#include "engine/trace.h"

namespace thalweg {

namespace {

std::string in_words(Nanos time) {
  if (time >= kSecond) return fmt::format("{} s", static_cast<double>(time) / kSecond);
  if (time >= kMillisecond) return fmt::format("{} ms", static_cast<double>(time) / kMillisecond);
  return fmt::format("{} ns", time);
}

}  // namespace

Result<Value> Run::time_is_up(const Frame& frame, std::uint32_t stage) const {
  const PlannedStage& planned = frame.plan().stages[stage];
  if (planned.timeout && clock->now() < frame.deadline) {
    return fail(Code::deadline_exceeded, "not ready within its timeout of {}", in_words(*planned.timeout));
  }
  return fail(Code::deadline_exceeded, "not ready when the run's deadline passed");
}

// A failure that no retry mends.
void Run::give_up(Worker& worker, Frame& frame, std::uint32_t stage, Error error) {
  if (error.code() == Code::deadline_exceeded) error = time_is_up(frame, stage).error();
  frame.extra(stage).final_error = true;
  outcome(worker, frame, stage, std::unexpected(std::move(error)), worker.now);
}

// Outside the section: an attempt has ended.
void Run::outcome(Worker& worker, Frame& frame, std::uint32_t stage, Result<Value> result, Nanos end) {
  const PreparedStage& prepared = frame.runtime.stages[stage];
  const PlannedStage& planned = *prepared.planned;
  StageExtra& extra = frame.extra(stage);
  const Nanos deadline = extra.attempt != nullptr ? extra.attempt->deadline : frame.deadline;
  // Whatever the stage says of a time that was up: the report tells which.
  const bool late = end >= deadline && (result || result.error().code() == Code::deadline_exceeded);
  if (late) result = time_is_up(frame, stage);
  if (result && prepared.check_output) {
    if (Result<> fits = fit(planned.output, *result); !fits) {
      result = fail(Code::internal, "the stage gave a result of the wrong type: {}", fits.error().message());
    }
  }
  if (options.trace != nullptr) trace_attempt(frame, stage, end, result);
  if (!result && try_again(worker, frame, stage, result.error(), end)) return;

  // A stage that was told to stop has not failed.
  const bool stopped =
      !result && result.error().code() == Code::cancelled && (frame.stopping.load() || frame.source.stop_requested());
  std::optional<Value> instead;
  if (!result && planned.on_failure.value && !stopped) {
    lang::Frame variables = expression_frame(frame);
    Trail trail;
    Result<Value> value = evaluate_argument(*planned.on_failure.value, variables, trail);
    if (value) {
      instead = std::move(*value);
    } else {
      const Path start;
      const Path policy = start / "on_failure";
      const Path fallback = policy / "fallback";
      const Error placed = at_field(frame.plan(), planned, fallback / "value", variables.fault, value.error());
      result = std::unexpected(placed.because(result.error()));
    }
  }
  lock(worker);
  if (result && prepared.emits) result = Value::list(std::move(extra.collected));
  if (result && extra.attempt != nullptr && std::exchange(extra.attempt->flies, false)) {
    const Nanos ttl = planned.cache->ttl;
    later([engine = engine.get(), store = options.results, key = std::move(extra.attempt->cache_key), value = *result, ttl,
           expires = ttl == kNever ? kNever : end + ttl] {
      engine->cache.land(key, &value, expires);
      if (store != nullptr) store->put(key, value, ttl);
    });
  }
  release(frame, stage);
  if (result) {
    settle_output(frame, stage, StageStatus::ok, std::move(*result), end);
  } else if (instead) {
    extra.error = result.error().at(planned.id);
    settle_output(frame, stage, StageStatus::fell_back, std::move(*instead), end);
  } else {
    fail_stage(frame, stage, std::move(result).error(), end);
  }
  unlock(worker);
}

// Sets the timer for the next try when the policy and the deadline allow one.
bool Run::try_again(Worker& worker, Frame& frame, std::uint32_t stage, const Error& error, Nanos end) {
  StageState& state = frame.states[stage];
  const PreparedStage& prepared = frame.runtime.stages[stage];
  const Retry& retry = prepared.planned->retry;
  StageExtra& extra = frame.extra(stage);
  if (state.attempts > retry.retries || extra.final_error || extra.items > 0 || extra.consumed || frame.stopping.load())
    return false;
  if (std::ranges::find(retry.on, error.code()) == retry.on.end()) return false;
  const std::uint64_t stream = frame.draw ^ ((static_cast<std::uint64_t>(stage) << 32) | state.attempts);
  const double chance = retry.jitter > 0 ? frame.context->random(stream).uniform() : 0.5;
  const Nanos pause = pause_before_retry(retry, state.attempts, chance);
  const Nanos at = after(end, pause);
  if (frame.deadline != kNever && at >= frame.deadline) return false;
  lock(worker);
  if (frame.ending) {
    unlock(worker);
    return false;
  }
  Attempt* last = extra.attempt;
  if (last == nullptr || prepared.waits) {
    // A stage that waits may still hold its last call: that is left behind, and what comes of it is not taken for the next one's.
    Attempt& fresh = engine->take_attempt();
    fresh.bind(frame, stage, prepared.waits);
    if (last != nullptr) {
      fresh.flies = std::exchange(last->flies, false);
      fresh.cache_key = std::move(last->cache_key);
      release(frame, stage);
    }
    extra.attempt = &fresh;
  }
  Attempt& next = *extra.attempt;
  if (std::exchange(next.permit, false)) later([limit = prepared.limit.get(), owner = frame.owner] { limit->leave(); });
  next.reopen();
  state.phase = Phase::waiting;
  next.timer_set = true;
  next.timer = clock->at(at, [held = Held<Attempt>(next)] {
    held->hold();
    held->run->push(held->on_backoff);
  });
  unlock(worker);
  return true;
}

}  // namespace thalweg
