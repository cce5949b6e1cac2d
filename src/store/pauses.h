#pragma once
// Waiting between attempts.

#include <condition_variable>
#include <memory>
#include <mutex>

#include "store/driver.h"
#include "thalweg/clock.h"
#include "thalweg/random.h"

namespace thalweg {

/// The pauses of one thread. Only wait() belongs to that thread; the rest is for all.
class Pauses {
 public:
  explicit Pauses(Clock& clock);

  /// Waits before attempt number `attempt` (from 1), longer each time; the first reconnection is made at once.
  void wait(Trouble trouble, unsigned attempt);
  /// Ends the pause that is waited for now, or the next.
  void cut_short() noexcept;
  void forget_cut() noexcept;
  /// No more pauses: the store is closing.
  void close() noexcept;
  [[nodiscard]] bool closed() const noexcept;

 private:
  struct Bell;
  Clock& clock_;
  const std::shared_ptr<Bell> bell_;
  Random random_;
};

}  // namespace thalweg
