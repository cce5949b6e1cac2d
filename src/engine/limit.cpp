#include "engine/limit.h"

#include <algorithm>

#include "engine/run.h"

namespace thalweg {

bool Limit::enter(Attempt& attempt) {
  const std::lock_guard lock(mutex_);
  if (free_ > 0) {
    --free_;
    return true;
  }
  attempt.hold();
  waiting_.push_back(&attempt);
  return false;
}

void Limit::leave() {
  Attempt* next = nullptr;
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.empty()) {
      ++free_;
      return;
    }
    next = waiting_.front();
    waiting_.erase(waiting_.begin());
  }
  next->run->push(next->on_granted);
}

bool Limit::cancel(Attempt& attempt) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = std::ranges::find(waiting_, &attempt);
    if (found == waiting_.end()) return false;
    waiting_.erase(found);
  }
  attempt.drop();
  return true;
}

}  // namespace thalweg
