#pragma once
// From an answer that comes later to one that is waited for.

#include <future>
#include <utility>

#include "base/error.h"

namespace thalweg {

/// Calls `start` with a callback and returns what the callback gets.
template <class T, class Start>
Result<T> wait_for(Start start) {
  std::promise<Result<T>> promise;
  auto answer = promise.get_future();
  start([&promise](Result<T> result) { promise.set_value(std::move(result)); });
  return answer.get();
}

}  // namespace thalweg
