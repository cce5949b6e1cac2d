#include "engine/topological.h"

#include <algorithm>
#include <functional>
#include <queue>

namespace thalweg {

namespace {

// Follows first unfinished needs until a node is met again. Precondition: every node with open needs has one that is unfinished.
std::vector<std::uint32_t> find_cycle(const std::vector<std::vector<std::uint32_t>>& needs, const std::vector<bool>& finished) {
  std::uint32_t node = 0;
  while (finished[node]) ++node;
  std::vector<std::uint32_t> way;
  std::vector<bool> seen(needs.size());
  while (!seen[node]) {
    seen[node] = true;
    way.push_back(node);
    node = *std::ranges::find_if(needs[node], [&](std::uint32_t next) { return !finished[next]; });
  }
  way.erase(way.begin(), std::ranges::find(way, node));
  std::ranges::rotate(way, std::ranges::min_element(way));
  return way;
}

}  // namespace

TopologicalOrder topological_order(const std::vector<std::vector<std::uint32_t>>& needs) {
  const std::size_t n = needs.size();
  TopologicalOrder result;
  result.depth.assign(n, 0);
  std::vector<std::uint32_t> open(n);
  std::vector<std::vector<std::uint32_t>> consumers(n);
  std::priority_queue<std::uint32_t, std::vector<std::uint32_t>, std::greater<>> ready;
  for (std::uint32_t i = 0; i < n; ++i) {
    open[i] = static_cast<std::uint32_t>(needs[i].size());
    if (open[i] == 0) ready.push(i);
    for (const std::uint32_t need : needs[i]) consumers[need].push_back(i);
  }
  std::vector<bool> finished(n);
  while (!ready.empty()) {
    const std::uint32_t node = ready.top();
    ready.pop();
    finished[node] = true;
    result.order.push_back(node);
    for (const std::uint32_t next : consumers[node]) {
      result.depth[next] = std::max(result.depth[next], result.depth[node] + 1);
      if (--open[next] == 0) ready.push(next);
    }
  }
  if (result.order.size() < n) {
    result.order.clear();
    result.cycle = find_cycle(needs, finished);
  }
  return result;
}

}  // namespace thalweg
