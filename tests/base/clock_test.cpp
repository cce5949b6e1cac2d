#include "thalweg/clock.h"

#include <doctest/doctest.h>

#include <atomic>
#include <latch>
#include <map>
#include <semaphore>
#include <thread>
#include <utility>
#include <vector>

#include "base/timer_queue.h"
#include "thalweg/random.h"

using namespace thalweg;

TEST_CASE("virtual timers run in order of time, and at the same instant in the order they were set") {
  VirtualClock clock(5 * kSecond);
  std::vector<std::pair<int, Nanos>> ran;
  const auto note = [&](int name) { return [&, name] { ran.emplace_back(name, clock.now()); }; };
  clock.at(30, note(3));
  clock.at(10, note(1));
  clock.at(20, note(2));
  clock.at(10, note(11));
  clock.at(100, note(9));
  clock.advance(30);
  CHECK(ran == std::vector<std::pair<int, Nanos>>{{1, 10}, {11, 10}, {2, 20}, {3, 30}});
  CHECK(clock.now() == 30);
  CHECK(clock.wall() == 5 * kSecond + 30);
}

TEST_CASE("a virtual timer set by a timer runs on the same way when it falls into it") {
  VirtualClock clock;
  std::vector<Nanos> ran;
  clock.at(10, [&] {
    ran.push_back(clock.now());
    clock.at(15, [&] { ran.push_back(clock.now()); });
    clock.at(21, [&] { ran.push_back(clock.now()); });
    clock.at(3, [&] { ran.push_back(clock.now()); });  // past: at once, and time does not go back
  });
  clock.advance(20);
  CHECK(ran == std::vector<Nanos>{10, 10, 15});
  CHECK(clock.now() == 20);
  CHECK(clock.step());
  CHECK(ran.back() == 21);
  CHECK_FALSE(clock.step());
  CHECK(clock.now() == 21);
}

TEST_CASE("a cancelled timer does not run; one that has run or never was cannot be cancelled") {
  VirtualClock clock;
  int ran = 0;
  const TimerId one = clock.at(10, [&] { ++ran; });
  const TimerId two = clock.at(20, [&] { ran += 10; });
  CHECK(clock.cancel(one));
  CHECK_FALSE(clock.cancel(one));
  clock.advance(20);
  CHECK(ran == 10);
  CHECK_FALSE(clock.cancel(two));
  CHECK_FALSE(clock.cancel(0));
  CHECK_FALSE(clock.cancel(UINT64_MAX));
  // The slot of a gone timer is used again: its old id must not reach the new timer.
  const TimerId three = clock.at(30, [&] { ran += 100; });
  CHECK(three != two);
  CHECK_FALSE(clock.cancel(two));
  CHECK_FALSE(clock.cancel(one));
  clock.advance(10);
  CHECK(ran == 110);
}

TEST_CASE("a timer for never is no timer to jump to, but can be cancelled") {
  VirtualClock clock;
  const TimerId id = clock.at(kNever, [] { FAIL("ran"); });
  CHECK_FALSE(clock.step());
  CHECK(clock.now() == 0);
  CHECK(clock.cancel(id));
}

TEST_CASE("a cancelled callback is destroyed outside the clock's lock") {
  VirtualClock clock;
  struct Canceller {
    VirtualClock* clock;
    TimerId other;
    bool* done;
    Canceller(VirtualClock* c, TimerId o, bool* d) : clock(c), other(o), done(d) {}
    Canceller(Canceller&& from) noexcept : clock(std::exchange(from.clock, nullptr)), other(from.other), done(from.done) {}
    Canceller(const Canceller&) = delete;
    Canceller& operator=(const Canceller&) = delete;
    Canceller& operator=(Canceller&&) = delete;
    ~Canceller() {
      if (clock != nullptr) *done = clock->cancel(other);
    }
  };
  bool done = false;
  const TimerId other = clock.at(20, [] { FAIL("ran"); });
  const TimerId id = clock.at(10, [held = Canceller(&clock, other, &done)] {});
  CHECK(clock.cancel(id));
  CHECK(done);
  CHECK_FALSE(clock.step());
}

