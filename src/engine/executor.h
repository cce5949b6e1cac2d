#pragma once
// Runs plans.

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "engine/plan.h"
#include "thalweg/context.h"
#include "thalweg/report.h"

namespace thalweg {

struct RunResult {
  Result<Value> output;
  Report report;
};

/// Sees a run as it goes: for progress bars, streamed answers, tests with injected faults. Called from the engine's threads.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void on_progress(std::string_view stage, std::int64_t done, std::int64_t total, std::string_view unit);
  virtual void on_item(std::string_view stage, const Value& item);
  /// Before an attempt: an error returned here stands for the stage's own (fault injection).
  virtual Result<> before_attempt(std::string_view stage, std::uint32_t attempt);
};

class ResultStore;
class Trace;

struct RunOptions {
  Observer* observer = nullptr;
  Trace* trace = nullptr;          ///< gets every attempt of every stage
  ResultStore* results = nullptr;  ///< keeps results of stages with `cache`; must outlive the executor
};

/// Executes plans on a pool of threads. Thread-safe. The calling thread works along in run().
///
/// Every run has one thread while it has something to do, and takes a core of the budget for it, free or not. A further thread
/// helps only on a core that is free, and gives it back when nothing is left for it or, between two stages, when the budget is
/// overdrawn.
///
/// Stages are taken in the plan's order; ready computing stages are shared with other threads only when that is worth the
/// wake-up. When several stages fail, the error is that of the first of them in the plan's order among those that had been
/// started.
class Executor {
 public:
  Executor(Clock& clock, CoreBudget& cores);
  /// With a budget of its own: so many threads, callers of run() among them.
  Executor(Clock& clock, std::size_t threads);
  ~Executor();  ///< waits for every run to end
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;

  void start(std::shared_ptr<const Plan> plan, Value input, Context context, RunOptions options,
             std::move_only_function<void(RunResult)> done);
  [[nodiscard]] RunResult run(std::shared_ptr<const Plan> plan, Value input, Context context, RunOptions options = {});

  /// Waits until nothing moves any more without an outside event (a timer, a finish from another thread). For tests that drive a
  /// virtual clock; see simulate().
  void settle();

  /// Many inputs through one plan: at most `jobs` at once, in groups of `batch` that computing stages get as one span.
  struct Many {
    std::size_t jobs = 1;
    std::size_t batch = 1;
  };
  /// Gives inputs until nothing; an error takes its place among the results without a run.
  using Next = std::move_only_function<std::optional<Result<Value>>()>;
  /// `next` is called on a thread of its own and may wait: `done` gets each result on the caller's thread as soon as all before
  /// it are out. A group starts when it is full or the inputs are at their end. Every input has random numbers of its own,
  /// decided by the context's and its index.
  void run_many(std::shared_ptr<const Plan> plan, Next next, std::move_only_function<void(std::size_t index, RunResult)> done,
                Context context, Many many, RunOptions options = {});

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// Runs a plan under a virtual clock to its end: whenever nothing else can move, the clock jumps to its next timer. A run that
/// waits for what no timer will bring is stopped and ends with `cancelled`.
[[nodiscard]] RunResult simulate(Executor& executor, VirtualClock& clock, std::shared_ptr<const Plan> plan, Value input,
                                 Context context, RunOptions options = {});

}  // namespace thalweg
