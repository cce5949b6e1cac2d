// The threads of a run: the loop, the inbox, sharing, sleeping.
#include "engine/run.h"

#include <utility>

#include "engine/engine.h"

namespace thalweg {

void ReadyQueue::grow() {
  std::vector<Item> larger(items_.size() * 2);
  const std::size_t count = size();
  for (std::size_t i = 0; i < count; ++i) larger[i] = items_[(head_ + i) & (items_.size() - 1)];
  items_.swap(larger);
  head_ = 0;
  tail_ = count;
}

bool ReadyQueue::remove(const Frame& frame, std::uint32_t stage) {
  bool found = false;
  for (std::size_t left = size(); left > 0; --left) {
    const Item item = pop();
    if (!found && item.frame == &frame && item.stage == stage) {
      found = true;
    } else {
      push(item);
    }
  }
  return found;
}

void Run::drop() noexcept {
  if (references_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  options = {};
  batch = 1;
  refused_ = INT64_MIN;
  wanted_.store(0, std::memory_order_relaxed);
  engine->give_back(*this);
}

void Run::lock(Worker& worker) {
  if (shared_.load(std::memory_order_acquire)) {
    mutex_.lock();
    worker.locked = true;
  }
}

void Run::unlock(Worker& worker) noexcept {
  if (later_.empty()) [[likely]] {
    if (worker.locked) {
      worker.locked = false;
      mutex_.unlock();
    }
    return;
  }
  std::vector<std::move_only_function<void()>> actions = std::move(worker.actions);
  actions.swap(later_);
  if (worker.locked) {
    worker.locked = false;
    mutex_.unlock();
  }
  for (auto& action : actions) action();
  actions.clear();
  worker.actions = std::move(actions);
}

void Run::push(Event& event) noexcept {
  Event* head = inbox_.load(std::memory_order_relaxed);
  do {
    event.next = head;
  } while (!inbox_.compare_exchange_weak(head, &event));
  if (wanted_.fetch_add(1) == 0) {
    schedule();
  } else if (sleeping_.load() != 0) {
    notify_sleepers();
  }
}

// The token is free and somebody must take it.
void Run::schedule() noexcept {
  engine->activate();
  {
    const std::lock_guard lock(park_mutex_);
    if (caller_waits_ || sleeping_.load() > 0) {
      offered_ = true;
      wake_sleepers();
      return;
    }
  }
  engine->post(*this);
}

void Run::take_events(Worker& worker) {
  if (inbox_.load(std::memory_order_relaxed) == nullptr) [[likely]]
    return;
  Event* newest = inbox_.exchange(nullptr, std::memory_order_acquire);
  Event* oldest = nullptr;
  while (newest != nullptr) {
    Event* next = newest->next;
    newest->next = oldest;
    oldest = newest;
    newest = next;
  }
  while (oldest != nullptr) {
    Event& event = *oldest;
    oldest = event.next;
    handle(worker, event);
  }
  worker.now = clock->now();
}

// Calls another thread in when the work that waits is worth it and there is a core for it.
void Run::share(Worker& worker) {
  if (!engine->has_room()) return;
  if (ready_cost_ < kWorthSharing && worker.now - crowded_since_ < kWorthSharing) return;
  if (worker.now - kWorthSharing < refused_) return;
  std::optional<CoreBudget::Lease> core = engine->cores.try_lease(1);
  if (!core) {
    refused_ = worker.now;
    return;
  }
  if (!worker.locked) {
    mutex_.lock();
    worker.locked = true;
  }
  shared_.store(true, std::memory_order_release);  // may have been taken back while this thread waited for the lock
  crowded_since_ = worker.now;
  ++workers_;
  engine->activate();
  if (!engine->post_helper(*this, std::move(*core))) {
    --workers_;
    engine->deactivate();
  }
}

void Run::drive(bool token, CoreBudget::Lease core) {
  Worker worker;
  worker.token = token;
  worker.core = std::move(core);
  worker.now = clock->now();
  lock(worker);
  worker.actions.swap(spare_);
  if (token) ++workers_;
  for (;;) {
    const std::uint64_t seen = wanted_.load(std::memory_order_acquire);
    take_events(worker);
    // A helper whose core is wanted elsewhere leaves the rest to the others.
    const bool leaves = !worker.token && workers_ > 1 && engine->cores.overdrawn();
    if (!leaves && !ready_.empty()) {
      const Item item = ready_.pop();
      PreparedStage& prepared = item.frame->runtime.stages[item.stage];
      if (ready_.empty()) {
        ready_cost_ = 0;
      } else {
        ready_cost_ -= prepared.estimate.load(std::memory_order_relaxed);
        share(worker);
      }
      const bool first_try = item.frame->states[item.stage].next == Next::start;
      if (prepared.plain && first_try && options.observer == nullptr && options.trace == nullptr && batch == 1) {
        run_plain(worker, item);
      } else {
        advance(worker, item);
      }
      while (!complete_.empty()) {
        Frame& frame = *complete_.back();
        complete_.pop_back();
        unlock(worker);
        finish_frame(worker, frame);
        lock(worker);
      }
      continue;
    }
    if (!complete_.empty()) {
      Frame& frame = *complete_.back();
      complete_.pop_back();
      unlock(worker);
      finish_frame(worker, frame);
      lock(worker);
      continue;
    }
    if (!later_.empty()) {
      unlock(worker);
      lock(worker);
      continue;
    }
    if (spare_.capacity() == 0) spare_.swap(worker.actions);
    if (--workers_ == 0) shared_.store(false, std::memory_order_release);  // from here on another one may enter without the lock
    if (std::exchange(worker.locked, false)) mutex_.unlock();
    if (!worker.token) break;
    std::uint64_t expected = seen;
    if (wanted_.compare_exchange_strong(expected, 0, std::memory_order_acq_rel)) break;
    worker.now = clock->now();
    lock(worker);
    ++workers_;
  }
  if (worker.attempt != nullptr) engine->give_back(*worker.attempt);
  engine->deactivate();
}

void Run::begin(bool wait_here) {
  caller_waits_ = wait_here;
  wanted_.store(1, std::memory_order_relaxed);
  engine->activate();
}

void Run::drive_to_end(const bool& done) {
  bool token = true;
  for (;;) {
    if (token) drive(true, engine->cores.take_core());
    std::unique_lock lock(park_mutex_);
    park_changed_.wait(lock, [&] { return done || offered_; });
    token = std::exchange(offered_, false);
    if (!token) {
      caller_waits_ = false;
      return;
    }
  }
}

void Run::tell_end(bool& done) {
  const std::lock_guard lock(park_mutex_);
  done = true;
  park_changed_.notify_all();
}

}  // namespace thalweg
