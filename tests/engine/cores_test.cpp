// The core budget: a run has one thread, and another one only where a core is free for it.

#include "base/cores.h"

#include <doctest/doctest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include "plans.h"

using namespace thalweg;
using namespace thalweg::test;

namespace {

/// How many bodies are at work at once. The first ones wait until as many as expected have come, all give one more a chance.
class Meeting {
 public:
  explicit Meeting(std::size_t expected) : expected_(expected) {}
  void visit() {
    std::unique_lock lock(mutex_);
    most_ = std::max(most_, ++inside_);
    changed_.notify_all();
    changed_.wait_for(lock, std::chrono::minutes(1), [&] { return most_ >= expected_; });
    changed_.wait_for(lock, std::chrono::milliseconds(1), [&] { return most_ > expected_; });
    --inside_;
  }
  [[nodiscard]] std::size_t most() const { return most_; }

 private:
  const std::size_t expected_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t inside_ = 0;
  std::size_t most_ = 0;
};

std::shared_ptr<Plan> fan_out(Meeting& meeting, int branches = 8) {
  PlanBuilder builder;
  for (int i = 0; i < branches; ++i) {
    builder.computing("b" + std::to_string(i), {-1}, [&meeting](Call& call) -> Result<Value> {
      meeting.visit();
      return call.argument(0);
    });
  }
  return builder.output({0}).build();
}

}  // namespace

TEST_CASE("independent stages use as many threads as there are cores free, not one more") {
  const std::unique_ptr<Clock> clock = make_system_clock();
  for (const std::size_t cores : {1, 2, 3}) {
    for (std::size_t taken = 0; taken <= cores; ++taken) {
      CAPTURE(cores);
      CAPTURE(taken);
      CoreBudget budget(cores);
      std::optional<CoreBudget::Lease> others;
      if (taken > 0) others = budget.try_lease(taken);
      // Its own thread goes on whatever others do; further ones need a core.
      const std::size_t expected = std::max<std::size_t>(1, cores - taken);
      Meeting meeting(expected);
      // An executor for each run: a helper of the run before may hold its core a moment longer than that run.
      CHECK(Executor(*clock, budget).run(fan_out(meeting), Value(1), Context(*clock)).output.has_value());
      CHECK(meeting.most() == expected);

      Executor executor(*clock, budget);
      Meeting started(expected);
      std::mutex mutex;
      std::condition_variable changed;
      bool done = false;
      executor.start(fan_out(started), Value(1), Context(*clock), {}, [&](const RunResult& result) {
        CHECK(result.output.has_value());
        const std::lock_guard lock(mutex);
        done = true;
        changed.notify_one();
      });
      std::unique_lock lock(mutex);
      changed.wait(lock, [&] { return done; });
      CHECK(started.most() == expected);
    }
  }
}

TEST_CASE("a helper leaves between two stages when its core is wanted elsewhere") {
  const std::unique_ptr<Clock> clock = make_system_clock();
  CoreBudget budget(2);
  {
    Executor executor(*clock, budget);
    Meeting both(2);
    std::mutex mutex;
    std::optional<CoreBudget::Lease> other;
    std::atomic<int> bodies{0};
    std::atomic<int> inside{0};
    std::atomic<int> most{0};
    PlanBuilder builder;
    for (int i = 0; i < 10; ++i) {
      builder.computing("b" + std::to_string(i), {-1}, [&](Call& call) -> Result<Value> {
        if (bodies++ < 2) {
          both.visit();  // two threads are here now
          const std::lock_guard lock(mutex);
          if (other) return call.argument(0);
          other = budget.take_core();
          CHECK(budget.overdrawn());
        } else {
          most = std::max(most.load(), ++inside);
          std::this_thread::yield();
          --inside;
        }
        return call.argument(0);
      });
    }
    CHECK(executor.run(builder.output({0}).build(), Value(1), Context(*clock)).output.has_value());
    CHECK(bodies == 10);
    CHECK(most == 1);
  }
  CHECK(budget.free() == 2);
  CHECK_FALSE(budget.overdrawn());
}

TEST_CASE("many runs at once give every core back") {
  const std::unique_ptr<Clock> clock = make_system_clock();
  CoreBudget budget(3);
  {
    Executor one(*clock, budget);
    Executor two(*clock, budget);
    PlanBuilder builder;
    for (int i = 0; i < 30; ++i) {
      builder.computing("b" + std::to_string(i), {-1}, [](Call& call) -> Result<Value> { return call.argument(0); });
    }
    const auto plan = builder.output({0}).build();
    const auto many = [&](Executor& executor) {
      for (int i = 0; i < 200; ++i) CHECK(executor.run(plan, Value(1), Context(*clock)).output.has_value());
    };
    std::thread other([&] { many(two); });
    many(one);
    other.join();
  }
  CHECK(budget.free() == 3);
}

TEST_CASE("a core that comes free is used by a run under way") {
  const std::unique_ptr<Clock> clock = make_system_clock();
  CoreBudget budget(2);
  Executor executor(*clock, budget);
  std::optional<CoreBudget::Lease> others = budget.try_lease(1);
  Meeting meeting(2);
  PlanBuilder builder;
  builder.computing("frees", {-1}, [&others](Call& call) -> Result<Value> {
    others.reset();
    return call.argument(0);
  });
  for (int i = 0; i < 8; ++i) {
    builder.computing("b" + std::to_string(i), {0}, [&meeting](Call& call) -> Result<Value> {
      meeting.visit();
      return call.argument(0);
    });
  }
  CHECK(executor.run(builder.output({0}).build(), Value(1), Context(*clock)).output.has_value());
  CHECK(meeting.most() == 2);
}
