#pragma once
// What many decisions come to: counted as they are made, in constant memory.

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/histogram.h"
#include "calibration/binned_scores.h"
#include "calibration/metrics.h"
#include "scoring/data/dataset.h"
#include "scoring/score_plan.h"

namespace thalweg::scoring {

using calibration::Confusion;

/// Counts of samples by what became of them. Not thread-safe.
class Evaluation {
 public:
  explicit Evaluation(const ScorePlan& plan);
  /// Of results whose labels are not known before: they become columns as they are met. A label that a result does not name has
  /// the score 0 there.
  Evaluation() = default;

  /// A sample that was scored: its verdict and its calibrated scores by column.
  void add(const Sample& sample, const Verdict& verdict, std::span<const double> calibrated);
  /// A sample with its result. Precondition: made without a plan.
  void add(const Sample& sample, const ScoreResult& result);
  /// A sample whose model failed: counted apart, neither right nor wrong.
  void add_error(const Error& error);
  /// A sample that was not scored, because it is wrong.
  void add_dropped() noexcept { ++dropped_; }
  /// A batch of so many texts took so long from its start to its end, of it inference.
  void add_batch(std::size_t texts, std::int64_t elapsed_ns, std::int64_t inference_ns, std::int64_t tokens);

  [[nodiscard]] const Confusion& decisions() const noexcept { return decisions_; }
  [[nodiscard]] std::int64_t errors() const noexcept { return errors_; }
  [[nodiscard]] std::int64_t dropped() const noexcept { return dropped_; }
  /// Texts given to the model; the others came from a ledger.
  [[nodiscard]] std::int64_t inferred() const noexcept { return inferred_; }
  [[nodiscard]] std::int64_t tokens() const noexcept { return tokens_; }
  [[nodiscard]] const Histogram& batch_ns() const noexcept { return batch_ns_; }
  [[nodiscard]] std::size_t batch_size() const noexcept { return most_texts_; }  ///< of the largest batch
  [[nodiscard]] const std::map<std::string, Confusion, std::less<>>& categories() const noexcept { return categories_; }
  [[nodiscard]] const std::map<std::string, Confusion, std::less<>>& difficulties() const noexcept { return difficulties_; }
  [[nodiscard]] const std::vector<std::string>& label_names() const noexcept { return names_; }
  /// Detection of each label by its threshold, by column.
  [[nodiscard]] const std::vector<Confusion>& labels() const noexcept { return labels_; }
  /// The calibrated scores of each label, by column.
  [[nodiscard]] const std::vector<calibration::BinnedScores>& calibrated() const noexcept { return calibrated_; }

  /// Over the labels that were expected at least once, as means (precision 0 where nothing was detected); F1 is the harmonic mean
  /// of the other two, 0 when both are. Nothing where no label was ever expected.
  struct Macro {
    double precision = 0;
    double recall = 0;
    double f1 = 0;
  };
  [[nodiscard]] std::optional<Macro> macro() const noexcept;
  /// Over all labels and samples together; detections of labels that are never expected count.
  [[nodiscard]] Confusion micro() const noexcept;
  /// The mean of the labels where it is defined; nothing where it is of none.
  [[nodiscard]] std::optional<double> mean_auc() const;
  [[nodiscard]] std::optional<double> mean_log_loss() const;

  /// {total, correct, errors, error_codes, dropped, accuracy, majority, decisions, per_category, per_difficulty, per_label,
  /// macro, micro, batches}: counts and what follows from them.
  [[nodiscard]] Value to_value() const;

 private:
  void add_column(const LabelScore& label);
  std::vector<std::string> names_;
  std::vector<double> thresholds_;
  Confusion decisions_;
  std::map<std::string, Confusion, std::less<>> categories_;
  std::map<std::string, Confusion, std::less<>> difficulties_;
  std::vector<Confusion> labels_;
  std::vector<calibration::BinnedScores> calibrated_;
  std::map<std::string, std::size_t, std::less<>> unmet_;  // expected labels that no result has named yet
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
