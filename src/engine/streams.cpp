// Streams between stages: channels with credits. A reader is run with what has come since; a writer that computes runs its
// readers when their channels are full, one that waits is told when there is room.
#include <algorithm>

#include "engine/engine.h"
#include "engine/run.h"

namespace thalweg {

// Under the section: hands an item to all readers.
void Run::deliver(Frame& frame, std::uint32_t stage, Value item, Nanos now) {
  const PreparedStage& prepared = frame.runtime.stages[stage];
  StageExtra& extra = frame.extra(stage);
  ++extra.items;
  if (options.observer != nullptr) {
    later([observer = options.observer, id = std::string_view(prepared.planned->id), item] { observer->on_item(id, item); });
  }
  for (const std::uint32_t reader : prepared.readers) {
    Channel& channel = frame.extra(reader).channel;
    if (channel.closed) continue;
    channel.items.push_back(item);
    wake_reader(frame, reader, stage, now);
  }
  if (prepared.collects) extra.collected.push_back(std::move(item));
}

void Run::wake_reader(Frame& frame, std::uint32_t reader, std::uint32_t writer, Nanos now) {
  StageState& state = frame.states[reader];
  StageExtra& extra = frame.extra(reader);
  if (state.phase == Phase::idle && state.remaining == 0) {
    make_ready(frame, reader, now, writer);
  } else if (extra.reading) {
    extra.reading = false;
    state.next = Next::items;
    enqueue(frame, reader, now);
  }
}

void Run::end_stream(Frame& frame, std::uint32_t stage, Nanos now) {
  const StageStatus status = frame.states[stage].status;
  for (const std::uint32_t reader : frame.runtime.stages[stage].readers) {
    Channel& channel = frame.extra(reader).channel;
    channel.ended = true;
    if (channel.closed) continue;
    channel.broken = status != StageStatus::ok && status != StageStatus::cached && status != StageStatus::fell_back;
    if (!frame.ending) wake_reader(frame, reader, stage, now);
  }
}

// Outside the section: gives the reader what has come. The attempt to run, or null pointer when it is a waiting one (started).
Attempt* Run::next_items(Worker& worker, Attempt& attempt) {
  Frame& frame = *attempt.frame;
  lock(worker);
  Channel& channel = frame.extra(attempt.stage).channel;
  attempt.batch.clear();
  attempt.batch.swap(channel.items);
  attempt.last_batch = channel.ended;
  channel.busy = true;
  if (!attempt.batch.empty()) frame.extra(attempt.stage).consumed = true;
  frame.states[attempt.stage].phase = Phase::running;
  room_made(frame, *frame.plan().stages[attempt.stage].streams_from);
  unlock(worker);
  if (attempt.computing) return &attempt;
  start_waiting(worker, attempt);
  return nullptr;
}

// Outside the section: a computing reader has worked its items off, and wants more.
void Run::items_done(Worker& worker, Attempt& attempt) {
  Frame& frame = *attempt.frame;
  if (attempt.last_batch) {
    outcome(worker, frame, attempt.stage, fail(Code::internal, "its stream has ended, but the stage gave no result"), worker.now);
    return;
  }
  lock(worker);
  await_items(frame, attempt, worker.now);
  unlock(worker);
}

// Under the section: more items, or a pause until some come.
void Run::await_items(Frame& frame, Attempt& attempt, Nanos now) {
  const std::uint32_t stage = attempt.stage;
  StageExtra& extra = frame.extra(stage);
  StageState& state = frame.states[stage];
  extra.channel.busy = false;
  attempt.in_body = false;
  state.phase = Phase::waiting;
  if (frame.ending) {
    release(frame, stage);
    skip(frame, stage, Why::stopped, kNone, now);
  } else if (!extra.channel.items.empty() || extra.channel.ended) {
    state.next = Next::items;
    enqueue(frame, stage, now);
  } else {
    extra.reading = true;
  }
  notify_sleepers();
}

// Under the section: a waiting reader has called more().
void Run::items_done_waiting(Worker& worker, Attempt& attempt) {
  if (attempt.in_start) {
    attempt.more_seen = true;
    return;
  }
  if (attempt.claimed()) return;  // it has finished since
  Frame& frame = *attempt.frame;
  if (attempt.last_batch) {
    if (!attempt.take_away()) return;
    unlock(worker);
    outcome(worker, frame, attempt.stage, fail(Code::internal, "its stream has ended, but the stage asked for more"),
            clock->now());
    lock(worker);
    return;
  }
  await_items(frame, attempt, clock->now());
}

// Under the section: what a waiting writer may still send.
void Run::room_made(Frame& frame, std::uint32_t writer) {
  Attempt* attempt = frame.extra(writer).attempt;
  if (attempt != nullptr && !attempt->computing && !frame.ending) {
    const std::size_t used = fullest(frame, writer);
    const std::lock_guard guard(attempt->outbox_mutex);
    attempt->credits = static_cast<std::int64_t>(kCredits) - static_cast<std::int64_t>(used + attempt->outbox.size());
    if (attempt->credits > 0 && attempt->resume) later(std::exchange(attempt->resume, nullptr));
  }
  notify_sleepers();
}

// Under the section: the frame is ending. Nothing is delivered any more; a writer that waits for room is called once more, so
// that it sees the stop, but gets no room.
void Run::stop_streams(Frame& frame) {
  for (std::uint32_t reader = 0; reader < frame.states.size(); ++reader) {
    const auto& writer = frame.plan().stages[reader].streams_from;
    if (!writer) continue;
    frame.extra(reader).channel.closed = true;
    Attempt* attempt = frame.extra(*writer).attempt;
    if (attempt == nullptr || attempt->computing) continue;
    const std::lock_guard guard(attempt->outbox_mutex);
    attempt->credits = 0;
    if (attempt->resume) later(std::exchange(attempt->resume, nullptr));
  }
  notify_sleepers();
}

// Under the section: what waits for room holds the call; without this an attempt left behind would keep itself alive.
void Run::drop_resume(Attempt& attempt) {
  if (attempt.computing) return;
  const std::lock_guard guard(attempt.outbox_mutex);
  if (attempt.resume) later([gone = std::move(attempt.resume)] {});
  attempt.resume = nullptr;
}

std::size_t Run::fullest(Frame& frame, std::uint32_t writer) {
  std::size_t most = 0;
  for (const std::uint32_t reader : frame.runtime.stages[writer].readers) {
    const Channel& channel = frame.extra(reader).channel;
    if (frame.runtime.stages[reader].bounded && !channel.closed) most = std::max(most, channel.items.size());
  }
  return most;
}

// Under the section: items of a waiting writer have come.
void Run::take_outbox(Worker& worker, Attempt& attempt) {
  std::vector<Value> items;
  {
    const std::lock_guard guard(attempt.outbox_mutex);
    items.swap(attempt.outbox);
    attempt.emitted_pending = false;
  }
  const Nanos now = clock->now();
  for (Value& item : items) deliver(*attempt.frame, attempt.stage, std::move(item), now);
  room_made(*attempt.frame, attempt.stage);
  worker.now = now;
}

// Outside the section, inside a computing writer's body.
bool Run::emit_computing(Worker& worker, Attempt& attempt, Value item) {
  Frame& frame = *attempt.frame;
  worker.now = clock->now();
  lock(worker);
  deliver(frame, attempt.stage, std::move(item), worker.now);
  for (const std::uint32_t reader : frame.runtime.stages[attempt.stage].readers) {
    if (frame.runtime.stages[reader].bounded) make_room(worker, frame, reader);
  }
  const bool room = fullest(frame, attempt.stage) < kCredits;
  unlock(worker);
  return room;
}

// Runs the reader here and now, or waits for the thread or the outside event that works its items off.
void Run::make_room(Worker& worker, Frame& frame, std::uint32_t reader) {
  Channel& channel = frame.extra(reader).channel;
  StageState& state = frame.states[reader];
  while (channel.items.size() >= kCredits && !channel.closed && !frame.ending &&
         !frame.stopping.load(std::memory_order_relaxed)) {
    if (state.phase == Phase::queued) {
      if (ready_.remove(frame, reader)) advance(worker, {&frame, reader});
      continue;
    }
    if (state.phase == Phase::idle) return;  // it still waits for something else
    sleep(worker);
    take_events(worker);
  }
}

// Under the section; until something changed that may make room. The token is kept, so push() wakes this thread.
void Run::sleep(Worker& worker) {
  std::uint64_t epoch = 0;
  {  // Counted before the section is left, so that no room made from then on goes unnoticed.
    const std::lock_guard guard(park_mutex_);
    sleeping_.fetch_add(1);
    epoch = epoch_;
  }
  unlock(worker);
  {
    std::unique_lock guard(park_mutex_);
    if (epoch_ == epoch && inbox_.load() != nullptr && worker.token) {
      sleeping_.fetch_sub(1);
    } else {
      engine->deactivate();
      worker.core = {};
      park_changed_.wait(guard, [&] { return epoch_ != epoch; });
      worker.core = engine->cores.take_core();
      if (!worker.token && offered_) {
        offered_ = false;
        worker.token = true;
        engine->deactivate();  // counted once for the token, once for waking up
      }
    }
  }
  lock(worker);
}

void Run::notify_sleepers() noexcept {
  if (sleeping_.load() == 0) return;
  const std::lock_guard guard(park_mutex_);
  wake_sleepers();
}

void Run::wake_sleepers() noexcept {
  for (std::uint32_t count = sleeping_.exchange(0); count > 0; --count) engine->activate();
  ++epoch_;
  park_changed_.notify_all();
}

bool Attempt::emit(Value item) {
  if (claimed()) {
    state_.fetch_or(kMisused, std::memory_order_relaxed);
    return false;
  }
  if (computing) return run->emit_computing(*worker, *this, std::move(item));
  bool tell = false;
  bool room = false;
  {
    const std::lock_guard guard(outbox_mutex);
    outbox.push_back(std::move(item));
    room = --credits > 0;
    tell = !std::exchange(emitted_pending, true);
  }
  if (tell) {
    hold();
    run->push(on_emitted);
  }
  return room;
}

void Attempt::when_room(std::move_only_function<void()> then) {
  {
    const std::lock_guard guard(outbox_mutex);
    if (claimed()) return;  // nothing it does counts any more
    if (credits <= 0) {
      resume = std::move(then);
      return;
    }
  }
  then();
}

void Attempt::more() {
  if (computing || claimed() || !frame->plan().stages[stage].streams_from) return;
  if ((stage_references_.fetch_or(kMore, std::memory_order_acq_rel) & kMore) != 0) return;
  hold();
  run->push(on_more);
}

}  // namespace thalweg
