#pragma once
// A data set, or a file of raw scores, as the samples of a run: checked row by row.

#include <memory>
#include <string>

#include "cli/eval/source.h"
#include "cli/interrupt.h"
#include "scoring/data/dataset_check.h"
#include "scoring/data/scores_file.h"
#include "scoring/evaluate.h"

namespace thalweg::cli {

/// Reads samples and checks them against a configuration. Samples that are wrong are passed over, or, when strict, end it; labels
/// that the model does not know count as wrong.
class EvalSamples {
 public:
  /// Where the model is `recorded` without a file the samples bring their raw scores. Errors: those of the file; when strict and
  /// `path` is a file, everything wrong in it is found before anything is scored.
  [[nodiscard]] static Result<std::unique_ptr<EvalSamples>> open(const std::string& path, const EvalConfig& config,
                                                                 const Interrupt& interrupt);

  /// Nothing at the end.
  [[nodiscard]] Result<std::optional<scoring::Given>> next();
  [[nodiscard]] std::size_t dropped() const noexcept { return dropped_; }
  /// Whether the samples bring their raw scores.
  [[nodiscard]] bool scored() const noexcept { return scored_ != nullptr; }
  /// What is wrong with rows, and warnings.
  [[nodiscard]] scoring::Problems problems() const;
  [[nodiscard]] const scoring::ByteSource& source() const noexcept;
  [[nodiscard]] const Value& header() const noexcept;

 private:
  EvalSamples(const EvalConfig& config);
  Result<std::optional<scoring::Given>> read();
  Result<std::optional<scoring::Given>> read_scored();

  bool strict_;
  std::vector<std::string> columns_;  // of raw scores that the samples bring
  scoring::KnownNames known_;
  scoring::DatasetCheck check_;
  scoring::Problems problems_;
  std::unique_ptr<scoring::DatasetReader> samples_;
  std::unique_ptr<scoring::ScoresReader> scored_;
  std::size_t dropped_ = 0;
};

/// The next sample of a data set whose rows that are wrong are passed over; nothing at the end, and where it cannot be read any
/// further: then why stands in `broken`.
[[nodiscard]] std::optional<scoring::Sample> next_sample(scoring::DatasetReader& reader, std::optional<Error>& broken);
/// That as the last problem of the file, behind so many rows.
[[nodiscard]] scoring::Problem broken_file(const Error& error, const scoring::DatasetReader& reader, std::size_t rows);

}  // namespace thalweg::cli
