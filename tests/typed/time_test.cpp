// Operators and policies that have to do with time, exact under the virtual clock; and stopping.

#include <atomic>
#include <memory>
#include <optional>
#include <stop_token>

#include "typed/typed.h"

using namespace thalweg;
using namespace std::chrono_literals;
using test::built;
using test::refused;
using test::told;

namespace {

int twice(int n) { return n * 2; }

/// What a simulated run gives, and how long it takes.
template <class Out>
struct Timed {
  Result<Out> output;
  Nanos took;
};

struct Timeline {
  VirtualClock clock;
  Runtime runtime{clock, 1};

  template <class In, class Cur>
  Timed<Cur> run(const Pipe<In, Cur>& pipe, const In& input) {
    return run(built(pipe, runtime), input);
  }
  template <class In, class Cur>
  Timed<Cur> run(const Pipeline<In, Cur>& pipeline, const In& input) {
    const Nanos began = clock.now();
    auto ran = pipeline.simulate(input);
    return {std::move(ran.output), clock.now() - began};
  }
};

/// Fails the first so many calls.
auto flaky(std::shared_ptr<std::atomic<int>> calls, int failures, Code code = Code::unavailable) {
  return [calls = std::move(calls), failures, code](int n) -> Result<int> {
    if (++*calls <= failures) return std::unexpected(Error(code, "call " + std::to_string(*calls)));
    return n;
  };
}

}  // namespace

TEST_CASE("retry: attempts(2) makes three calls") {
  Timeline time;
  const auto calls = std::make_shared<std::atomic<int>>(0);
  const auto never = time.run(pipe<int>().retry().attempts(2).run(flaky(calls, 99)), 1);
  CHECK(*calls == 3);
  CHECK(told(*never.output) == "UNAVAILABLE: call 3");  // the last error
  CHECK(never.took == 300 * kMillisecond);              // 100 ms, then twice that

  *calls = 0;
  const auto third = time.run(pipe<int>().retry().attempts(2).run(flaky(calls, 2)), 7);
  CHECK(told(*third.output) == "7");
  CHECK(*calls == 3);
}

TEST_CASE("retry: defaults, delay, backoff, cap, error filter") {
  Timeline time;
  const auto calls = std::make_shared<std::atomic<int>>(0);
  CHECK(time.run(pipe<int>().retry().run(flaky(calls, 99)), 1).took == (100 + 200 + 400) * kMillisecond);
  CHECK(*calls == 4);
  *calls = 0;
  CHECK(time.run(pipe<int>().retry().attempts(3).delay(1s).backoff(3).run(flaky(calls, 99)), 1).took == 13 * kSecond);
  *calls = 0;
  CHECK(time.run(pipe<int>().retry().attempts(4).delay(1s).backoff(3).cap(2s).run(flaky(calls, 99)), 1).took == 7 * kSecond);
  *calls = 0;
  const auto refused = time.run(pipe<int>().retry().on({Code::aborted}).run(flaky(calls, 99)), 1);
  CHECK(*calls == 1);
  CHECK(refused.took == 0);
  *calls = 0;
  CHECK(told(*time.run(pipe<int>().retry().on({Code::aborted}).run(flaky(calls, 1, Code::aborted)), 5).output) == "5");
  *calls = 0;
  const auto jittered = time.run(pipe<int>().retry().attempts(1).delay(1s).jitter(0.5).run(flaky(calls, 99)), 1);
  CHECK(jittered.took >= 500 * kMillisecond);
  CHECK(jittered.took <= 1500 * kMillisecond);
  *calls = 0;
  CHECK(time.run(pipe<int>().retry().attempts(0).run(flaky(calls, 99)), 1).took == 0);
  CHECK(*calls == 1);
}

TEST_CASE("retry: several steps are repeated from the first") {
  Timeline time;
  const auto calls = std::make_shared<std::atomic<int>>(0);
  const auto steps = pipe<int>().delay(1s).map(twice).map(flaky(calls, 1));
  const auto ran = time.run(pipe<int>().retry().attempts(1).delay(1s).run(steps), 4);
  CHECK(told(*ran.output) == "8");
  CHECK(ran.took == 3 * kSecond);
}

