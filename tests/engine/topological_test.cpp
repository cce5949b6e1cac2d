#include "engine/topological.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include <numeric>

using namespace thalweg;

using Needs = std::vector<std::vector<std::uint32_t>>;

TEST_CASE("nodes come behind what they need, lower numbers first where they can") {
  CHECK(topological_order(Needs{}).order.empty());
  CHECK(topological_order(Needs{{1}, {}}).order == std::vector<std::uint32_t>{1, 0});
  CHECK(topological_order(Needs{{}, {}, {}}).order == std::vector<std::uint32_t>{0, 1, 2});
  CHECK(topological_order(Needs{{2}, {}, {}, {0, 1}}).order == std::vector<std::uint32_t>{1, 2, 0, 3});
  CHECK(topological_order(Needs{{2}, {}, {}, {0, 1}}).depth == std::vector<std::uint32_t>{1, 0, 0, 2});
  CHECK(topological_order(Needs{{1, 1}, {}}).order == std::vector<std::uint32_t>{1, 0});
}

TEST_CASE("a circle is found and told") {
  CHECK(topological_order(Needs{{0}}).cycle == std::vector<std::uint32_t>{0});
  CHECK(topological_order(Needs{{1}, {0}}).cycle == std::vector<std::uint32_t>{0, 1});
  // 0 only hangs on the circle 1 -> 3 -> 2 -> 1; 4 is free.
  CHECK(topological_order(Needs{{1}, {3}, {1}, {2, 4}, {}}).cycle == std::vector<std::uint32_t>{1, 3, 2});
}

namespace {

Needs random_needs(bool acyclic) {
  const auto n = *rc::gen::inRange<std::size_t>(1, 40);
  std::vector<std::uint32_t> rank(n);
  std::iota(rank.begin(), rank.end(), 0U);
  for (std::size_t i = n; i > 1; --i) std::swap(rank[i - 1], rank[*rc::gen::inRange<std::size_t>(0, i)]);
  Needs needs(n);
  const auto edges = *rc::gen::inRange<std::size_t>(0, 3 * n);
  for (std::size_t e = 0; e < edges; ++e) {
    const auto a = *rc::gen::inRange<std::uint32_t>(0, static_cast<std::uint32_t>(n));
    const auto b = *rc::gen::inRange<std::uint32_t>(0, static_cast<std::uint32_t>(n));
    if (!acyclic || rank[a] > rank[b]) needs[a].push_back(b);
  }
  return needs;
}

}  // namespace

TEST_CASE("properties of the order over random graphs") {
  const bool acyclic_ok = rc::check("an acyclic graph has an order that keeps every need, and depths that say how far", [] {
    const Needs needs = random_needs(true);
    const auto found = topological_order(needs);
    RC_ASSERT(found.cycle.empty());
    RC_ASSERT(found.order.size() == needs.size());
    std::vector<std::size_t> at(needs.size(), SIZE_MAX);
    for (std::size_t i = 0; i < found.order.size(); ++i) at[found.order[i]] = i;
    for (std::size_t i = 0; i < needs.size(); ++i) {
      RC_ASSERT(at[i] != SIZE_MAX);
      std::uint32_t depth = 0;
      for (const std::uint32_t need : needs[i]) {
        RC_ASSERT(at[need] < at[i]);
        depth = std::max(depth, found.depth[need] + 1);
      }
      RC_ASSERT(found.depth[i] == depth);
    }
  });
  CHECK(acyclic_ok);
  const bool any_ok = rc::check("any graph has an order or a circle that is one", [] {
    const Needs needs = random_needs(false);
    const auto found = topological_order(needs);
    RC_ASSERT(found.order.empty() != found.cycle.empty());
    for (std::size_t i = 0; i < found.cycle.size(); ++i) {
      const std::uint32_t next = found.cycle[(i + 1) % found.cycle.size()];
      const auto& from = needs[found.cycle[i]];
      RC_ASSERT(std::ranges::find(from, next) != from.end());
    }
  });
  CHECK(any_ok);
}
