#pragma once
// What all runs of an executor share: clock, threads, pools of runs and attempts.

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "base/cores.h"
#include "engine/attempt.h"
#include "engine/cache.h"
#include "engine/run.h"
#include "thalweg/clock.h"

namespace thalweg {

/// Lives as long as a run or a late call needs it, so possibly longer than the executor. Then it has no threads: who brings a
/// late event works it off.
class Engine : public std::enable_shared_from_this<Engine> {
 public:
  Engine(Clock& clock, CoreBudget budget) : clock(clock), cores(std::move(budget)), threads_wanted_(cores.cores()) {}
  ~Engine();

  [[nodiscard]] Run& take_run();
  void give_back(Run& run) noexcept;
  [[nodiscard]] Attempt& take_attempt();
  void give_back(Attempt& attempt) noexcept;

  /// Lets a pool thread drive the run with its token; holds it meanwhile.
  void post(Run& run);
  /// Lets a pool thread help with a run, on that core; false when the executor is closed.
  [[nodiscard]] bool post_helper(Run& run, CoreBudget::Lease core);
  /// Whether the pool has a thread left for a helper.
  [[nodiscard]] bool has_room() const noexcept { return posted_.load(std::memory_order_relaxed) < threads_wanted_; }

  // Threads at work, for settle().
  void activate() noexcept { active_.fetch_add(1, std::memory_order_relaxed); }
  void deactivate() noexcept;
  void settle();

  void run_begins() noexcept { runs_.fetch_add(1, std::memory_order_relaxed); }
  void run_ended() noexcept;
  /// Waits for all runs, then for the threads.
  void close();

  Clock& clock;
  CoreBudget cores;  ///< its state is shared with all others that compute
  ResultCache cache;

 private:
  struct Job {
    Run* run;
    std::optional<CoreBudget::Lease> core;  ///< a helper's; else the thread gets the token
  };
  void enqueue(Job job);
  void work();

  std::mutex pool_mutex_;
  Run* free_runs_ = nullptr;
  Attempt* free_attempts_ = nullptr;

  std::mutex mutex_;
  std::condition_variable job_come_;
  std::condition_variable quiet_;
  std::vector<Job> jobs_;
  std::vector<std::thread> threads_;
  std::size_t idle_ = 0;
  bool ending_ = false;
  const std::size_t threads_wanted_;
  std::atomic<std::size_t> posted_{0};  // jobs waiting or at work
  std::atomic<std::int64_t> active_{0};
  std::atomic<std::int64_t> runs_{0};
  std::atomic<bool> somebody_waits_{false};
};

}  // namespace thalweg
