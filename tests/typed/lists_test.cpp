// Operators over lists.

#include <rapidcheck.h>

#include <numeric>

#include "typed/typed.h"

using namespace thalweg;
using test::refused;
using test::run;
using test::told;

namespace {

using Ints = std::vector<int>;
// Any int comes here: these wrap around.
int twice(int n) { return static_cast<int>(static_cast<unsigned>(n) * 2U); }
Ints up_to(int n) {
  Ints out(static_cast<std::size_t>(std::max(0, n)));
  std::iota(out.begin(), out.end(), 1);
  return out;
}
int sum(int total, int item) { return static_cast<int>(static_cast<unsigned>(total) + static_cast<unsigned>(item)); }
Result<int> small(int n) {
  if (n > 9) return std::unexpected(Error(Code::out_of_range, std::to_string(n)));
  return n;
}

}  // namespace

TEST_CASE("each: ordered, whatever runs at once") {
  const auto p = pipe<Ints>();
  CHECK(*run(p.each("twice", twice), Ints{1, 2, 3}) == Ints{2, 4, 6});
  CHECK(*run(p.each(twice), Ints{}) == Ints{});
  CHECK(*run(p.each({.items = 1}, pipe<int>().map(twice).map(twice)), Ints{1, 2}) == Ints{4, 8});
  CHECK(told(run(p.each("small", small), Ints{1, 12, 3, 11})) == "OUT_OF_RANGE: 12");
  CHECK(refused(p.each({.items = 0}, twice)).contains("concurrency"));
}

TEST_CASE("flatten, flat_map, concat") {
  CHECK(*run(pipe<std::vector<Ints>>().flatten(), std::vector<Ints>{{1}, {}, {2, 3}}) == Ints{1, 2, 3});
  CHECK(*run(pipe<std::vector<std::vector<Ints>>>().flatten(), std::vector<std::vector<Ints>>{{{1}, {2}}, {{3}}}) ==
        std::vector<Ints>{{1}, {2}, {3}});
  CHECK(*run(pipe<Ints>().flat_map("up_to", up_to), Ints{2, 0, 1}) == Ints{1, 2, 1});
  CHECK(*run(pipe<Ints>().concat({8, 9}), Ints{1}) == Ints{1, 8, 9});
  CHECK(*run(pipe<std::vector<Ints>>().concat({{8}, {}}), std::vector<Ints>{{1}}) == std::vector<Ints>{{1}, {8}, {}});
  CHECK(*run(pipe<std::vector<std::string>>().concat({"{{ x }}"}), std::vector<std::string>{"a"}) ==
        std::vector<std::string>{"a", "{{ x }}"});
}

TEST_CASE("reduce: in order, from the first total") {
  CHECK(run(pipe<Ints>().reduce(100, "sum", sum), Ints{1, 2, 3}) == 106);
  CHECK(run(pipe<Ints>().reduce(100, sum), Ints{}) == 100);
  const auto digits = pipe<Ints>().reduce(std::string(">"), [](const std::string& s, int n) { return s + std::to_string(n); });
  CHECK(run(digits, Ints{3, 1, 2}) == ">312");
}

TEST_CASE("chunk and window: edges") {
  const auto chunks = [](std::size_t n, const Ints& items) { return *run(pipe<Ints>().chunk(n), items); };
  CHECK(chunks(2, {1, 2, 3}) == std::vector<Ints>{{1, 2}, {3}});
  CHECK(chunks(3, {1, 2, 3}) == std::vector<Ints>{{1, 2, 3}});
  CHECK(chunks(9, {1}) == std::vector<Ints>{{1}});
  CHECK(chunks(1, {}).empty());
  CHECK(refused(pipe<Ints>().chunk(0)).contains("at least 1"));
  const auto windows = [](std::size_t n, const Ints& items) { return *run(pipe<Ints>().window(n), items); };
  CHECK(windows(2, {1, 2, 3}) == std::vector<Ints>{{1, 2}, {2, 3}});
  CHECK(windows(3, {1, 2, 3}) == std::vector<Ints>{{1, 2, 3}});
  CHECK(windows(4, {1, 2, 3}).empty());
  CHECK(windows(1, {}).empty());
  CHECK(refused(pipe<Ints>().window(0)).contains("at least 1"));
}

TEST_CASE("chunks joined are the list; windows are its neighbours") {
  CHECK(rc::check([](const Ints& items) {
    const auto n = *rc::gen::inRange<std::size_t>(1, 8);
    RC_ASSERT(*run(pipe<Ints>().chunk(n).flatten(), items) == items);
    const auto windows = *run(pipe<Ints>().window(n), items);
    RC_ASSERT(windows.size() == (items.size() < n ? 0 : items.size() - n + 1));
    for (std::size_t i = 0; i < windows.size(); ++i) {
      RC_ASSERT(std::ranges::equal(windows[i], std::span(items).subspan(i, n)));
    }
    RC_ASSERT(*run(pipe<Ints>().each(twice), items) == *run(pipe<Ints>().map([](Ints all) {
      for (int& n : all) n = twice(n);
      return all;
    }),
                                                            items));
  }));
}
