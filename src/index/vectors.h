#pragma once
// Vectors of passages in one file beside the keyword index, and the nearest of them.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"

namespace thalweg::index {

/// A passage by its number in the index.
struct Ranked {
  std::uint64_t id = 0;
  double score = 0;
};

/// Rows of numbers: of each passage first that of the whole, then those of its sentences.
struct VectorRows {
  std::size_t dimensions = 0;
  std::vector<std::uint64_t> ids;
  std::vector<float> values;  ///< ids.size() x dimensions
  void add(std::uint64_t id, std::span<const float> row);
  /// By id; rows of one passage stay in their order.
  void sort();
};

/// Writes rows as a file that is whole on the disk when this returns. Precondition: sorted. Errors: those of the system.
[[nodiscard]] Result<> write_vectors(const std::string& path, const VectorRows& rows);

/// The rows of a file, mapped into memory. Thread-safe. The file: 64 bytes of header (magic, dimensions, rows, XXH3 of what
/// follows), the numbers of the passages, the rows; in the machine's byte order, little endian.
class Vectors {
 public:
  /// Errors: data_loss (missing, cut off, changed), those of the system.
  [[nodiscard]] static Result<Vectors> open(const std::string& path);

  [[nodiscard]] std::size_t size() const noexcept { return ids_.size(); }
  [[nodiscard]] std::size_t dimensions() const noexcept { return dimensions_; }
  [[nodiscard]] std::span<const std::uint64_t> ids() const noexcept { return ids_; }
  [[nodiscard]] std::span<const float> row(std::size_t i) const noexcept { return values_.subspan(i * dimensions_, dimensions_); }

  /// The passages most similar to the query, best first; equal ones by number. Every row is looked at: exact, about 10 GB/s.
  /// Precondition: the query has `dimensions` numbers.
  [[nodiscard]] std::vector<Ranked> nearest(std::span<const float> query, std::size_t limit) const;
  /// The mean of two dot products, of the query with the whole passage and with the best of its sentences; of the passage alone
  /// when it has no sentences, nothing when it has no rows.
  [[nodiscard]] std::optional<double> similarity(std::span<const float> query, std::uint64_t id) const;

 private:
  Vectors() = default;
  std::shared_ptr<const void> mapping_;
  std::size_t dimensions_ = 0;
  std::span<const std::uint64_t> ids_;
  std::span<const float> values_;
};

/// Reciprocal rank fusion: each passage counts 1 / (k + rank) in every list it stands in, weighted by list (Cormack, Clarke and
/// Büttcher 2009, k = 60). Best first; equal ones by number.
struct RankedList {
  std::span<const Ranked> hits;
  double weight = 1;
};
[[nodiscard]] std::vector<Ranked> fuse(std::span<const RankedList> lists, double k = 60);

}  // namespace thalweg::index
