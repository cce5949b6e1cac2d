#include "calibration/metrics.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "calibration/logit.h"

namespace thalweg::calibration {
namespace {

std::vector<std::size_t> ascending(const Sample& sample) {
  std::vector<std::size_t> order(sample.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
    return sample.raw[a] < sample.raw[b] || (sample.raw[a] == sample.raw[b] && a < b);
  });
  return order;
}

// Calls visit(present, absent) for each distinct score, ascending.
template <class Visit>
void each_score(const Sample& sample, Visit&& visit) {
  const auto order = ascending(sample);
  for (std::size_t at = 0; at < order.size();) {
    std::size_t present = 0, rows = 0;
    for (const double score = sample.raw[order[at]]; at < order.size() && sample.raw[order[at]] == score; ++at, ++rows) {
      present += sample.present[order[at]];
    }
    visit(present, rows - present);
  }
}

void take(ReliabilityBin& bin, double predicted, std::uint8_t present) noexcept {
  ++bin.rows;
  bin.predicted += predicted;
  bin.present += present;
}

std::optional<double> ratio(std::uint64_t part, std::uint64_t whole) noexcept {
  if (whole == 0) return std::nullopt;
  return static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

double mean_log_loss(const Sample& sample) noexcept {
  double sum = 0;
  for (std::size_t i = 0; i < sample.size(); ++i) sum += log_loss(sample.present[i] != 0, sample.raw[i]);
  return sum / static_cast<double>(sample.size());
}

double brier(const Sample& sample) noexcept {
  double sum = 0;
  for (std::size_t i = 0; i < sample.size(); ++i) {
    const double off = sample.raw[i] - sample.present[i];
    sum += off * off;
  }
  return sum / static_cast<double>(sample.size());
}

std::optional<double> roc_auc(const Sample& sample) {
  const auto positives = static_cast<double>(sample.positives()), negatives = static_cast<double>(sample.negatives());
  if (positives == 0 || negatives == 0) return std::nullopt;
  double below = 0, wins = 0;  // absent rows so far; pairs won
  each_score(sample, [&](std::size_t present, std::size_t absent) {
    wins += static_cast<double>(present) * (below + 0.5 * static_cast<double>(absent));
    below += static_cast<double>(absent);
  });
  return wins / (positives * negatives);
}

std::optional<double> average_precision(const Sample& sample) {
  const std::size_t positives = sample.positives();
  if (positives == 0) return std::nullopt;
  std::size_t hits = positives, accepted = sample.size();  // from the score on
  double sum = 0;
  each_score(sample, [&](std::size_t present, std::size_t absent) {
    sum += static_cast<double>(present) * static_cast<double>(hits) / static_cast<double>(accepted);
    hits -= present;
    accepted -= present + absent;
  });
  return sum / static_cast<double>(positives);
}

std::size_t bin_of(double p, std::size_t bins) noexcept {
  const double end = std::ceil(p * static_cast<double>(bins));
  return end <= 1 ? 0 : std::min(static_cast<std::size_t>(end) - 1, bins - 1);
}

std::vector<ReliabilityBin> reliability(const Sample& sample, std::size_t bins, Binning binning) {
  std::vector<ReliabilityBin> out(bins);
  if (binning == Binning::equal_width) {
    for (std::size_t i = 0; i < sample.size(); ++i) {
      take(out[bin_of(sample.raw[i], bins)], sample.raw[i], sample.present[i]);
    }
  } else {
    const auto order = ascending(sample);
    std::size_t at = 0;
    for (std::size_t bin = 0; bin < bins; ++bin) {
      const std::size_t end = (2 * (bin + 1) * order.size() + bins) / (2 * bins);
      while (at < order.size() &&
             (at < end || (at > 0 && out[bin].rows > 0 && sample.raw[order[at]] == sample.raw[order[at - 1]]))) {
        take(out[bin], sample.raw[order[at]], sample.present[order[at]]);
        ++at;
      }
    }
  }
  std::erase_if(out, [](const ReliabilityBin& bin) { return bin.rows == 0; });
  for (ReliabilityBin& bin : out) {
    bin.predicted /= static_cast<double>(bin.rows);
    bin.present /= static_cast<double>(bin.rows);
  }
  return out;
}

double ece(std::span<const ReliabilityBin> bins) noexcept {
  double sum = 0, rows = 0;
  for (const ReliabilityBin& bin : bins) {
    sum += std::abs(bin.predicted - bin.present) * static_cast<double>(bin.rows);
    rows += static_cast<double>(bin.rows);
  }
  return rows == 0 ? 0 : sum / rows;
}

Confusion& Confusion::operator+=(const Confusion& other) noexcept {
  true_positives += other.true_positives;
  false_positives += other.false_positives;
  false_negatives += other.false_negatives;
  true_negatives += other.true_negatives;
  return *this;
}

std::optional<double> Confusion::accuracy() const noexcept { return ratio(true_positives + true_negatives, rows()); }

std::optional<double> Confusion::majority() const noexcept {
  return ratio(std::max(true_positives + false_negatives, false_positives + true_negatives), rows());
}

std::optional<double> Confusion::precision() const noexcept { return ratio(true_positives, true_positives + false_positives); }
std::optional<double> Confusion::recall() const noexcept { return ratio(true_positives, true_positives + false_negatives); }
std::optional<double> Confusion::specificity() const noexcept { return ratio(true_negatives, true_negatives + false_positives); }
std::optional<double> Confusion::f1() const noexcept {
  return ratio(2 * true_positives, 2 * true_positives + false_positives + false_negatives);
}

std::optional<double> Confusion::balanced_accuracy() const noexcept {
  const auto hit = recall(), spared = specificity();
  if (!hit || !spared) return std::nullopt;
  return (*hit + *spared) / 2;
}

std::optional<double> Confusion::mcc() const noexcept {
  const auto tp = static_cast<double>(true_positives), fp = static_cast<double>(false_positives);
  const auto fn = static_cast<double>(false_negatives), tn = static_cast<double>(true_negatives);
  const double norm = std::sqrt(tp + fp) * std::sqrt(tp + fn) * std::sqrt(tn + fp) * std::sqrt(tn + fn);
  if (norm == 0) return std::nullopt;
  return (tp * tn - fp * fn) / norm;
}

Confusion confusion(const Sample& sample, double threshold) noexcept {
  Confusion out;
  for (std::size_t i = 0; i < sample.size(); ++i) out.add(sample.raw[i] >= threshold, sample.present[i] != 0);
  return out;
}

}  // namespace thalweg::calibration