TEST_CASE("timeout: stops what is before it, and is told apart from failure") {
  Timeline time;
  const auto late = time.run(pipe<int>().delay(5s).map(twice).timeout(2s), 1);
  REQUIRE(late.output.has_value());
  CHECK(late.output->error().code() == Code::deadline_exceeded);
  CHECK(late.output->error().message().contains("2 s"));
  CHECK(late.took == 2 * kSecond);
  const auto good = time.run(pipe<int>().delay(1s).map(twice).timeout(2s), 1);
  CHECK(told(*good.output) == "2");
  CHECK(good.took == kSecond);
  const auto broken = time.run(pipe<int>().delay(1s).map(flaky(std::make_shared<std::atomic<int>>(0), 9)).timeout(2s), 1);
  CHECK(told(*broken.output) == "UNAVAILABLE: call 1");
  CHECK(told(*time.run(pipe<int>().timeout(2s), 1).output) == "1");
  // Inside another one, and with what follows going on.
  const auto both = time.run(pipe<int>().delay(1s).timeout(3s).delay(9s).timeout(4s), 1);
  CHECK(both.output->error().code() == Code::deadline_exceeded);
  CHECK(both.output->error().message().contains("4 s"));
  CHECK(time.run(pipe<int>().delay(5s).timeout(1s).unwrap_or(7).delay(1s).map(twice), 1).took == 2 * kSecond);
}

TEST_CASE("timeout: the stop token of what runs is told") {
  const Runtime runtime(2);
  std::atomic<bool> stopped = false;
  const auto works = pipe<int>()
                         .map([&stopped](int n, const Context& context) {
                           std::mutex mutex;
                           std::condition_variable_any changed;
                           std::unique_lock lock(mutex);
                           changed.wait(lock, context.stop(), [] { return false; });
                           stopped = true;
                           return n;
                         })
                         .timeout(20ms);
  const auto ran = built(works, runtime).run(1);
  REQUIRE(ran.has_value());
  CHECK(ran->error().code() == Code::deadline_exceeded);
  CHECK(stopped);
}

TEST_CASE("delay: what follows begins later") {
  Timeline time;
  CHECK(time.run(pipe<int>().delay(1500ms).map(twice), 2).took == 1500 * kMillisecond);
  CHECK(time.run(pipe<int>().map(twice).delay(2s), 2).took == 2 * kSecond);
  CHECK(time.run(pipe<int>().delay(1s).delay(2s).map(twice).delay(1s).map(twice), 2).took == 4 * kSecond);
  CHECK(time.run(pipe<int>().delay(1s).fan_out().add(pipe<int>().delay(1s)).add(pipe<int>().delay(1s)).gather(), 2).took ==
        3 * kSecond);
  CHECK(time.run(pipe<std::vector<int>>().each(pipe<int>().delay(1s)), std::vector{1, 2, 3}).took == kSecond);
  CHECK(time.run(pipe<std::vector<int>>().each({.items = 2}, pipe<int>().delay(1s)), std::vector{1, 2, 3}).took == 2 * kSecond);
  CHECK(refused(pipe<int>().delay(-1s), time.runtime).contains("negative"));
}

TEST_CASE("policies of the engine") {
  Timeline time;
  const auto calls = std::make_shared<std::atomic<int>>(0);
  CHECK(time.run(pipe<int>().map(flaky(calls, 2)).retried({.attempts = 2}), 3).output == 3);
  *calls = 0;
  CHECK(time.run(pipe<int>().map(flaky(calls, 9)).on_failure(-1), 3).output == -1);
  const auto late = time.run(pipe<int>().group(pipe<int>().delay(9s)).within(1s), 3);
  CHECK(told(late.output).starts_with("DEADLINE_EXCEEDED"));
  CHECK(late.took == kSecond);
  const auto three = pipe<std::vector<int>>().each(pipe<int>().group(pipe<int>().delay(1s)).at_most(1));
  CHECK(time.run(three, std::vector{1, 2, 3}).took == 3 * kSecond);
}

