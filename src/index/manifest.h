#pragma once
// What a commit keeps beside the passages: which documents are in the index, and where their vectors are.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace thalweg::index {

/// Which model made the vectors of an index.
struct VectorModel {
  std::string name;      ///< as it was given: of the catalogue, or a path
  std::string identity;  ///< of its files and precision
  bool operator==(const VectorModel&) const = default;
};

struct Manifest {
  /// Numbers of passages, from the first to before the last.
  struct Range {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
  };
  struct DocumentEntry {
    std::string hash;
    std::vector<Range> passages;  ///< ascending
  };
  std::map<std::string, DocumentEntry, std::less<>> documents;
  std::uint64_t next = 1;  ///< number of the next passage: none is used twice
  std::optional<VectorModel> model;
  std::string vectors;  ///< name of the file, empty without a model

  [[nodiscard]] Result<std::string> to_json() const;
  /// Errors: data_loss.
  [[nodiscard]] static Result<Manifest> parse(std::string_view json);
};

}  // namespace thalweg::index
