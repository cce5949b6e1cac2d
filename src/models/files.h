#pragma once
// The files of a model, and a hash over all of them.

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"
#include "models/encoder_folder.h"

namespace thalweg::models {

struct ModelFile {
  std::string name;  ///< below the model's folder, or that of the file which is the model
  std::uint64_t size = 0;
  std::int64_t modified_ns = 0;  ///< since 1970
  std::string sha256;            ///< empty until hash_files()
};

/// What is read of the model in the folder, or the file, `path`: an encoder's weights, tokenizer and configurations, wherever
/// they lie beside a file that is given; a GGUF file alone. Other variants in the folder do not count. By name, which is below
/// the folder, or the file's. Hashes are not made yet. Errors: those of read_encoder_folder(), permission_denied.
[[nodiscard]] Result<std::vector<ModelFile>> model_files(const std::string& path);

/// The same of an encoder's folder that was read from `path` already.
[[nodiscard]] Result<std::vector<ModelFile>> model_files(const std::string& path, const EncoderFolder& found);

/// Changes when a file of the model at `path` does, as far as sizes and times show. Nothing is read.
[[nodiscard]] std::string state_of(const std::string& path, const std::vector<ModelFile>& files);

/// The same file as it is now, without a hash.
[[nodiscard]] Result<ModelFile> file_now(const std::string& path, const ModelFile& file);

/// Reads every file: about 1 GB/s.
[[nodiscard]] Result<> hash_files(const std::string& path, std::vector<ModelFile>& files);

/// One hash for all: a lone file's SHA-256, else XXH3 (128 bits) of all names and hashes. Precondition: hash_files().
[[nodiscard]] std::string hash_of(const std::vector<ModelFile>& files);

[[nodiscard]] std::uint64_t total_size(const std::vector<ModelFile>& files) noexcept;

}  // namespace thalweg::models
