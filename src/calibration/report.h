#pragma once
// Calibrating all labels of a data set, and what that is worth, label by label.

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "calibration/bootstrap.h"
#include "calibration/fit.h"
#include "calibration/folds.h"
#include "calibration/metrics.h"
#include "thalweg/value.h"

namespace thalweg::calibration {

/// One label's column of a data set.
struct LabelData {
  std::string name;
  Sample sample;
};

struct ReportOptions {
  Method method = Method::beta;
  bool shrink = true;      ///< fit platt or beta for all labels together (shrinkage.h)
  FitOptions fit{};        ///< where labels are fitted one by one
  std::size_t folds = 10;  ///< that are held out in turn; 0 leaves out one row at a time
  std::uint64_t seed = 1;  ///< of the folds
  Groups groups{};         ///< rows that no fold parts, and that are drawn together for intervals
  std::size_t bins = 10;   ///< of ECE and of the reliability diagram
  BootstrapOptions bootstrap{};
  /// Gets the fits of each fold, by label (the identity where one is skipped), on the rows outside of it. An error ends the work.
  std::function<Result<>(std::span<const Fit> fits, std::span<const std::size_t> inside, std::span<const std::size_t> outside)>
      fold{};
  std::function<Result<>(std::size_t done, std::size_t total)> progress{};  ///< after every round of fits; an error ends the work
};

/// A figure and its bootstrap interval over rows.
struct Figure {
  double value = 0;
  Interval interval;
};

/// How good probabilities are; see metrics.h for each. Drawn rows are worse calibrated than all of them, so that the bootstrap's
/// interval of an ECE may lie above it; it is widened to hold it.
struct Quality {
  Figure log_loss, brier, ece;
};

struct LabelReport {
  std::string name;
  std::size_t positives = 0, negatives = 0;
  Calibrator calibrator;                    ///< fitted on all rows; the identity where `skipped` says why
  std::string skipped;                      ///< empty when fitted
  Quality before;                           ///< of the scores themselves
  Quality after;                            ///< of the fit on the rows it was fitted on: flatters
  Quality held_out;                         ///< each row by a fit, shrinkage and all, on the folds it is not in: what to go by
  double base_rate = 0;                     ///< log-loss, held out, of always saying the share of rows that have the label
  std::optional<double> auc;                ///< of the scores
  std::vector<ReliabilityBin> reliability;  ///< of the held-out probabilities
  std::vector<Warning> warnings;
};

struct Report {
  Method method = Method::none;
  bool shrunk = false;
  std::size_t rows = 0, folds = 0;
  std::size_t fitted = 0;           ///< labels; the others were skipped
  std::vector<LabelReport> labels;  ///< in the order given
  // Log-losses, mean over the labels that are fitted; the labels' rows are drawn together for the intervals.
  Figure before, after, held_out;
  double base_rate = 0;
  double held_out_with_skipped = 0;  ///< over all labels, those skipped by their raw scores

  /// {method, shrunk, rows, fitted, folds, log_loss: {before, after, held_out, held_out_with_skipped, base_rate}, labels: {NAME:
  /// {...}}}; a figure is {value, low, high}.
  [[nodiscard]] Value to_value() const;
};

/// Fits all labels and measures the fits. Labels fitted one by one that are too thin keep their scores (and say so in `skipped`),
/// and so do labels fitted together that are present in all rows or none while the others together have fewer than fit.minimum of
/// a kind; within folds a label that is fitted at all is fitted from whatever rows there are. Errors: invalid_argument for no
/// label, labels of different numbers of rows, no bin, `shrink` with a method other than platt and beta, those of check(Sample)
/// at the label's name; failed_precondition for fewer rows than folds, and for labels that are fitted together of too few rows;
/// progress's.
[[nodiscard]] Result<Report> calibrate(std::span<const LabelData> labels, const ReportOptions& options = {});

}  // namespace thalweg::calibration
