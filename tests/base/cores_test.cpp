#include "base/cores.h"

#include <doctest/doctest.h>

#include <atomic>
#include <mutex>
#include <thread>
#include <vector>

#include "scratch.h"

using namespace thalweg;

TEST_CASE("the quota of the control group counts, its own and its parents'") {
  const Scratch root;  // a made-up machine's files
  CHECK_FALSE(core_quota(root.folder()));
  root.write("proc/self/cgroup", "0::/a/b\n");
  CHECK_FALSE(core_quota(root.folder()));
  root.write("sys/fs/cgroup/a/b/cpu.max", "max 100000\n");
  CHECK_FALSE(core_quota(root.folder()));
  root.write("sys/fs/cgroup/a/cpu.max", "150000 100000\n");
  CHECK(core_quota(root.folder()) == 1.5);
  root.write("sys/fs/cgroup/a/b/cpu.max", "50000 100000\n");
  CHECK(core_quota(root.folder()) == 0.5);
  CHECK(usable_cores(0, root.folder()) == 1);
}

TEST_CASE("the older control groups count too, also where the path is that of the host") {
  const Scratch root;
  root.write("proc/self/cgroup", "5:memory:/m\n4:cpu,cpuacct:/docker/123\n0::/\n");
  root.write("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "-1\n");
  root.write("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "100000\n");
  CHECK_FALSE(core_quota(root.folder()));
  root.write("sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "100000\n");
  CHECK(core_quota(root.folder()) == 1.0);
}

TEST_CASE("usable cores are never none and never more than asked for") {
  const Scratch root;
  const std::size_t all = usable_cores(0, root.folder());
  CHECK(all >= 1);
  CHECK(usable_cores(1, root.folder()) == 1);
  CHECK(usable_cores(100'000, root.folder()) == all);
}

TEST_CASE("a lease gives what is free, at least one core, and gives it back") {
  VirtualClock clock;
  const Context context(clock);
  CoreBudget budget(4);
  auto first = budget.lease(3, context);
  REQUIRE(first);
  CHECK(first->cores() == 3);
  {
    const auto second = budget.lease(3, context);
    CHECK(second->cores() == 1);
    CHECK(budget.free() == 0);
    CHECK_FALSE(budget.try_lease(1));
  }
  CHECK(budget.free() == 1);
  CoreBudget::Lease moved = std::move(*first);
  CHECK(first->cores() == 0);
  moved = CoreBudget::Lease();
  CHECK(budget.free() == 4);
  CHECK(budget.try_lease(0)->cores() == 1);
  CHECK(budget.cores() == 4);
}

TEST_CASE("waiting ends with the deadline or a stop, and the place in the line is given up") {
  VirtualClock clock;
  CoreBudget budget(1);
  const Context context(clock);
  auto held = budget.lease(1, context);
  std::stop_source source;
  std::vector<std::string> told(2);
  std::thread late([&] { told[0] = budget.lease(1, context.with_deadline(kSecond)).error().text(); });
  while (!clock.step()) std::this_thread::yield();  // until the timer of the waiter was there
  late.join();
  CHECK(told[0] == "the deadline has passed while waiting for one of 1 cores, all in use");
  std::thread stopped([&] { told[1] = budget.lease(1, context.with_stop(source.get_token())).error().text(); });
  source.request_stop();
  stopped.join();
  CHECK(told[1].starts_with("stopped on request"));
  CHECK(budget.lease(1, context.with_deadline(kSecond)).error().code() == Code::deadline_exceeded);
  held = CoreBudget::Lease();
  CHECK(budget.free() == 1);
}

TEST_CASE("first come, first served: a small wish does not overtake") {
  const auto clock = make_system_clock();
  const Context context(*clock);
  CoreBudget budget(2);
  auto held = budget.lease(2, context);
  std::mutex mutex;
  std::vector<int> order;
  std::vector<std::size_t> got;
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&, i] {
      const auto lease = budget.lease(i == 0 ? 2 : 1, context);
      const std::lock_guard lock(mutex);
      order.push_back(i);
      got.push_back(lease->cores());
    });
    while (budget.waiting() < static_cast<std::size_t>(i) + 1) std::this_thread::yield();
    CHECK_FALSE(budget.try_lease(1));
  }
  held = CoreBudget::Lease();
  for (std::thread& thread : threads) thread.join();
  CHECK(order.front() == 0);
  CHECK(got.front() == 2);
  CHECK(budget.free() == 2);
}

TEST_CASE("a thread that works in any case overdraws the budget, and nothing is lent until that is made up for") {
  CoreBudget budget(2);
  {
    auto lease = budget.try_lease(2);
    const CoreBudget::Lease one = budget.take_core();
    CHECK(one.cores() == 1);
    CHECK(budget.overdrawn());
    CHECK(budget.free() == 0);
    CHECK_FALSE(budget.try_lease(1));
    lease.reset();
    CHECK_FALSE(budget.overdrawn());
    CHECK(budget.try_lease(2)->cores() == 1);
  }
  CHECK(budget.free() == 2);
}

TEST_CASE("never more cores are lent than there are, whatever the threads do") {
  const auto clock = make_system_clock();
  const Context context(*clock);
  CoreBudget budget(3);
  std::atomic<int> in_use{0};
  std::atomic<int> most{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 6; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 500; ++i) {
        const auto lease =
            budget.lease(static_cast<std::size_t>(1 + (t + i) % 4), context.with_deadline(clock->now() + 100 * kSecond));
        const int now = in_use.fetch_add(static_cast<int>(lease->cores())) + static_cast<int>(lease->cores());
        for (int seen = most.load(); seen < now && !most.compare_exchange_weak(seen, now);) {
        }
        in_use.fetch_sub(static_cast<int>(lease->cores()));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(most.load() <= 3);
  CHECK(most.load() >= 1);
  CHECK(budget.free() == 3);
}
