#pragma once
// What callers handed in, waiting for one of the store's threads.

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <vector>

#include "store/driver.h"
#include "store/statement.h"
#include "thalweg/context.h"

namespace thalweg {

class Session;

/// One call, from its queue to its answer. It is answered exactly once: by the thread that runs it, or while it still waits by
/// its deadline or stop token.
class Job : public std::enable_shared_from_this<Job> {
 public:
  using Done = std::move_only_function<void(Result<std::vector<Rows>>)>;
  using Task = std::function<std::optional<Failure>(Connection&)>;

  /// `notify`: what the transaction runs, beyond its own statements, to send its notifications.
  Job(const Context& context, Transaction work, std::vector<Statement> notify, Done done);
  /// A job that runs `task`, which begins and ends its own transaction and may be repeated.
  Job(const Context& context, Task task, Done done);

  /// Answers at once when the context is over; else lets the context answer while the job waits. Call once, before queueing.
  void watch();
  /// False when it was answered while it waited; else `session` is interrupted when the context is over.
  bool start(Session& session);
  /// Back to waiting, from now on to be run in a group of its own.
  void wait_alone();
  void answer(Result<std::vector<Rows>> result);

  const Context context;
  const Transaction work;
  const std::vector<Statement> notify;
  const Task task;
  std::vector<Rows> rows;  // so far, of the thread that runs it
  Nanos give_up_at = kNever;
  bool alone = false;
  bool first_contact = false;  // of the store with its database: an unreachable server is told at once

 private:
  enum class State : std::uint8_t { waiting, running, answered };
  void context_over();

  std::mutex mutex_;
  State state_ = State::waiting;
  Session* session_ = nullptr;
  Done done_;
  std::optional<TimerId> timer_;
  std::optional<std::stop_callback<std::function<void()>>> stop_;
};

using JobPtr = std::shared_ptr<Job>;

/// First in, first out.
class JobQueue {
 public:
  /// Answers `cancelled` when the queue is closed.
  void push(JobPtr job);
  /// Puts these before all others. Answers `cancelled` when the queue is closed.
  void push_front(std::vector<JobPtr> jobs);
  /// Waits for jobs and takes up to `most`, or one that wants to be alone. Nothing when the queue is closed.
  [[nodiscard]] std::vector<JobPtr> take(std::size_t most);
  /// Answers all that wait with `cancelled`.
  void close();
  /// Threads inside take() that have nothing to do.
  [[nodiscard]] std::size_t idle() const;

 private:
  mutable std::mutex mutex_;
  std::condition_variable filled_;
  std::deque<JobPtr> jobs_;
  std::size_t idle_ = 0;
  bool closed_ = false;
};

}  // namespace thalweg
