#pragma once
// Cutting rows into folds, each held out once.

#include <cstdint>
#include <span>
#include <vector>

#include "base/error.h"

namespace thalweg::calibration {

/// A number for each row: rows of one number belong together, as copies of one text do, and stand on one side of every cut.
/// Empty: each row is alone.
using Groups = std::span<const std::size_t>;

/// The rows of each group, in the order of their first rows.
[[nodiscard]] std::vector<std::vector<std::size_t>> rows_of(Groups groups, std::size_t rows);

/// Which fold holds out each row.
///
///     const Folds folds = TRY(Folds::stratified(accepted, 5, seed));
///     for (std::size_t fold = 0; fold < folds.count(); ++fold) {
///       train(folds.outside(fold));
///       test(folds.inside(fold));
///     }
class Folds {
 public:
  /// `count` folds with the classes (any numbers) spread evenly: of each class, two folds differ by one row at most, and so do
  /// the sizes of two folds. With `groups`, the same holds for groups, which have the class of their first row. The same seed
  /// gives the same folds on every machine. Errors: invalid_argument when there are fewer than 2 folds; failed_precondition when
  /// there are fewer groups than folds.
  [[nodiscard]] static Result<Folds> stratified(std::span<const std::uint8_t> classes, std::size_t count, std::uint64_t seed,
                                                Groups groups = {});
  /// One fold a row, or a group.
  [[nodiscard]] static Folds leave_one_out(std::size_t rows, Groups groups = {});

  [[nodiscard]] std::size_t count() const noexcept { return count_; }
  [[nodiscard]] std::size_t rows() const noexcept { return of_.size(); }
  /// The fold that holds out `row`.
  [[nodiscard]] std::size_t of(std::size_t row) const noexcept { return of_[row]; }
  [[nodiscard]] std::vector<std::size_t> inside(std::size_t fold) const;   ///< rows held out, ascending
  [[nodiscard]] std::vector<std::size_t> outside(std::size_t fold) const;  ///< all others, ascending

 private:
  std::vector<std::size_t> of_;
  std::size_t count_ = 0;
};

/// The rows of `values` that `rows` names.
template <class T>
[[nodiscard]] std::vector<T> pick(std::span<const T> values, std::span<const std::size_t> rows) {
  std::vector<T> out;
  out.reserve(rows.size());
  for (const std::size_t row : rows) out.push_back(values[row]);
  return out;
}

}  // namespace thalweg::calibration
