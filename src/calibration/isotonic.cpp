#include <algorithm>
#include <numeric>

#include "calibration/fit.h"
#include "calibration/logit.h"

namespace thalweg::calibration {
namespace {

// Rows that share one value of the curve. Counts are whole, so comparing and pooling is exact.
struct Block {
  std::size_t positives = 0, rows = 0;
  std::size_t first = 0, last = 0;  // of the distinct scores

  [[nodiscard]] double height() const noexcept { return static_cast<double>(positives) / static_cast<double>(rows); }
  [[nodiscard]] bool not_below(const Block& next) const noexcept { return positives * next.rows >= next.positives * rows; }
};

}  // namespace

IsotonicKnots fit_isotonic(const Sample& sample) {
  std::vector<std::size_t> order(sample.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::sort(order, {}, [&](std::size_t row) { return sample.raw[row]; });

  std::vector<double> scores;  // distinct, ascending
  std::vector<Block> blocks;
  for (std::size_t at = 0; at < order.size();) {
    Block block{0, 0, scores.size(), scores.size()};
    const double score = sample.raw[order[at]];
    for (; at < order.size() && clip(sample.raw[order[at]]) == clip(score); ++at) {
      block.positives += sample.present[order[at]];
      ++block.rows;
    }
    scores.push_back(score);
    while (!blocks.empty() && blocks.back().not_below(block)) {
      block = {blocks.back().positives + block.positives, blocks.back().rows + block.rows, blocks.back().first, block.last};
      blocks.pop_back();
    }
    blocks.push_back(block);
  }

  IsotonicKnots knots;  // the ends of every block: between them the curve is level
  for (const Block& block : blocks) {
    knots.x.push_back(scores[block.first]);
    knots.y.push_back(block.height());
    if (block.last == block.first) continue;
    knots.x.push_back(scores[block.last]);
    knots.y.push_back(block.height());
  }
  return knots;
}

}  // namespace thalweg::calibration
