#include "base/timer_queue.h"

#include <utility>

namespace thalweg {

TimerId TimerQueue::add(Nanos when, Callback callback) {
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(slots_.size()));
    slots_.emplace_back();
  }
  const std::uint32_t slot = free_.back();
  free_.pop_back();
  slots_[slot].callback = std::move(callback);
  const auto place = static_cast<std::uint32_t>(heap_.size());
  heap_.push_back({when, ++order_, slot});
  slots_[slot].place = place;
  rise(place);
  return (static_cast<TimerId>(slots_[slot].generation) << 32) | slot;
}

std::optional<TimerQueue::Callback> TimerQueue::remove(TimerId id) {
  const auto slot = static_cast<std::uint32_t>(id);
  if (slot >= slots_.size() || slots_[slot].generation != id >> 32) return std::nullopt;
  return erase(slots_[slot].place);
}

TimerQueue::Callback TimerQueue::take() { return erase(0); }

TimerQueue::Callback TimerQueue::erase(std::uint32_t place) {
  const std::uint32_t slot = heap_[place].slot;
  const Waiting last = heap_.back();
  heap_.pop_back();
  if (place < heap_.size()) {
    put(place, last);
    rise(place);
    sink(slots_[last.slot].place);
  }
  ++slots_[slot].generation;
  free_.push_back(slot);
  return std::exchange(slots_[slot].callback, nullptr);
}

void TimerQueue::put(std::uint32_t place, const Waiting& waiting) noexcept {
  heap_[place] = waiting;
  slots_[waiting.slot].place = place;
}

void TimerQueue::rise(std::uint32_t place) noexcept {
  const Waiting moving = heap_[place];
  while (place > 0) {
    const std::uint32_t parent = (place - 1) / 2;
    if (!moving.before(heap_[parent])) break;
    put(place, heap_[parent]);
    place = parent;
  }
  put(place, moving);
}

void TimerQueue::sink(std::uint32_t place) noexcept {
  const Waiting moving = heap_[place];
  const auto size = static_cast<std::uint32_t>(heap_.size());
  for (std::uint32_t child = 2 * place + 1; child < size; child = 2 * place + 1) {
    if (child + 1 < size && heap_[child + 1].before(heap_[child])) ++child;
    if (!heap_[child].before(moving)) break;
    put(place, heap_[child]);
    place = child;
  }
  put(place, moving);
}

}  // namespace thalweg
