#pragma once
// What `thalweg eval run` wrote, read back.

#include <functional>
#include <string>
#include <vector>

#include "cli/interrupt.h"
#include "thalweg/value.h"

namespace thalweg::cli {

/// A row of results.jsonl, as far as other commands need it.
struct ResultRow {
  std::string id;
  std::string text;
  std::string category;
  std::string difficulty;
  std::string reason;
  bool failed = false;  ///< the model failed: what follows says nothing
  bool expected = false;
  bool accepted = false;
  bool vetoed = false;
  double score = 0;
  double threshold = 0;
  std::vector<std::string> expected_labels;
  std::vector<std::string> detected_labels;
  Value labels;  ///< calibrated scores by label
};

struct Results {
  std::string folder;
  Value summary;  ///< summary.json
  /// The threshold before the length of a text moves it, or the combiner's.
  double threshold = 0;

  /// Calls `row` with every row, in order. Errors: those of the file, row's; cancelled.
  Result<> read(const Interrupt& interrupt, const std::function<Result<>(const ResultRow&)>& row) const;
};

/// Errors: not_found, with what to do; invalid_argument when the folder holds something else.
[[nodiscard]] Result<Results> open_results(const std::string& folder);

}  // namespace thalweg::cli
