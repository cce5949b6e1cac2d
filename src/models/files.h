#pragma once
// The files of a model, and a hash over all of them.

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"

namespace thalweg::models {

struct ModelFile {
  std::string name;  ///< below the model's folder, or of the one file
  std::uint64_t size = 0;
  std::int64_t modified_ns = 0;  ///< since 1970
  std::string sha256;            ///< empty until hash_files()
};

/// What of a model's folder counts (or the file itself): weights, tokenizer and settings, by name. Hashes are not made yet.
/// Errors: not_found, permission_denied, invalid_argument (more than 1,000 files: this is not the folder of one model).
[[nodiscard]] Result<std::vector<ModelFile>> model_files(const std::string& path);

/// Reads every file: about 1 GB/s.
[[nodiscard]] Result<> hash_files(const std::string& path, std::vector<ModelFile>& files);

/// One hash for all: a lone file's SHA-256, else XXH3 (128 bits) of all names and hashes. Precondition: hash_files().
[[nodiscard]] std::string hash_of(const std::vector<ModelFile>& files);

[[nodiscard]] std::uint64_t total_size(const std::vector<ModelFile>& files) noexcept;

}  // namespace thalweg::models
