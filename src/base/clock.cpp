#include "thalweg/clock.h"

#include <sys/prctl.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <ctime>
#include <mutex>
#include <thread>

#include "base/timer_queue.h"

namespace thalweg {

namespace {

Nanos read_clock(clockid_t clock) noexcept {
  timespec time{};
  clock_gettime(clock, &time);
  return time.tv_sec * kSecond + time.tv_nsec;
}

class SystemClock final : public Clock {
 public:
  ~SystemClock() override {
    {
      const std::lock_guard lock(mutex_);
      ending_ = true;
    }
    changed_.notify_one();
    if (thread_.joinable()) thread_.join();
  }

  Nanos now() const noexcept override { return read_clock(CLOCK_MONOTONIC); }
  Nanos wall() const noexcept override { return read_clock(CLOCK_REALTIME); }

  TimerId at(Nanos when, std::move_only_function<void()> callback) override {
    const std::lock_guard lock(mutex_);
    const bool first = timers_.empty() || when < timers_.next();
    const TimerId id = timers_.add(when, std::move(callback));
    if (!thread_.joinable()) {
      thread_ = std::thread([this] { run(); });
    } else if (first) {
      changed_.notify_one();
    }
    return id;
  }

  bool cancel(TimerId id) override {
    std::optional<TimerQueue::Callback> removed;  // destroyed after the lock: what it holds may call this clock again
    const std::lock_guard lock(mutex_);
    removed = timers_.remove(id);
    return removed.has_value();
  }

 private:
  void run() {
    prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);  // else the kernel adds up to 50 us to every wait
    std::unique_lock lock(mutex_);
    while (!ending_) {
      const Nanos next = timers_.next();
      if (next == kNever) {
        changed_.wait(lock);
      } else if (now() < next) {
        // libstdc++'s steady clock is CLOCK_MONOTONIC, the clock of now().
        changed_.wait_until(lock, std::chrono::steady_clock::time_point(std::chrono::nanoseconds(next)));
      } else {
        TimerQueue::Callback due = timers_.take();
        lock.unlock();
        due();
        due = nullptr;
        lock.lock();
      }
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  TimerQueue timers_;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace

std::unique_ptr<Clock> make_system_clock() { return std::make_unique<SystemClock>(); }

struct VirtualClock::State {
  std::mutex mutex;
  TimerQueue timers;
  std::atomic<Nanos> now{0};
  Nanos wall_start;
};

VirtualClock::VirtualClock(Nanos wall_start) : state_(std::make_unique<State>()) { state_->wall_start = wall_start; }
VirtualClock::~VirtualClock() = default;

Nanos VirtualClock::now() const noexcept { return state_->now.load(std::memory_order_acquire); }
Nanos VirtualClock::wall() const noexcept { return state_->wall_start + now(); }

TimerId VirtualClock::at(Nanos when, std::move_only_function<void()> callback) {
  const std::lock_guard lock(state_->mutex);
  return state_->timers.add(when, std::move(callback));
}

bool VirtualClock::cancel(TimerId id) {
  std::optional<TimerQueue::Callback> removed;
  const std::lock_guard lock(state_->mutex);
  removed = state_->timers.remove(id);
  return removed.has_value();
}

void VirtualClock::advance(Nanos by) {
  const Nanos target = now() + by;
  while (run_next(target)) {
  }
  const std::lock_guard lock(state_->mutex);
  state_->now.store(std::max(now(), target), std::memory_order_release);
}

bool VirtualClock::step() { return run_next(kNever - 1); }

bool VirtualClock::run_next(Nanos until) {
  std::unique_lock lock(state_->mutex);
  if (state_->timers.next() > until) return false;
  state_->now.store(std::max(now(), state_->timers.next()), std::memory_order_release);
  TimerQueue::Callback due = state_->timers.take();
  lock.unlock();
  due();
  return true;
}

}  // namespace thalweg
