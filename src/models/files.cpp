#include "models/files.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "base/bridge.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace thalweg::models {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kMostFiles = 1000;

bool counts(const fs::path& file) {
  constexpr auto kKinds = std::to_array<std::string_view>(
      {".json", ".safetensors", ".xml", ".bin", ".onnx", ".onnx_data", ".gguf", ".txt", ".model"});
  return std::ranges::find(kKinds, file.extension().native()) != kKinds.end();
}

Result<ModelFile> look_at(const std::string& path, std::string name) {
  struct stat about{};
  if (::stat(path.c_str(), &about) != 0) {
    if (errno == ENOENT) return fail(Code::not_found, "there is no {}", path);
    return std::unexpected(system_error(errno, "look at " + path));
  }
  return ModelFile{std::move(name),
                   static_cast<std::uint64_t>(about.st_size),
                   about.st_mtim.tv_sec * 1'000'000'000 + about.st_mtim.tv_nsec,
                   {}};
}

std::string place_of(const std::string& path, const ModelFile& file) {
  std::error_code ignored;
  return fs::is_directory(path, ignored) ? (fs::path(path) / file.name).string() : path;
}

}  // namespace

Result<std::vector<ModelFile>> model_files(const std::string& path) {
  std::error_code problem;
  if (!fs::is_directory(path, problem)) {
    return std::vector<ModelFile>{TRY(look_at(path, fs::path(path).filename().string()))};
  }
  std::vector<ModelFile> files;
  fs::recursive_directory_iterator file(path, problem);
  for (; !problem && file != fs::recursive_directory_iterator(); file.increment(problem)) {
    std::error_code ignored;
    if (!file->is_regular_file(ignored) || !counts(file->path())) continue;
    files.push_back(TRY(look_at(file->path().string(), file->path().lexically_relative(path).string())));
    if (files.size() > kMostFiles) {
      return fail(Code::invalid_argument, "{} holds more than {} files: this is not the folder of one model", path, kMostFiles);
    }
  }
  if (problem) return std::unexpected(system_error(problem.value(), "read the folder " + path));
  std::ranges::sort(files, {}, &ModelFile::name);
  return files;
}

Result<> hash_files(const std::string& path, std::vector<ModelFile>& files) {
  const bridge::Table* const table = TRY(bridge::open());
  for (ModelFile& file : files) {
    const std::string place = place_of(path, file);
    auto hash = bridge::call(*table, table->sha256, place);
    if (!hash) return fail(hash.error().code(), "cannot read {}: {}", place, hash.error().message());
    file.sha256 = std::move(*hash);
  }
  return {};
}

std::string hash_of(const std::vector<ModelFile>& files) {
  if (files.size() == 1) return files.front().sha256;
  std::string all;
  for (const ModelFile& file : files) all += fmt::format("{} {}\n", file.name, file.sha256);
  const XXH128_hash_t hash = XXH3_128bits(all.data(), all.size());
  return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

std::uint64_t total_size(const std::vector<ModelFile>& files) noexcept {
  std::uint64_t total = 0;
  for (const ModelFile& file : files) total += file.size;
  return total;
}

}  // namespace thalweg::models
