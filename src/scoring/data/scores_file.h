#pragma once
// Raw scores of samples in a file: what scoring exports, training reads, and a recorded model gives back.

#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "scoring/data/dataset.h"
#include "scoring/data/dataset_check.h"
#include "thalweg/scoring/sample.h"

namespace thalweg::scoring {

/// Reads {"samples": [{"id", "text", "scores": {label: raw}, "expected_labels": [...]}, ...]} or the same as JSONL, row by row,
/// in the memory of one; `expected_decision`, `primary_category` and `difficulty` where they are told. Not strict, rows that are
/// wrong (also an id met twice) are passed over and kept among problems().
///
///     ScoresReader reader = TRY(ScoresReader::open("scores.json"));
///     while (auto sample = TRY(reader.next())) fitter.add(sample->scores, sample->expected_labels);
class ScoresReader {
 public:
  [[nodiscard]] static Result<ScoresReader> open(std::string path, ReadOptions options = {});
  [[nodiscard]] static Result<ScoresReader> open(ByteSource source, ReadOptions options = {});

  /// Nothing at the end. Errors: as DatasetReader; a score that is no number from 0 to 1 is told with its row and label.
  [[nodiscard]] Result<std::optional<ScoredSample>> next();

  [[nodiscard]] const Problems& problems() const noexcept { return problems_; }
  /// How many rows were passed over; one may have several problems.
  [[nodiscard]] std::size_t passed_over() const noexcept { return passed_over_; }
  /// What stands beside the rows of a document. Whole at the end.
  [[nodiscard]] const Value& header() const noexcept { return records_.header(); }
  [[nodiscard]] const ByteSource& source() const noexcept { return records_.source(); }
  [[nodiscard]] std::string place(const ScoredSample& sample) const { return records_.place(sample.row, sample.line); }

 private:
  ScoresReader(RecordReader records, bool strict) : records_(std::move(records)), strict_(strict) {}
  RecordReader records_;
  bool strict_;
  Problems problems_;
  std::size_t passed_over_ = 0;
  SeenTexts ids_;
  std::set<std::string, std::less<>> unknown_keys_;
};

/// The row of a scores file; numbers are written so that they are read back to the last bit.
/// Errors: invalid_argument for a score that is no number from 0 to 1, with the sample and the label.
[[nodiscard]] Result<Value> to_value(const ScoredSample& sample);
/// The row of a data set.
[[nodiscard]] Value to_value(const Sample& sample);

}  // namespace thalweg::scoring
