#pragma once
// Metrics of any number of rows in constant memory.

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "calibration/metrics.h"

namespace thalweg::calibration {

/// Takes predictions one by one and keeps 4096 bins of them (100 kB), equally wide in log-odds from -16.2 to 16.2, so that scores
/// near 0 and 1 stay apart: 0.0079 of log-odds each, which is 0.002 of probability at one half and 1e-5 at 0.999. Not
/// thread-safe.
///
/// log-loss and Brier are those of the rows themselves. AUC and average precision count rows of one bin as equal. Reliability
/// puts a whole bin where its mean prediction belongs.
class BinnedScores {
 public:
  static constexpr std::size_t kBins = 4096;

  BinnedScores();
  /// False, and nothing taken, when `p` is no number in [0, 1].
  bool add(double p, bool present) noexcept;

  [[nodiscard]] std::uint64_t rows() const noexcept { return positives_ + negatives_; }
  [[nodiscard]] std::uint64_t positives() const noexcept { return positives_; }
  [[nodiscard]] std::optional<double> mean_log_loss() const noexcept;
  [[nodiscard]] std::optional<double> brier() const noexcept;
  [[nodiscard]] std::optional<double> roc_auc() const noexcept;
  [[nodiscard]] std::optional<double> average_precision() const noexcept;
  [[nodiscard]] std::vector<ReliabilityBin> reliability(std::size_t bins = 10) const;  ///< of equal width

 private:
  struct Bin {
    std::uint64_t positives = 0, negatives = 0;
    double sum = 0;  // of predictions
  };
  std::unique_ptr<std::array<Bin, kBins>> bins_;
  std::uint64_t positives_ = 0, negatives_ = 0;
  double loss_ = 0, squares_ = 0;
};

}  // namespace thalweg::calibration
