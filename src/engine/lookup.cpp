// The field `cache`: what happens before a stage is run, in memory and in the store of results.
#include <utility>

#include "engine/engine.h"
#include "engine/evaluate.h"
#include "engine/fault.h"
#include "engine/run.h"

namespace thalweg {

// What the result is kept under: what the stage is given, unless the definition says otherwise.
Result<Value> Run::cache_key(const Frame& frame, std::uint32_t stage, Attempt& attempt) const {
  const PlannedStage& planned = frame.plan().stages[stage];
  std::optional<Context> limited;
  lang::Frame variables = limited_frame(frame, stage, limited);
  if (planned.cache->key) {
    Result<Value> key = planned.cache->key->evaluate(variables);
    if (key) return key;
    const Path start;
    const Path cache = start / "cache";
    return std::unexpected(at_field(frame.plan(), planned, cache / "key", variables.fault, key.error()));
  }
  TRY(evaluate_arguments(frame.plan(), planned, variables, attempt.values));
  std::vector<Value> given = attempt.values;
  for (const std::uint32_t slot : planned.captured) {
    const Value* value = frame.slots[slot];
    given.push_back(value == nullptr ? Value::list() : Value::list({*value}));
  }
  if (Value more = TRY(planned.body->depends_on(attempt.values)); !more.is_null()) given.push_back(std::move(more));
  return Value::list(std::move(given));
}

// Whether the stage must be run: its result is not in the cache, and nobody else is about to put it there.
bool Run::look_up(Worker& worker, Attempt& attempt) {
  Frame& frame = *attempt.frame;
  const std::uint32_t stage = attempt.stage;
  Result<Value> key = cache_key(frame, stage, attempt);
  count_conversion(worker, frame.states[stage]);
  if (!key) {
    give_up(worker, frame, stage, std::move(key).error());
    return false;
  }
  attempt.cache_key = {frame.plan().stages[stage].fingerprint, std::move(*key)};
  attempt.permit_since = worker.now;
  lock(worker);
  frame.states[stage].phase = Phase::waiting;
  attempt.awaits_flight = true;
  unlock(worker);
  Value result;
  const ResultCache::Answer answer = engine->cache.find(attempt.cache_key, worker.now, attempt, result);
  if (answer == ResultCache::Answer::wait) return false;
  lock(worker);
  attempt.awaits_flight = false;
  attempt.flies = answer == ResultCache::Answer::lead;
  if (attempt.flies && options.results != nullptr) {  // no thread waits for the store: its answer is an event
    const Context context = *frame.context;
    const ResultKey asked = attempt.cache_key;  // the attempt may be given up while the store looks at it
    Held<Attempt> held(attempt);                // under the section: another one may end the stage as soon as it is left
    unlock(worker);
    options.results->get(context, asked, [held = std::move(held)](std::optional<ResultStore::Kept> kept) {
      held->kept = std::move(kept);
      held->hold();
      held->run->push(held->on_answered);
    });
    return false;
  }
  frame.states[stage].phase = Phase::running;
  if (answer == ResultCache::Answer::hit) {
    release(frame, stage);
    settle_output(frame, stage, StageStatus::cached, std::move(result), worker.now);
  }
  unlock(worker);
  return answer == ResultCache::Answer::lead;
}

// Ends the stage with the result that the store had. False when it does not fit the stage: then it must be run.
bool Run::take_kept(Worker& worker, Attempt& attempt) {
  Frame& frame = *attempt.frame;
  const std::uint32_t stage = attempt.stage;
  ResultStore::Kept kept = *std::exchange(attempt.kept, std::nullopt);
  const PreparedStage& prepared = frame.runtime.stages[stage];
  if (prepared.check_output && !fit(prepared.planned->output, kept.result)) return false;
  lock(worker);
  attempt.flies = false;
  later([engine = engine.get(), key = std::move(attempt.cache_key), value = kept.result,
         expires = kept.left > kNever - worker.now ? kNever : worker.now + kept.left] {
    engine->cache.land(key, &value, expires);
  });
  release(frame, stage);
  settle_output(frame, stage, StageStatus::cached, std::move(kept.result), worker.now);
  unlock(worker);
  return true;
}

}  // namespace thalweg
