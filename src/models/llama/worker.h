#pragma once
// The thread of one model: requests in the order they come.

#include <condition_variable>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>

#include "base/error.h"
#include "thalweg/context.h"

namespace thalweg::models::llama {

/// What is to be done, by the worker's thread. Requests that are stopped or late while they wait end within one step of the one
/// in work, see sweep().
class Worker {
 public:
  struct Job {
    Context context;
    std::move_only_function<void()> work;
    std::move_only_function<void(const Error&)> give_up;  ///< instead of work
  };
  Worker();
  /// Asks the job in work to end, by closing(), and gives up those that wait. The last holder may be a job itself.
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  void add(Job job);
  /// Gives up the waiting jobs whose time is up. By the job in work, between its steps.
  void sweep();
  /// Asked for when the worker is to end.
  [[nodiscard]] std::stop_token closing() const noexcept { return thread_.get_stop_token(); }

 private:
  struct State {
    std::mutex mutex;
    std::condition_variable_any come;
    std::list<Job> jobs;
  };
  static void run(const std::shared_ptr<State>& state, const std::stop_token& closing);
  std::shared_ptr<State> state_;
  std::jthread thread_;
};

/// A context that also stops when `closing` does.
class Stopped {
 public:
  Stopped(const Context& context, const std::stop_token& closing)
      : context_(context.with_stop(either_.get_token())),
        on_stop_(context.stop(), Stop{either_}),
        on_closing_(closing, Stop{either_}) {}
  [[nodiscard]] const Context& context() const noexcept { return context_; }

 private:
  struct Stop {
    std::stop_source either;
    void operator()() { either.request_stop(); }
  };
  std::stop_source either_;
  Context context_;
  std::stop_callback<Stop> on_stop_;
  std::stop_callback<Stop> on_closing_;
};

}  // namespace thalweg::models::llama
