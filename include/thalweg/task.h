#pragma once
// Work under way, and what it will give.

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <utility>

#include "thalweg/error.h"

namespace thalweg {

template <class In, class Out>
class Pipeline;

/// A run under way. A handle: copies are the same run. When the last copy goes before it has ended, it is asked to stop; one on a
/// thread of its own is then waited for.
template <class T>
class Task {
 public:
  /// Runs `work`, which takes a stop token and gives a Result<T>, on a thread of its own.
  template <class F>
  [[nodiscard]] static Task begin(F work) {
    Task task;
    task.owner_->thread = std::thread([state = task.state_, stop = task.owner_->stop.get_token(),
                                       work = std::move(work)]() mutable { state->set(work(std::move(stop))); });
    return task;
  }

  /// Waits for the end and gives the result; again and again the same.
  [[nodiscard]] Result<T> wait() const {
    std::unique_lock lock(state_->mutex);
    state_->changed.wait(lock, [this] { return state_->result.has_value(); });
    return *state_->result;
  }
  [[nodiscard]] bool done() const {
    const std::lock_guard lock(state_->mutex);
    return state_->result.has_value();
  }
  /// Asks it to stop: it then ends with `cancelled`, soon.
  void cancel() const { owner_->stop.request_stop(); }

 private:
  template <class, class>
  friend class Pipeline;
  struct State {
    std::mutex mutex;
    std::condition_variable changed;
    std::optional<Result<T>> result;
    void set(Result<T> value) {
      const std::lock_guard lock(mutex);
      result = std::move(value);
      changed.notify_all();
    }
  };
  struct Owner {
    std::stop_source stop;
    std::thread thread;
    Owner() = default;
    Owner(const Owner&) = delete;
    Owner& operator=(const Owner&) = delete;
    ~Owner() {
      stop.request_stop();
      if (!thread.joinable()) return;
      // The last copy may go inside the work itself.
      if (thread.get_id() == std::this_thread::get_id()) {
        thread.detach();
      } else {
        thread.join();
      }
    }
  };
  Task() = default;
  std::shared_ptr<State> state_ = std::make_shared<State>();
  std::shared_ptr<Owner> owner_ = std::make_shared<Owner>();
};

}  // namespace thalweg
