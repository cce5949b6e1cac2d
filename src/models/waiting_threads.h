#pragma once
// Threads for what loads or waits, apart from those that compute.

#include <functional>
#include <memory>

namespace thalweg::models {

/// A few threads, started when they are needed, ended when idle at the end. What was begun or queued is done before they end.
class WaitingThreads {
 public:
  explicit WaitingThreads(std::size_t most);
  WaitingThreads(const WaitingThreads&) = delete;
  WaitingThreads& operator=(const WaitingThreads&) = delete;
  /// Waits for all but the thread it is called from: the last owner may be a job of its own.
  ~WaitingThreads();
  /// Waits for all that was posted, whoever owns what it works on. From one of these threads: for the others.
  void finish();
  void post(std::move_only_function<void()> job);

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace thalweg::models
