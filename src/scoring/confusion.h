#pragma once
// Answers of yes or no against what was expected.

#include <cstdint>

#include "thalweg/value.h"

namespace thalweg::scoring {

/// Counts, and what follows from them; shares are 0 where nothing can be said (0 of 0).
struct Confusion {
  std::int64_t true_positive = 0;
  std::int64_t false_positive = 0;
  std::int64_t true_negative = 0;
  std::int64_t false_negative = 0;
  bool operator==(const Confusion&) const = default;

  void add(bool expected, bool given) noexcept;
  void merge(const Confusion& other) noexcept;
  [[nodiscard]] std::int64_t total() const noexcept { return true_positive + false_positive + true_negative + false_negative; }
  [[nodiscard]] std::int64_t correct() const noexcept { return true_positive + true_negative; }
  [[nodiscard]] std::int64_t expected() const noexcept { return true_positive + false_negative; }
  [[nodiscard]] std::int64_t given() const noexcept { return true_positive + false_positive; }
  [[nodiscard]] double accuracy() const noexcept;
  [[nodiscard]] double precision() const noexcept;
  [[nodiscard]] double recall() const noexcept;
  [[nodiscard]] double specificity() const noexcept;
  [[nodiscard]] double f1() const noexcept;
  [[nodiscard]] double balanced_accuracy() const noexcept;
  /// Matthews correlation coefficient (Matthews 1975), -1 to 1.
  [[nodiscard]] double matthews() const noexcept;
  /// The accuracy of always giving the commoner answer.
  [[nodiscard]] double majority() const noexcept;
  [[nodiscard]] Value to_value() const;
};

}  // namespace thalweg::scoring
