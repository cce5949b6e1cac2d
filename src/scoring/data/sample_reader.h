#pragma once
// The checked samples of a file: for the runs of the commands and of the library alike.

#include <memory>
#include <optional>
#include <string>

#include "scoring/data/dataset_check.h"

namespace thalweg::scoring {

struct SampleRules {
  std::optional<KnownNames> known = std::nullopt;  ///< categories and labels that samples may have; without them any
  ReadOptions read{};
};

/// Reads a data set (see DatasetReader) and gives its samples that are right. The others are passed over, counted and kept among
/// problems(), or, when strict, end reading.
///
///     const auto reader = TRY(SampleReader::open("set.jsonl", {.known = known_names(config), .read = {.strict = false}}));
///     while (auto sample = TRY(reader->next())) score(sample->text);
class SampleReader {
 public:
  /// Errors: DatasetReader's.
  [[nodiscard]] static Result<std::unique_ptr<SampleReader>> open(std::string path, SampleRules rules);
  [[nodiscard]] static Result<std::unique_ptr<SampleReader>> open(ByteSource source, SampleRules rules);
  SampleReader(const SampleReader&) = delete;
  SampleReader& operator=(const SampleReader&) = delete;

  /// Nothing at the end. Errors: DatasetReader's; when strict, what is wrong with a sample, with its place.
  [[nodiscard]] Result<std::optional<Sample>> next();
  /// Whether a sample comes; reads up to it. Errors: next()'s.
  [[nodiscard]] Result<bool> any();

  /// Rows passed over so far, because they cannot be read or are wrong.
  [[nodiscard]] std::size_t dropped() const noexcept { return reader_.passed_over() + wrong_; }
  /// Rows that could be read so far, wrong ones too.
  [[nodiscard]] std::size_t readable() const noexcept { return readable_; }
  [[nodiscard]] std::size_t rows() const noexcept { return reader_.passed_over() + readable_; }  ///< met so far
  /// What is wrong so far, and warnings, in the order of the rows.
  [[nodiscard]] Problems problems() const;
  [[nodiscard]] const ByteSource& source() const noexcept { return reader_.source(); }

 private:
  SampleReader(DatasetReader reader, SampleRules rules);
  DatasetReader reader_;
  const SampleRules rules_;
  DatasetCheck check_;
  Problems problems_;  // of samples that can be read
  std::size_t readable_ = 0, wrong_ = 0;
  std::optional<Sample> ahead_;  // by any()
};

/// What the samples of a run with this configuration have to be: its names, and raw scores where its model takes those.
[[nodiscard]] SampleRules sample_rules(const ScoreConfig& config, bool strict);

}  // namespace thalweg::scoring
