#pragma once
// What the store's tests share.

#include <doctest/doctest.h>

#include <array>
#include <condition_variable>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "must.h"
#include "scratch.h"
#include "store/store.h"
#include "thalweg/clock.h"
#include "thalweg/context.h"

namespace thalweg::test {

/// The machine's time, and a context that ends after `seconds`, so that no test can hang.
struct World {
  std::unique_ptr<Clock> clock = make_system_clock();
  [[nodiscard]] Context within(double seconds = 60) const {
    return Context(*clock).with_deadline(clock->now() + static_cast<Nanos>(seconds * kSecond));
  }
};

/// A value handed from one thread to another.
template <class T>
class Box {
 public:
  /// Tells under the lock: the waiting test may destroy the box as soon as it can take the lock.
  void put(T value) {
    const std::lock_guard lock(mutex_);
    values_.push_back(std::move(value));
    changed_.notify_all();
  }
  /// Waits for `count` values in all, at most `seconds`; what is there then.
  std::vector<T> wait(std::size_t count, double seconds = 30) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::duration<double>(seconds), [&] { return values_.size() >= count; });
    return values_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<T> values_;
};

template <class T>
Code code_of(const Result<T>& result) {
  return result ? Code::ok : result.error().code();
}

inline Transaction one(std::string sql, std::vector<Value> parameters = {}, Expect expect = Expect::anything) {
  Transaction transaction;
  transaction.statements.push_back({std::move(sql), std::move(parameters), expect});
  return transaction;
}

inline std::int64_t count(Store& store, const Context& context, const std::string& table) {
  return must(store.read(context, {"select count(*) from " + table, {}}))[0][0].as_int();
}

}  // namespace thalweg::test

template <>
struct doctest::StringMaker<thalweg::Code> {
  static String convert(thalweg::Code code) { return String(std::string(info(code).name).c_str()); }
};
