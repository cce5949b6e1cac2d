// One pipeline, many runs: from many threads, begun without waiting, in batches.

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "typed/typed.h"

using namespace thalweg;
using namespace std::chrono_literals;
using test::built;
using test::told;

namespace {
int twice(int n) { return n * 2; }
bool even(int n) { return n % 2 == 0; }
}  // namespace

TEST_CASE("the same pipeline from many threads") {
  const auto p = built(pipe<int>()
                           .map("twice", twice)
                           .parallel()
                           .fork("again", twice)
                           .fork(pipe<int>().router().route(even, twice).or_none().unwrap())
                           .join()
                           .each([](const Result<int>& slot) { return slot.value_or(-1); })
                           .reduce(0, [](int total, int n) { return total + n; }));
  std::vector<std::jthread> threads;
  std::atomic<int> wrong = 0;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&p, &wrong, t] {
      for (int n = 0; n < 50; ++n) {
        if (p.run(t * 100 + n) != (t * 100 + n) * 8) ++wrong;
      }
    });
  }
  threads.clear();
  CHECK(wrong == 0);
}

TEST_CASE("start and fork") {
  const Runtime runtime(2);
  const auto p = built(pipe<int>().delay(1ms).map("twice", twice), runtime);
  std::vector<Task<int>> tasks;
  for (int n = 0; n < 20; ++n) tasks.push_back(p.fork(n));
  for (int n = 0; n < 20; ++n) CHECK(tasks[static_cast<std::size_t>(n)].wait() == n * 2);
  CHECK(tasks[0].done());
  CHECK(tasks[0].wait() == 0);

  std::mutex mutex;
  std::condition_variable changed;
  int told_of = 0;
  for (int n = 0; n < 20; ++n) {
    p.start(n, runtime.context(), [&](Result<int> result) {
      const std::lock_guard lock(mutex);
      told_of += result.value_or(-1000);
      changed.notify_one();
    });
  }
  std::unique_lock lock(mutex);
  changed.wait(lock, [&] { return told_of == 380; });
  CHECK(told_of == 380);
}

TEST_CASE("a run whose stop comes before or while it begins has one thread at work on its start") {
  const Runtime runtime(2);
  const auto p = built(pipe<int>().map("twice", twice).delay(1h), runtime);
  for (int n = 0; n < 200; ++n) {
    std::stop_source stop;
    if (n % 2 == 0) stop.request_stop();
    const Task<int> task = p.fork(n, runtime.context().with_stop(stop.get_token()));
    stop.request_stop();
    REQUIRE_FALSE(task.wait());
    REQUIRE(task.wait().error().code() == Code::cancelled);
  }
}

TEST_CASE("a task is cancelled by hand, by its context, and when nobody holds it") {
  const Runtime runtime(2);
  const auto p = built(pipe<int>().delay(10h), runtime);
  auto task = p.fork(1);
  CHECK_FALSE(task.done());
  task.cancel();
  CHECK(told(task.wait()).starts_with("CANCELLED"));
  std::stop_source stop;
  const auto other = p.fork(1, runtime.context().with_stop(stop.get_token()));
  stop.request_stop();
  CHECK(told(other.wait()).starts_with("CANCELLED"));
  {
    const auto dropped = p.fork(1);
  }
  // The runtime's end would wait for ten hours now if the run had not been stopped.
}

TEST_CASE("run_many: the inputs' order, each with its own result") {
  std::vector<std::string> inputs;
  for (int n = 0; n < 100; ++n) inputs.push_back(n == 50 ? std::string("\xff") : std::to_string(n));
  const auto p = built(pipe<std::string>().map([](const std::string& s) -> Result<int> {
    if (s == "7") return std::unexpected(Error(Code::aborted, "seven"));
    return std::stoi(s);
  }));
  for (const std::size_t batch : {std::size_t{1}, std::size_t{16}}) {
    const auto results = p.run_many(inputs, {.jobs = 3, .batch = batch}, test::runtime().context());
    REQUIRE(results.size() == 100);
    for (int n = 0; n < 100; ++n) {
      const auto& result = results[static_cast<std::size_t>(n)];
      if (n == 7) {
        CHECK(told(result) == "ABORTED: seven");
      } else if (n == 50) {
        CHECK(told(result).contains("UTF-8"));
      } else {
        CHECK(result == n);
      }
    }
  }
  CHECK(p.run_many({}).empty());
}

TEST_CASE("nothing is kept when the last handle is gone") {
  const auto token = std::make_shared<int>(1);
  {
    std::optional<Runtime> runtime(2);
    const auto held = [token](int n) { return n + *token; };
    auto p = std::make_optional(built(
        pipe<int>().map(held).cached().parallel().fork(held).fork(pipe<int>().delay(10h).map(held).timeout(1ms).unwrap()).join(),
        *runtime));
    for (int n = 0; n < 20; ++n) {
      const auto slots = p->run(n);
      REQUIRE(slots.has_value());
      CHECK(told((*slots)[0]) == std::to_string(n + 2));
      CHECK(told((*slots)[1]).starts_with("DEADLINE_EXCEEDED"));
    }
    auto task = built(pipe<int>().delay(10h).map(held), *runtime).fork(1);
    runtime.reset();  // the pipelines hold it
    task.cancel();
    CHECK(told(task.wait()).starts_with("CANCELLED"));
    CHECK(p->run(1).has_value());
    p.reset();
  }
  CHECK(token.use_count() == 1);
}

TEST_CASE("long and deep pipelines") {
  auto chain = pipe<int>();
  for (int i = 0; i < 3'000; ++i) chain = chain.map("twice_or_not", [](int n) { return n + 1; });
  CHECK(test::run(chain, 0) == 3'000);
  auto deep = pipe<int>();
  for (int i = 0; i < 200; ++i) deep = pipe<int>().group(deep.map("twice", twice));
  CHECK(test::refused(deep).contains("levels"));
}

TEST_CASE("what runs share: batches, limits, breakers, from many threads, with stops in between") {
  const Runtime runtime(2);
  const auto all_twice = [](std::vector<int> items) {
    for (int& item : items) item *= 2;
    return items;
  };
  const auto p = built(pipe<int>()
                           .rate_limit(100'000, 1ms)
                           .batch(3, 1ms, all_twice)
                           .circuit_breaker({.failures = 1'000'000},
                                            [](int n) -> Result<int> {
                                              if (n % 6 == 0) return std::unexpected(Error(Code::aborted, "a third"));
                                              return n;
                                            }),
                       runtime);
  const auto quiet = built(pipe<int>().debounce(1ms), runtime);
  std::atomic<int> wrong = 0;
  std::atomic<int> calm = 0;
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int n = 0; n < 30; ++n) {
        const auto stopped = p.fork(n);
        stopped.cancel();
        const Result<int> result = p.run(n);
        const bool good = n % 3 == 0 ? told(result) == "ABORTED: a third" : result == n * 2;
        if (!good) ++wrong;
        const Result<int> ended = stopped.wait();
        if (!ended && ended.error().code() != Code::cancelled && ended.error().code() != Code::aborted) ++wrong;
        const Result<int> last = quiet.run(t);
        if (last) ++calm;
        if (!last && last.error().code() != Code::aborted) ++wrong;
      }
    });
  }
  threads.clear();
  CHECK(wrong == 0);
  CHECK(calm > 0);
}
