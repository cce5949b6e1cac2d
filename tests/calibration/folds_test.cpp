#include "calibration/folds.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <map>
#include <set>

using namespace thalweg;
using namespace thalweg::calibration;

TEST_CASE("folds part the rows, classes are spread evenly, and a seed fixes them") {
  rc::check([] {
    const auto classes = *rc::gen::container<std::vector<std::uint8_t>>(rc::gen::inRange<std::uint8_t>(0, 3));
    const std::size_t count = *rc::gen::inRange<std::size_t>(2, 9);
    const std::uint64_t seed = *rc::gen::inRange<std::uint64_t>(0, 1'000);
    const auto folds = Folds::stratified(classes, count, seed);
    RC_ASSERT(folds.has_value() == (classes.size() >= count));
    if (!folds) return;
    const auto again = Folds::stratified(classes, count, seed).value();
    std::multiset<std::size_t> held;
    std::map<std::uint8_t, std::vector<std::size_t>> spread;
    std::vector<std::size_t> sizes;
    for (std::size_t fold = 0; fold < count; ++fold) {
      const auto inside = folds->inside(fold), outside = folds->outside(fold);
      RC_ASSERT(again.inside(fold) == inside);
      RC_ASSERT(inside.size() + outside.size() == classes.size());
      RC_ASSERT(std::ranges::is_sorted(inside) && std::ranges::is_sorted(outside));
      for (const std::size_t row : inside) RC_ASSERT(!std::ranges::binary_search(outside, row) && folds->of(row) == fold);
      held.insert(inside.begin(), inside.end());
      sizes.push_back(inside.size());
      for (const std::uint8_t kind : std::to_array<std::uint8_t>({0, 1, 2})) {
        spread[kind].push_back(std::ranges::count_if(inside, [&](std::size_t row) { return classes[row] == kind; }));
      }
    }
    RC_ASSERT(held.size() == classes.size() && std::set(held.begin(), held.end()).size() == held.size());
    spread[3] = sizes;
    for (const auto& [kind, counts] : spread) {
      const auto [least, most] = std::ranges::minmax(counts);
      RC_ASSERT(most - least <= 1);
    }
  });
}

TEST_CASE("folds of one row each, other seeds, and what is refused") {
  const Folds single = Folds::leave_one_out(4);
  CHECK(single.count() == 4);
  CHECK(single.inside(2) == std::vector<std::size_t>{2});
  CHECK(single.outside(2) == std::vector<std::size_t>{0, 1, 3});
  const std::vector<double> values = {5, 6, 7, 8};
  CHECK(pick<double>(values, single.outside(2)) == std::vector<double>{5, 6, 8});
  const std::vector<std::uint8_t> classes(100, 1);
  CHECK(Folds::stratified(classes, 5, 1)->inside(0) != Folds::stratified(classes, 5, 2)->inside(0));
  CHECK(Folds::stratified(classes, 1, 1).error().code() == Code::invalid_argument);
  CHECK(Folds::stratified(classes, 101, 1).error().message() ==
        "100 texts cannot be cut into 101 folds; label more of them, or take fewer folds");
}

TEST_CASE("no fold parts rows that belong together") {
  rc::check([] {
    const auto groups = *rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange<std::size_t>(0, 12));
    const std::vector<std::uint8_t> classes(groups.size());
    const std::size_t different = std::set(groups.begin(), groups.end()).size();
    const std::size_t count = *rc::gen::inRange<std::size_t>(2, 5);
    const auto folds = Folds::stratified(classes, count, 1, groups);
    RC_ASSERT(folds.has_value() == (different >= count));
    const Folds single = Folds::leave_one_out(groups.size(), groups);
    RC_ASSERT(single.count() == different);
    std::vector<std::set<std::size_t>> in_fold(count);
    for (std::size_t row = 0; row < groups.size(); ++row) {
      for (std::size_t other = 0; other < groups.size(); ++other) {
        RC_ASSERT((single.of(row) == single.of(other)) == (groups[row] == groups[other]));
        if (folds && groups[row] == groups[other]) RC_ASSERT(folds->of(row) == folds->of(other));
      }
      if (folds) in_fold[folds->of(row)].insert(groups[row]);
    }
    if (!folds) return;
    const auto [least, most] = std::ranges::minmax(in_fold, {}, [](const auto& of) { return of.size(); });
    RC_ASSERT(most.size() - least.size() <= 1);
  });
  CHECK(Folds::stratified(std::vector<std::uint8_t>(9), 4, 1, std::vector<std::size_t>{1, 1, 1, 2, 2, 2, 3, 3, 3})
            .error()
            .message() == "3 different texts cannot be cut into 4 folds; label more of them, or take fewer folds");
}
