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
#include "scoring/data/seen_texts.h"

namespace thalweg::scoring {

struct ScoreConfig;

/// The names that a configuration has.
struct KnownNames {
  std::unordered_set<std::string> categories;
  std::unordered_set<std::string> labels;
};
[[nodiscard]] KnownNames known_names(const ScoreConfig& config);

/// Checks samples as they come. The shape of a row is DatasetReader's part.
///
///     DatasetCheck check(&known);
///     while (auto sample = TRY(reader.next())) check.add(*sample, reader.place(*sample), problems);
class DatasetCheck {
 public:
  /// Without `known` any name is right; it must outlive this. `scores`: every known label must have a raw score.
  explicit DatasetCheck(const KnownNames* known, bool scores = false) : known_(known), scores_wanted_(scores) {}

  /// Whether the sample is without errors; what is wrong goes to `problems`.
  bool add(const Sample& sample, const std::string& place, Problems& problems);

 private:
  const KnownNames* known_;
  bool scores_wanted_;
  SeenTexts ids_, texts_;
};

}  // namespace thalweg::scoring
