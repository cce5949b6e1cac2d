#include "calibration/binned_scores.h"

#include <algorithm>

#include "calibration/logit.h"

namespace thalweg::calibration {

BinnedScores::BinnedScores() : bins_(std::make_unique<std::array<Bin, kBins>>()) {}

bool BinnedScores::add(double p, bool present) noexcept {
  constexpr double kEnd = 16.2, kPerUnit = static_cast<double>(kBins) / (2 * kEnd);
  if (!(p >= 0 && p <= 1)) return false;
  Bin& bin = (*bins_)[static_cast<std::size_t>((logit(p) + kEnd) * kPerUnit)];
  ++(present ? bin.positives : bin.negatives);
  ++(present ? positives_ : negatives_);
  bin.sum += p;
  loss_ += log_loss(present, p);
  const double off = p - (present ? 1 : 0);
  squares_ += off * off;
  return true;
}

std::optional<double> BinnedScores::mean_log_loss() const noexcept {
  if (rows() == 0) return std::nullopt;
  return loss_ / static_cast<double>(rows());
}

std::optional<double> BinnedScores::brier() const noexcept {
  if (rows() == 0) return std::nullopt;
  return squares_ / static_cast<double>(rows());
}

std::optional<double> BinnedScores::roc_auc() const noexcept {
  if (positives_ == 0 || negatives_ == 0) return std::nullopt;
  double below = 0, wins = 0;
  for (const Bin& bin : *bins_) {
    wins += static_cast<double>(bin.positives) * (below + 0.5 * static_cast<double>(bin.negatives));
    below += static_cast<double>(bin.negatives);
  }
  return wins / (static_cast<double>(positives_) * static_cast<double>(negatives_));
}

std::optional<double> BinnedScores::average_precision() const noexcept {
  if (positives_ == 0) return std::nullopt;
  double hits = static_cast<double>(positives_), accepted = static_cast<double>(rows()), sum = 0;
  for (const Bin& bin : *bins_) {
    if (bin.positives > 0) sum += static_cast<double>(bin.positives) * hits / accepted;
    hits -= static_cast<double>(bin.positives);
    accepted -= static_cast<double>(bin.positives + bin.negatives);
  }
  return sum / static_cast<double>(positives_);
}

std::vector<ReliabilityBin> BinnedScores::reliability(std::size_t bins) const {
  std::vector<ReliabilityBin> out(bins);
  for (const Bin& bin : *bins_) {
    const std::uint64_t rows = bin.positives + bin.negatives;
    if (rows == 0) continue;
    const double mean = bin.sum / static_cast<double>(rows);
    ReliabilityBin& into = out[bin_of(mean, bins)];
    into.rows += rows;
    into.predicted += bin.sum;
    into.present += static_cast<double>(bin.positives);
  }
  std::erase_if(out, [](const ReliabilityBin& bin) { return bin.rows == 0; });
  for (ReliabilityBin& bin : out) {
    bin.predicted /= static_cast<double>(bin.rows);
    bin.present /= static_cast<double>(bin.rows);
  }
  return out;
}

}  // namespace thalweg::calibration
