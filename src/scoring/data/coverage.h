#pragma once
// What a data set holds, and what it lacks.

#include <cstddef>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/histogram.h"
#include "scoring/data/dataset.h"
#include "scoring/data/dataset_check.h"

namespace thalweg::scoring {

struct CoverageTargets {
  std::size_t per_category = 50;
  std::size_t per_label = 3;
};

/// Counts samples as they come.
///
///     Coverage coverage({}, &known);
///     while (auto sample = TRY(reader.next())) coverage.add(*sample);
///     print(coverage.to_value());
class Coverage {
 public:
  struct Decisions {
    std::size_t accepts = 0, rejects = 0;
    [[nodiscard]] std::size_t total() const noexcept { return accepts + rejects; }
  };

  /// `known`: names of a configuration, so that those without any sample are told; null: there are none. To outlive this.
  explicit Coverage(CoverageTargets targets = {}, const KnownNames* known = nullptr) : targets_(targets), known_(known) {}

  void add(const Sample& sample);

  [[nodiscard]] const Decisions& decisions() const noexcept { return all_; }
  [[nodiscard]] const std::map<std::string, Decisions>& categories() const noexcept { return categories_; }
  [[nodiscard]] const std::map<std::string, Decisions>& labels() const noexcept { return labels_; }
  /// Known names without a sample, by name.
  [[nodiscard]] std::vector<std::string> missing_categories() const;
  [[nodiscard]] std::vector<std::string> missing_labels() const;
  [[nodiscard]] std::size_t duplicate_texts() const noexcept { return duplicates_; }   ///< met before, with the same decision
  [[nodiscard]] std::size_t conflicting_texts() const noexcept { return conflicts_; }  ///< met before, with the other one

  /// {total, accept, reject, majority, categories: {C: {total, accept, reject, target, met}}, labels: {the same}, missing:
  /// {categories, labels}, unknown: {categories, labels}, labels_per_sample: {"1": n, ...}, difficulty: {easy, ...}, length:
  /// {least, mean, median, p90, most} in characters (percentiles to 1.6 %), with_context, blank, duplicate_texts,
  /// conflicting_texts}
  [[nodiscard]] Value to_value() const;

 private:
  CoverageTargets targets_;
  const KnownNames* known_;
  Decisions all_;
  std::map<std::string, Decisions> categories_, labels_;
  std::map<std::size_t, std::size_t> labels_per_sample_;
  std::map<std::string, std::size_t> difficulty_;
  Histogram lengths_;
  SeenTexts texts_;
  std::size_t contexts_ = 0, blank_ = 0, duplicates_ = 0, conflicts_ = 0;
};

}  // namespace thalweg::scoring
