#pragma once
// What is wrong with samples that can be read.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "scoring/data/dataset.h"

namespace thalweg::scoring {

/// Where texts were met first: 64-bit hashes in one flat table, 12 bytes a slot and 14 to 21 bytes a text. Of a million texts two
/// different ones are taken for the same with a probability of 3e-8.
class SeenTexts {
 public:
  static constexpr std::uint32_t kMostRow = UINT32_MAX >> 1;

  /// The row and mark that the same text was met with first; else nothing, and this is it.
  std::optional<std::pair<std::uint32_t, bool>> meet(std::string_view text, std::size_t row, bool mark);
  [[nodiscard]] std::size_t size() const noexcept { return count_; }

 private:
  void grow();
  [[nodiscard]] std::size_t slot(std::uint64_t hash) const noexcept;  ///< where it is, or belongs
  std::vector<std::uint64_t> hashes_;                                 // 0: free
  std::vector<std::uint32_t> rows_;                                   // the mark is its lowest bit
  std::size_t count_ = 0;
};

/// The names that a configuration has.
struct KnownNames {
  std::unordered_set<std::string> categories;
  std::unordered_set<std::string> labels;
};

/// Checks samples as they come. The shape of a row is DatasetReader's part.
///
///     DatasetCheck check(&known);
///     while (auto sample = TRY(reader.next())) check.add(*sample, reader.place(*sample), problems);
class DatasetCheck {
 public:
  /// Without `known` any name is right; it must outlive this. Without `texts` only ids are looked at twice, in half the memory.
  explicit DatasetCheck(const KnownNames* known, bool texts = true) : known_(known), texts_wanted_(texts) {}

  /// Whether the sample is without errors; what is wrong goes to `problems`.
  bool add(const Sample& sample, const std::string& place, Problems& problems);

 private:
  const KnownNames* known_;
  bool texts_wanted_;
  SeenTexts ids_, texts_;
};

}  // namespace thalweg::scoring
