#include "store/pauses.h"

#include <algorithm>

namespace thalweg {

// Shared with the timers, which may outlive the thread by a moment.
struct Pauses::Bell {
  std::mutex mutex;
  std::condition_variable changed;
  bool rung = false;
  bool closed = false;

  void ring() {
    {
      const std::lock_guard lock(mutex);
      rung = true;
    }
    changed.notify_all();
  }
};

Pauses::Pauses(Clock& clock)
    : clock_(clock), bell_(std::make_shared<Bell>()), random_(static_cast<std::uint64_t>(clock.wall())) {}

void Pauses::wait(Trouble trouble, unsigned attempt) {
  if (trouble == Trouble::lost && attempt == 1) return;
  // Doubling from 1 ms up to 64 ms for locks (SQLite cannot tell when another process gives one back), from 50 ms up to 1.6 s for
  // a server; each shortened by up to half, so that processes do not meet again and again.
  const unsigned doublings = std::min(attempt, trouble == Trouble::lost ? 6U : 7U) - 1;
  const Nanos longest = (trouble == Trouble::lost ? 50 * kMillisecond : kMillisecond) << doublings;
  const Nanos time = longest - static_cast<Nanos>(random_.below(static_cast<std::uint64_t>(longest) / 2));
  const TimerId timer = clock_.at(clock_.now() + time, [bell = bell_] { bell->ring(); });
  {
    std::unique_lock lock(bell_->mutex);
    bell_->changed.wait(lock, [this] { return bell_->rung || bell_->closed; });
    bell_->rung = false;
  }
  clock_.cancel(timer);
}

void Pauses::cut_short() noexcept { bell_->ring(); }

void Pauses::forget_cut() noexcept {
  const std::lock_guard lock(bell_->mutex);
  bell_->rung = false;
}

void Pauses::close() noexcept {
  {
    const std::lock_guard lock(bell_->mutex);
    bell_->closed = true;
  }
  bell_->changed.notify_all();
}

bool Pauses::closed() const noexcept {
  const std::lock_guard lock(bell_->mutex);
  return bell_->closed;
}

}  // namespace thalweg
