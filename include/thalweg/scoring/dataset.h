#pragma once
// Samples for the runners: from a file, from memory, or from elsewhere.

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "thalweg/error.h"
#include "thalweg/scoring/sample.h"

namespace thalweg::scoring {

class Config;
class SampleReader;

/// Gives every sample once: for one run. A file is read as the run goes, in the memory of one row.
class Dataset {
 public:
  using Next = std::move_only_function<Result<std::optional<Sample>>()>;

  /// JSON, JSONL or CSV, also .gz (docs/scoring.md), also with raw scores. Rows that are wrong (unreadable, blank, an id met
  /// twice) are passed over, or, when strict, end the run. Errors: those of the file. Config::open() also checks categories,
  /// labels, and that there are raw scores where the configuration's model takes those of the samples.
  [[nodiscard]] static Result<Dataset> open(const std::string& path, bool strict = false);
  /// Samples from memory.
  Dataset(std::vector<Sample> samples);
  /// Whatever gives samples, nothing at the end.
  explicit Dataset(Next next);

  [[nodiscard]] Result<std::optional<Sample>> next();
  [[nodiscard]] std::optional<std::size_t> size() const noexcept { return size_; }  ///< where it is known
  [[nodiscard]] std::size_t dropped() const;                                        ///< passed over so far
  /// Of the rows passed over, and warnings; the first thousand.
  [[nodiscard]] std::vector<std::string> problems() const;

 private:
  friend class Config;
  explicit Dataset(std::shared_ptr<SampleReader> file);
  std::shared_ptr<SampleReader> file_;
  Next next_;
  std::optional<std::size_t> size_;
};

}  // namespace thalweg::scoring