TEST_CASE("the timer queue agrees with a sorted map under random use") {
  Random random(7);
  TimerQueue queue;
  std::map<std::pair<Nanos, int>, TimerId> model;
  int order = 0, ran = -1;
  for (int i = 0; i < 20'000; ++i) {
    const std::uint64_t what = random.below(10);
    if (what < 5) {
      const auto when = static_cast<Nanos>(random.below(50));
      const int name = order++;
      model[{when, name}] = queue.add(when, [&ran, name] { ran = name; });
    } else if (what < 7 && !model.empty()) {
      const auto victim = std::next(model.begin(), static_cast<std::ptrdiff_t>(random.below(model.size())));
      REQUIRE(queue.remove(victim->second));
      REQUIRE_FALSE(queue.remove(victim->second));
      model.erase(victim);
    } else if (!model.empty()) {
      REQUIRE(queue.next() == model.begin()->first.first);
      queue.take()();
      REQUIRE(ran == model.begin()->first.second);
      model.erase(model.begin());
    }
    REQUIRE(queue.empty() == model.empty());
  }
}

TEST_CASE("system timers run at their time, from one thread of the clock, in order") {
  const auto clock = make_system_clock();
  std::vector<int> ran;
  std::vector<Nanos> late;
  std::vector<std::thread::id> threads;
  std::latch done(3);
  const Nanos start = clock->now();
  const auto note = [&](int name, Nanos due) {
    return [&, name, due] {
      ran.push_back(name);
      late.push_back(clock->now() - due);
      threads.push_back(std::this_thread::get_id());
      done.count_down();
    };
  };
  // Set from the clock's own thread: none can run before all are there, however the machine is loaded.
  clock->at(start, [&] {
    clock->at(start + 5 * kMillisecond, note(2, start + 5 * kMillisecond));
    clock->at(start + 2 * kMillisecond, note(1, start + 2 * kMillisecond));
    clock->at(start - kSecond, note(0, start));
  });
  done.wait();
  CHECK(ran == std::vector<int>{0, 1, 2});
  for (const Nanos by : late) CHECK(by >= 0);
  CHECK(threads[0] == threads[2]);
  CHECK(threads[0] != std::this_thread::get_id());
  CHECK(clock->wall() > 1'700'000'000 * kSecond);
}

TEST_CASE("an earlier system timer overtakes a later one already waited for, and cancelling holds") {
  const auto clock = make_system_clock();
  std::binary_semaphore ran(0);
  const TimerId far = clock->at(clock->now() + 3600 * kSecond, [] { FAIL("ran"); });
  const TimerId never = clock->at(kNever, [] { FAIL("ran"); });
  clock->at(clock->now() + kMillisecond, [&] { ran.release(); });
  ran.acquire();
  CHECK(clock->cancel(far));
  CHECK_FALSE(clock->cancel(far));
  CHECK(clock->cancel(never));
}

TEST_CASE("a system timer may set and cancel timers; the clock ends with timers waiting") {
  auto clock = make_system_clock();
  std::binary_semaphore ran(0);
  auto held = std::make_shared<int>(1);
  clock->at(clock->now() + 3600 * kSecond, [held] { FAIL("ran"); });
  clock->at(0, [&] {
    const TimerId id = clock->at(clock->now() + 3600 * kSecond, [] { FAIL("ran"); });
    CHECK(clock->cancel(id));
    clock->at(clock->now(), [&] { ran.release(); });
  });
  ran.acquire();
  clock.reset();
  CHECK(held.use_count() == 1);
}

TEST_CASE("of cancelling and running exactly one happens, whatever the threads do") {
  const auto clock = make_system_clock();
  constexpr int kTimers = 2'000;
  std::atomic<int> ran{0};
  std::atomic<int> cancelled{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      Random random(static_cast<std::uint64_t>(t));
      for (int i = 0; i < kTimers; ++i) {
        const TimerId id = clock->at(clock->now() + static_cast<Nanos>(random.below(50'000)), [&] {
          ran.fetch_add(1);
          ran.notify_one();
        });
        if (random.below(2) == 0 && clock->cancel(id)) cancelled.fetch_add(1);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (int seen = ran.load(); seen + cancelled.load() < 4 * kTimers; seen = ran.load()) ran.wait(seen);
  CHECK(ran.load() + cancelled.load() == 4 * kTimers);
  CHECK(ran.load() > 0);
  CHECK(cancelled.load() > 0);
}
