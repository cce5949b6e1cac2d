#pragma once
// The timers of a clock in order of their time; not thread-safe, and it runs nothing itself.

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "thalweg/clock.h"

namespace thalweg {

/// A binary heap whose entries can be removed by id: setting, cancelling and taking cost O(log n) and, once warm, no allocation.
/// Timers of the same instant come out in the order they were set.
class TimerQueue {
 public:
  using Callback = std::move_only_function<void()>;

  TimerId add(Nanos when, Callback callback);
  /// The callback of a timer that is still waiting; nothing when it is gone.
  std::optional<Callback> remove(TimerId id);
  /// The time of the earliest timer; kNever when there is none.
  [[nodiscard]] Nanos next() const noexcept { return heap_.empty() ? kNever : heap_.front().when; }
  [[nodiscard]] bool empty() const noexcept { return heap_.empty(); }
  /// Takes out the earliest timer. Precondition: not empty.
  Callback take();

 private:
  struct Waiting {
    Nanos when;
    std::uint64_t order;
    std::uint32_t slot;
    [[nodiscard]] bool before(const Waiting& other) const noexcept {
      return when != other.when ? when < other.when : order < other.order;
    }
  };
  struct Slot {
    Callback callback;
    std::uint32_t generation = 1;  // tells a slot's present timer from those that had it before
    std::uint32_t place = 0;       // in the heap
  };

  Callback erase(std::uint32_t place);
  void put(std::uint32_t place, const Waiting& waiting) noexcept;
  void rise(std::uint32_t place) noexcept;
  void sink(std::uint32_t place) noexcept;

  std::vector<Waiting> heap_;
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_;
  std::uint64_t order_ = 0;
};

}  // namespace thalweg
