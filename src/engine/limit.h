#pragma once
// The field `concurrency`: at most so many calls of a stage at once, over all runs of its plan.

#include <cstdint>
#include <mutex>
#include <vector>

namespace thalweg {

class Attempt;

/// Permits, handed out in the order they were asked for. Thread-safe.
class Limit {
 public:
  explicit Limit(std::uint32_t permits) : free_(permits) {}
  /// True: goes on at once. False: `attempt` (held until then) is granted one later, by its event.
  [[nodiscard]] bool enter(Attempt& attempt);
  /// Gives a permit back, to the one that has waited longest.
  void leave();
  /// True when the attempt was still waiting, and does no more.
  [[nodiscard]] bool cancel(Attempt& attempt);

 private:
  std::mutex mutex_;
  std::uint32_t free_;
  std::vector<Attempt*> waiting_;
};

}  // namespace thalweg
