#pragma once
// A file of samples behind the public Dataset.

#include <memory>
#include <optional>
#include <string>

#include "scoring/data/dataset_check.h"
#include "thalweg/scoring/dataset.h"

namespace thalweg::scoring {

/// Reads samples and checks them, row by row.
struct Dataset::File {
  /// `known`: the names that samples may have; without them any.
  [[nodiscard]] static Result<std::shared_ptr<File>> open(const std::string& path, bool strict, std::optional<KnownNames> known);
  File(DatasetReader of, bool is_strict, std::optional<KnownNames> names)
      : reader(std::move(of)), strict(is_strict), known(std::move(names)), check(known ? &*known : nullptr) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  Result<std::optional<Sample>> next();

  DatasetReader reader;
  bool strict;
  std::optional<KnownNames> known;
  DatasetCheck check;
  Problems problems{};
  std::size_t dropped = 0;
};

}  // namespace thalweg::scoring
