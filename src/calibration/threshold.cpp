#include "calibration/threshold.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>

#include "calibration/binomial.h"
#include "calibration/elementary.h"
#include "calibration/sample.h"

namespace thalweg::calibration {
namespace {

// The rows that a threshold can accept by falling score.
class Ranking {
 public:
  Ranking(std::span<const double> score, std::span<const std::uint8_t> good) : score_(score), good_(good) {
    for (std::size_t row = 0; row < score.size(); ++row) {
      if (score[row] >= 0) order_.push_back(row);
    }
    std::ranges::sort(order_, [&](std::size_t a, std::size_t b) { return score[a] > score[b]; });
    all_good_ = Sample{score, good}.positives();
  }

  [[nodiscard]] std::size_t rows() const noexcept { return score_.size(); }
  [[nodiscard]] std::size_t open() const noexcept { return order_.size(); }  ///< rows that some threshold accepts
  [[nodiscard]] double score(std::size_t rank) const noexcept { return score_[order_[rank]]; }
  [[nodiscard]] bool good(std::size_t rank) const noexcept { return good_[order_[rank]] != 0; }
  [[nodiscard]] std::size_t all_good() const noexcept { return all_good_; }

 private:
  std::vector<std::size_t> order_;
  std::span<const double> score_;
  std::span<const std::uint8_t> good_;
  std::size_t all_good_;
};

// Half way to the next lower score, so that neither side depends on the last bit.
double between_ranks(const Ranking& ranking, std::size_t accepted) noexcept {
  if (accepted == ranking.open()) return 0;
  const double above = ranking.score(accepted - 1), below = ranking.score(accepted);
  const double middle = below + (above - below) / 2;
  return middle > below ? middle : above;
}

// The cut with the greatest merit that accepts something; cuts between equal scores do not exist.
Threshold best_cut(const Ranking& ranking, const std::function<double(const Threshold&)>& merit) {
  Threshold at, best;
  at.rows = ranking.rows();
  at.missed = ranking.all_good();
  double most = -std::numeric_limits<double>::infinity();
  for (at.accepted = 1; at.accepted <= ranking.open(); ++at.accepted) {
    ranking.good(at.accepted - 1) ? --at.missed : ++at.wrong;
    if (at.accepted < ranking.open() && ranking.score(at.accepted) == ranking.score(at.accepted - 1)) continue;
    at.objective = merit(at);
    if (at.objective > most) {
      most = at.objective;
      best = at;
    }
  }
  best.value = between_ranks(ranking, best.accepted);
  return best;
}

Result<> check_rows(std::span<const double> score, std::span<const std::uint8_t> good) {
  if (score.size() != good.size()) return fail(Code::invalid_argument, "{} scores for {} truths", score.size(), good.size());
  if (score.empty()) return fail(Code::invalid_argument, "there is no row");
  for (std::size_t row = 0; row < score.size(); ++row) {
    if (!(score[row] <= 1)) return fail(Code::invalid_argument, "score {} of row {} is not at most 1", score[row], row);
    if (good[row] > 1) return fail(Code::invalid_argument, "truth {} of row {} is neither 0 nor 1", good[row], row);
  }
  return {};
}

Result<Ranking> ranked(std::span<const double> score, std::span<const std::uint8_t> good) {
  TRY(check_rows(score, good));
  Ranking ranking(score, good);
  if (ranking.all_good() == 0)
    return fail(Code::failed_precondition, "none of the {} rows is good: no threshold can be chosen", score.size());
  if (ranking.open() == 0)
    return fail(Code::failed_precondition, "none of the {} rows can be accepted by any threshold", score.size());
  return ranking;
}

Result<std::vector<double>> grid_of(const RiskOptions& options) {
  if (!(options.alpha > 0 && options.alpha < 1))
    return fail(Code::invalid_argument, "alpha must be within (0, 1), not {}", options.alpha);
  if (!(options.delta > 0 && options.delta < 1))
    return fail(Code::invalid_argument, "delta must be within (0, 1), not {}", options.delta);
  std::vector<double> grid(options.grid.begin(), options.grid.end());
  if (grid.empty()) {
    for (int i = 999; i >= 0; --i) grid.push_back(i / 1000.0);
  }
  for (std::size_t i = 0; i < grid.size(); ++i) {
    if (!std::isfinite(grid[i]) || (i > 0 && grid[i] >= grid[i - 1])) {
      return fail(Code::invalid_argument, "threshold {} of the grid, {}, is not below the one before it", i, grid[i]);
    }
  }
  return grid;
}

std::unexpected<Error> too_few(const RiskOptions& options, const Threshold& at, std::uint64_t needed) {
  return fail(Code::failed_precondition,
              "at threshold {:.4g} {} rows are accepted and {} of them wrong; to prove a risk of at most {} with confidence {}, "
              "{} accepted "
              "rows with no more wrong ones are needed: {} more",
              at.value, at.accepted, at.wrong, options.alpha, 1 - options.delta, needed, needed - at.accepted);
}

}  // namespace

Result<Threshold> threshold_by_f1(std::span<const double> score, std::span<const std::uint8_t> good) {
  const Ranking ranking = TRY(ranked(score, good));
  return best_cut(ranking, [&](const Threshold& at) {
    const auto hits = static_cast<double>(at.accepted - at.wrong);
    return 2 * hits / (2 * hits + static_cast<double>(at.wrong + at.missed));
  });
}

Result<Threshold> threshold_by_cost(std::span<const double> score, std::span<const std::uint8_t> good, Costs costs) {
  for (const double cost : {costs.false_accept, costs.false_reject}) {
    if (!std::isfinite(cost) || cost < 0)
      return fail(Code::invalid_argument, "a cost must be finite and not negative, not {}", cost);
  }
  const Ranking ranking = TRY(ranked(score, good));
  const auto cost = [&](std::size_t wrong, std::size_t missed) {
    return (costs.false_accept * static_cast<double>(wrong) + costs.false_reject * static_cast<double>(missed)) /
           static_cast<double>(ranking.rows());
  };
  Threshold best = best_cut(ranking, [&](const Threshold& at) { return -cost(at.wrong, at.missed); });
  best.objective = -best.objective;
  if (const double none = cost(0, ranking.all_good()); none < best.objective) {
    return fail(Code::failed_precondition,
                "accepting nothing is cheapest: it costs {:.4g} a row, and every threshold that accepts a row at least {:.4g}",
                none, best.objective);
  }
  return best;
}

Result<Threshold> threshold_by_risk(std::span<const double> score, std::span<const std::uint8_t> good,
                                    const RiskOptions& options) {
  const std::vector<double> grid = TRY(grid_of(options));
  const Ranking ranking = TRY(ranked(score, good));
  const std::uint64_t start = trials_needed(options.spare_errors, options.alpha, options.delta);
  const double most = logarithm(options.delta);
  Threshold at, best;
  at.rows = ranking.rows();
  at.missed = ranking.all_good();
  for (const double value : grid) {
    const std::size_t before = at.accepted;
    for (; at.accepted < ranking.open() && ranking.score(at.accepted) >= value; ++at.accepted) {
      ranking.good(at.accepted) ? --at.missed : ++at.wrong;
    }
    at.value = value;
    if (at.accepted < start) continue;
    if (at.accepted != before && log_at_most(at.wrong, at.accepted, options.alpha) > most) {
      if (best.accepted == 0) return too_few(options, at, trials_needed(at.wrong, options.alpha, options.delta));
      break;
    }
    best = at;
  }
  if (best.accepted == 0) {
    return fail(Code::failed_precondition,
                "{} of {} rows are accepted at the laxest threshold, {:.4g}; to prove a risk of at most {} with confidence {}, "
                "at least {} "
                "are needed: {} more",
                at.accepted, at.rows, at.value, options.alpha, 1 - options.delta, start, start - at.accepted);
  }
  best.objective = upper_bound(best.wrong, best.accepted, options.delta);
  return best;
}

}  // namespace thalweg::calibration
