// Operators with several ways: fan_out, parallel, fork, router, branch.

#include <stdexcept>

#include "typed/typed.h"

using namespace thalweg;
using namespace std::chrono_literals;
using test::run;
using test::told;

namespace {

int plus_one(int n) { return n + 1; }
int twice(int n) { return n * 2; }
int square(int n) { return n * n; }
bool even(int n) { return n % 2 == 0; }
bool large(int n) { return n > 100; }
int broken(int) { throw std::runtime_error("broken"); }
Result<int> refuses(int) { return std::unexpected(Error(Code::not_found, "not here")); }

}  // namespace

TEST_CASE("fan_out: in turn, in the order of adding") {
  const auto fan = pipe<int>().fan_out().add("plus_one", plus_one).add("twice", twice).add("square", square).gather();
  CHECK(*run(fan, 5) == std::vector{6, 10, 25});
  CHECK(*run(pipe<int>().fan_out().gather<int>(), 5) == std::vector<int>{});
  CHECK(told(run(pipe<int>().fan_out().add(twice).add(broken).gather(), 5)).starts_with("INTERNAL"));

  std::string order;  // one thread at a time: they run in turn
  const auto note = [&order](char c) {
    return [&order, c](int n) {
      order += c;
      return n;
    };
  };
  const auto parts = pipe<int>().fan_out().add(note('a')).add(pipe<int>().map(note('b')).map(note('c'))).add(note('d')).gather();
  const auto built = test::built(parts);
  for (int i = 0; i < 50; ++i) {
    order.clear();
    CHECK(*built.run(1) == std::vector{1, 1, 1});
    CHECK(order == "abcd");
  }
}

TEST_CASE("parallel: each slot has its own result") {
  const auto all = pipe<int>()
                       .parallel()
                       .fork("twice", twice)
                       .fork("broken", broken)
                       .fork("refuses", refuses)
                       .fork(pipe<int>().map(twice).map(square))
                       .join();
  const auto slots = run(all, 3);
  REQUIRE(slots.has_value());
  REQUIRE(slots->size() == 4);
  CHECK(told((*slots)[0]) == "6");
  CHECK(told((*slots)[1]) == "INTERNAL: the function threw: broken");
  CHECK(told((*slots)[2]) == "NOT_FOUND: not here");
  CHECK(told((*slots)[3]) == "36");
  CHECK(run(pipe<int>().parallel().join<int>(), 3)->empty());
}

TEST_CASE("parallel: at the same time") {
  VirtualClock clock;
  const Runtime runtime(clock, 1);
  const auto pause = [](std::chrono::nanoseconds span) { return pipe<int>().delay(span).map(twice); };
  const auto all = pipe<int>().parallel().fork(pause(3s)).fork(pause(2s)).fork(pause(1s)).join();
  const Nanos began = clock.now();
  const auto ran = test::built(all, runtime).simulate(4);
  REQUIRE(ran.output.has_value());
  CHECK(told((*ran.output)[2]) == "8");
  CHECK(clock.now() - began == 3 * kSecond);
}

TEST_CASE("fork and wait") {
  CHECK(told(*run(pipe<int>().fork("twice", twice).wait(), 3)) == "6");
  CHECK(told(*run(pipe<int>().fork(broken).wait(), 3)) == "INTERNAL: the function threw: broken");
}

TEST_CASE("router: the first match wins, else the default, else none") {
  int asked = 0;
  const auto count = [&asked](int n) {
    ++asked;
    return n > 10;
  };
  const auto routes = pipe<int>()
                          .router()
                          .route(fn("large", large), fn("square", square))
                          .route(fn("even", even), fn("twice", twice))
                          .route(count, pipe<int>().map("plus_one", plus_one).map(twice));
  const auto none = test::built(routes.or_none());
  CHECK(*none.run(102) == 102 * 102);  // also even
  CHECK(asked == 0);
  CHECK(*none.run(4) == 8);
  CHECK(asked == 0);  // later predicates are not asked
  CHECK(*none.run(11) == 24);
  CHECK(asked == 1);
  CHECK(*none.run(3) == std::nullopt);
  const auto otherwise = test::built(routes.otherwise("plus_one", plus_one));
  CHECK(*otherwise.run(3) == 4);
  CHECK(*otherwise.run(4) == 8);
  CHECK(*run(pipe<int>().router().otherwise(twice), 3) == 6);
  CHECK(told(run(pipe<int>().router().route(even, broken).or_none(), 4)).starts_with("INTERNAL"));
}

TEST_CASE("branch: exactly one side") {
  int left = 0;
  int right = 0;
  const auto both = test::built(
      pipe<int>().branch().when("even", even).then([&left](int n) { return ++left, std::to_string(n); }).or_else([&right](int) {
        return ++right, std::string("odd");
      }));
  CHECK(both.run(4) == "4");
  CHECK(left == 1);
  CHECK(right == 0);
  CHECK(both.run(3) == "odd");
  CHECK(left == 1);
  CHECK(right == 1);
  const auto pass = test::built(pipe<int>().branch().when(even).then("twice", twice).or_pass());
  CHECK(pass.run(4) == 8);
  CHECK(pass.run(3) == 3);
}

TEST_CASE("operators inside operators") {
  const auto inner = pipe<int>().router().route(even, twice).or_none().unwrap_or(-1);
  const auto outer = pipe<std::vector<int>>()
                         .each(pipe<int>().parallel().fork(inner).fork(inner).join().each(
                             [](const Result<int>& slot) { return slot.value_or(-2); }))
                         .flatten();
  CHECK(*run(outer, std::vector{1, 2}) == std::vector{-1, -1, 4, 4});
}
