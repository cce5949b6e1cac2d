#pragma once
// What many decisions come to: counted as they are made, in constant memory.

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/histogram.h"
#include "calibration/metrics.h"
#include "scoring/dataset.h"
#include "scoring/score_plan.h"

namespace thalweg::scoring {

/// Decisions against what was expected; positive means accepted.
struct Confusion {
  std::int64_t true_positive = 0;
  std::int64_t false_positive = 0;
  std::int64_t true_negative = 0;
  std::int64_t false_negative = 0;
  void add(bool expected, bool given) noexcept;
  void merge(const Confusion& other) noexcept;
  [[nodiscard]] std::int64_t total() const noexcept { return true_positive + false_positive + true_negative + false_negative; }
  [[nodiscard]] std::int64_t correct() const noexcept { return true_positive + true_negative; }
  // 0 where undefined, as the field does.
  [[nodiscard]] double accuracy() const noexcept;
  [[nodiscard]] double precision() const noexcept;
  [[nodiscard]] double recall() const noexcept;
  [[nodiscard]] double specificity() const noexcept;
  [[nodiscard]] double f1() const noexcept;
  [[nodiscard]] double balanced_accuracy() const noexcept;
  [[nodiscard]] double matthews() const noexcept;  ///< Matthews correlation coefficient
  [[nodiscard]] double majority() const noexcept;  ///< accuracy of always saying what is commoner
  [[nodiscard]] Value to_value() const;
};

/// One label over a data set.
struct LabelEvaluation {
  Confusion detected;                    ///< by the label's threshold
  calibration::BinnedScores calibrated;  ///< for AUC, log-loss, Brier, calibration error, reliability
};

/// Counts of samples by what became of them. Not thread-safe; merge() joins those of several threads.
class Evaluation {
 public:
  explicit Evaluation(const ScorePlan& plan);

  /// A sample that was scored: its verdict and its calibrated scores by column.
  void add(const Sample& sample, const Verdict& verdict, std::span<const double> calibrated);
  /// A sample whose model failed: counted apart, neither right nor wrong.
  void add_error(const Error& error);
  void add_dropped() noexcept { ++dropped_; }
  /// A batch of so many texts took so long from its start to its end, of it inference.
  void add_batch(std::size_t texts, std::int64_t elapsed_ns, std::int64_t inference_ns, std::int64_t tokens);
  void merge(const Evaluation& other);

  [[nodiscard]] const Confusion& decisions() const noexcept { return decisions_; }
  [[nodiscard]] std::int64_t errors() const noexcept { return errors_; }
  [[nodiscard]] std::int64_t dropped() const noexcept { return dropped_; }
  [[nodiscard]] std::int64_t inferred() const noexcept {
    return inferred_;
  }  ///< texts given to the model, not taken from a ledger
  [[nodiscard]] const std::map<std::string, Confusion, std::less<>>& categories() const noexcept { return categories_; }
  [[nodiscard]] const std::map<std::string, Confusion, std::less<>>& difficulties() const noexcept { return difficulties_; }
  [[nodiscard]] const std::vector<LabelEvaluation>& labels() const noexcept { return labels_; }  ///< by column
  [[nodiscard]] const std::vector<std::string>& label_names() const noexcept { return names_; }
  /// Of accepted (true) or rejected samples as they were expected, how the overall scores are spread.
  [[nodiscard]] const calibration::BinnedScores& scores() const noexcept { return scores_; }

  // Over labels that were expected at least once: their mean, and the harmonic mean of precision and recall so averaged.
  [[nodiscard]] double macro_precision() const noexcept;
  [[nodiscard]] double macro_recall() const noexcept;
  [[nodiscard]] double macro_f1() const noexcept;
  /// Over all labels and samples together; false detections of labels never expected count.
  [[nodiscard]] Confusion micro() const noexcept;
  /// The mean over labels that were and were not expected.
  [[nodiscard]] double mean_auc() const noexcept;
  [[nodiscard]] double mean_log_loss() const noexcept;

  /// {total, correct, errors, dropped, accuracy, majority, decisions, per_category, per_difficulty, per_label, macro, micro,
  /// score, latency}: counts and what follows from them.
  [[nodiscard]] Value to_value() const;

 private:
  std::vector<std::string> names_;
  std::vector<double> thresholds_;
  Confusion decisions_;
  std::map<std::string, Confusion, std::less<>> categories_;
  std::map<std::string, Confusion, std::less<>> difficulties_;
  std::vector<LabelEvaluation> labels_;
  calibration::BinnedScores scores_;
  std::map<std::string, std::int64_t, std::less<>> error_codes_;
  std::int64_t errors_ = 0;
  std::int64_t dropped_ = 0;
  std::int64_t inferred_ = 0;
  std::int64_t tokens_ = 0;
  std::size_t most_texts_ = 0;
  Histogram batch_ns_;
  Histogram inference_ns_;
};

}  // namespace thalweg::scoring
