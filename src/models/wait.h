#pragma once
// Waiting for what calls back.

#include <condition_variable>
#include <mutex>
#include <optional>

#include "base/error.h"

namespace thalweg::models {

/// The result of something that calls back once, from any thread.
///
///     Answer<Rows> answer;
///     encoder.encode(texts, context, [&](Result<Rows> rows) { answer.set(std::move(rows)); });
///     return answer.wait();
template <class T>
class Answer {
 public:
  void set(Result<T> result) {
    const std::lock_guard lock(mutex_);  // notified under the lock: wait() may destroy this as soon as it sees the result
    result_.emplace(std::move(result));
    come_.notify_one();
  }
  [[nodiscard]] Result<T> wait() {
    std::unique_lock lock(mutex_);
    come_.wait(lock, [this] { return result_.has_value(); });
    return std::move(*result_);
  }

 private:
  std::mutex mutex_;
  std::condition_variable come_;
  std::optional<Result<T>> result_;
};

}  // namespace thalweg::models
