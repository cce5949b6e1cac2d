#pragma once
// Order for any directed graph, or the cycle that forbids one.

#include <cstdint>
#include <vector>

namespace thalweg {

struct TopologicalOrder {
  std::vector<std::uint32_t> order;  ///< every node behind what it needs; empty when there is a cycle
  std::vector<std::uint32_t> depth;  ///< by node: 0 where nothing is needed, else 1 + the deepest needed one
  std::vector<std::uint32_t> cycle;  ///< a -> b -> c (-> a), each needing the next; empty when there is none
};

/// `needs[i]` are the nodes that node i needs; each below needs.size(), repetitions allowed. Of several orders the one that keeps
/// lower numbers first where it can.
///
///     topological_order({{1}, {}}).order;     // {1, 0}
///     topological_order({{1}, {0}}).cycle;    // {0, 1}
[[nodiscard]] TopologicalOrder topological_order(const std::vector<std::vector<std::uint32_t>>& needs);

}  // namespace thalweg