TEST_CASE("cached: equal calls are made once, while the result is kept") {
  Timeline time;
  std::atomic<int> calls = 0;
  const auto counted = [&calls](int n) { return ++calls, n * 2; };
  const auto p = built(pipe<int>().map(counted).cached(10s), time.runtime);
  CHECK(p.simulate(2).output == 4);
  CHECK(p.simulate(2).output == 4);
  CHECK(calls == 1);
  CHECK(p.simulate(3).output == 6);
  CHECK(calls == 2);
  time.clock.advance(11 * kSecond);
  CHECK(p.simulate(2).output == 4);
  CHECK(calls == 3);
  // Another function without a name has results of its own.
  const auto other = built(pipe<int>().map([](int n) { return n * 3; }).cached(), time.runtime);
  CHECK(other.simulate(2).output == 6);

  calls = 0;
  const auto keyed = built(pipe<int>().map(counted).cached_by<int>(1h, [](int n) { return n % 10; }), time.runtime);
  CHECK(keyed.simulate(5).output == 10);
  CHECK(keyed.simulate(15).output == 10);
  CHECK(calls == 1);
}

TEST_CASE("rate_limit, debounce and circuit_breaker stand between the steps") {
  Timeline time;
  const auto limited = built(pipe<int>().rate_limit(1, 1s).map(twice), time.runtime);
  CHECK(time.run(limited, 1).took == 0);
  CHECK(time.run(limited, 1).took == kSecond);
  const auto quiet = time.run(pipe<int>().debounce(2s).map(twice), 1);
  CHECK(quiet.output == 2);
  CHECK(quiet.took == 2 * kSecond);

  const auto calls = std::make_shared<std::atomic<int>>(0);
  const auto guarded =
      built(pipe<int>().circuit_breaker({.failures = 2, .open_for = 10 * kSecond}, flaky(calls, 2)), time.runtime);
  CHECK(told(guarded.simulate(1).output) == "UNAVAILABLE: call 1");
  CHECK(told(guarded.simulate(1).output) == "UNAVAILABLE: call 2");
  CHECK(told(guarded.simulate(1).output).contains("not tried"));
  CHECK(*calls == 2);
  time.clock.advance(10 * kSecond);
  CHECK(guarded.simulate(1).output == 1);
  CHECK(guarded.simulate(1).output == 1);
  CHECK(refused(pipe<int>().rate_limit(0, 1s), time.runtime).contains("at least 1"));
}

TEST_CASE("batch: runs come together") {
  Timeline time;
  std::atomic<int> calls = 0;
  const auto all = [&calls](const std::vector<int>& items) {
    ++calls;
    std::vector<std::string> out;
    for (const int item : items) out.push_back(std::to_string(item) + "/" + std::to_string(items.size()));
    return out;
  };
  const auto each = pipe<std::vector<int>>().each(pipe<int>().batch(2, 1s, all));
  CHECK(*time.run(each, std::vector{1, 2, 3}).output == std::vector<std::string>{"1/2", "2/2", "3/1"});
  CHECK(calls == 2);
  CHECK(refused(pipe<int>().batch(0, 1s, all), time.runtime).contains("at least 1"));
}

TEST_CASE("a stop from outside ends a run soon, and it is told so") {
  Timeline time;
  const auto p = built(pipe<int>().delay(10h).map(twice), time.runtime);
  std::stop_source stop;
  time.clock.at(time.clock.now() + kSecond, [stop]() mutable { stop.request_stop(); });
  const Nanos began = time.clock.now();
  const auto ran = p.simulate(1, time.runtime.context().with_stop(stop.get_token()));
  CHECK(told(ran.output).starts_with("CANCELLED"));
  CHECK(time.clock.now() - began == kSecond);
  const auto late = p.simulate(1, time.runtime.context().with_deadline(time.clock.now() + 2 * kSecond));
  CHECK(told(late.output).starts_with("DEADLINE_EXCEEDED"));
}

TEST_CASE("only a runtime on a virtual clock can simulate") {
  CHECK(told(built(pipe<int>()).simulate(1).output).starts_with("FAILED_PRECONDITION"));
}
