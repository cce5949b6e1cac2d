#pragma once
// What `thalweg eval run` wrote, read back.

#include <cstdint>
#include <functional>
#include <string>
#include <unordered_map>
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
  bool fitted_on = false;  ///< the configuration was fitted to this text
  bool failed = false;     ///< the model failed: what follows says nothing
  bool expected = false;
  bool accepted = false;
  bool vetoed = false;
  double score = 0;
  double threshold = 0;
  /// The highest threshold (before the length of a text moves it, or the combiner's) at which it is accepted, at most 1; below 0
  /// where it is accepted at none, also because of a veto. What thresholds are chosen from.
  double highest = -1;
  std::string text_hash;  ///< of the whole text; `text` is cut
  std::vector<std::string> expected_labels;
  std::vector<std::string> detected_labels;
  Value labels;  ///< calibrated scores by label
};

struct Results {
  std::string folder;
  Value summary;  ///< summary.json
  /// The threshold before the length of a text moves it, or the combiner's.
  double threshold = 0;
  double short_text_delta = 0;  ///< 0 with a combiner, whose threshold no length moves
  double long_text_delta = 0;

  /// From which probability on a label is detected.
  [[nodiscard]] double label_threshold(std::string_view label) const;
  /// Whether a text with this label is rejected.
  [[nodiscard]] bool vetoes(std::string_view label) const;
  /// Calls `row` with every row, in order. Errors: those of the file, row's; cancelled; at the end, invalid_argument when these
  /// are not the rows that the summary was written for.
  Result<> read(const Interrupt& interrupt, const std::function<Result<>(const ResultRow&)>& row) const;

 private:
  friend Result<Results> open_results(const std::string& folder);
  [[nodiscard]] double highest(const ResultRow& row) const;
  std::int64_t rows_ = 0;  // of results.jsonl, as the summary has them
  std::string hash_;
};

/// Rows as thresholds are chosen from them (calibration/threshold.h).
class ThresholdRows {
 public:
  /// With `once` copies of a text count once, wrong when one of them is: they prove no more than the text does.
  explicit ThresholdRows(bool once) : once_(once) {}
  void add(const ResultRow& row);
  /// Takes out the texts that something was fitted on. To be called once, after the last row.
  void leave_out_fitted();

  [[nodiscard]] const std::vector<double>& scores() const noexcept { return scores_; }
  [[nodiscard]] const std::vector<std::uint8_t>& good() const noexcept { return good_; }
  [[nodiscard]] std::size_t copies() const noexcept;                           ///< of these
  [[nodiscard]] std::size_t vetoed() const noexcept;                           ///< of these
  [[nodiscard]] std::size_t fitted_on() const noexcept { return fitted_on_; }  ///< rows of texts that something was fitted on
  [[nodiscard]] std::size_t left_out() const noexcept { return left_out_; }    ///< of those and their copies

 private:
  struct Facts {
    bool fitted_on, vetoed;
    std::size_t copies;
  };
  bool once_;
  std::vector<double> scores_;
  std::vector<std::uint8_t> good_;
  std::vector<Facts> facts_;                             // as the two before
  std::unordered_map<std::string, std::size_t> places_;  // by the hash of the text
  std::size_t fitted_on_ = 0, left_out_ = 0;
};

/// Warns when a later run in the folder has no end. Errors: invalid_argument with what to do: there are no results, they have no
/// end, or the folder holds something else.
[[nodiscard]] Result<Results> open_results(const std::string& folder);

}  // namespace thalweg::cli
