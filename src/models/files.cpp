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

constexpr auto kEncoderFiles = std::to_array<std::string_view>({".safetensors", ".xml", ".onnx"});

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

// What names are below.
fs::path folder_of(const std::string& path) {
  std::error_code ignored;
  const fs::path given = fs::path(path).lexically_normal();
  return fs::is_directory(given, ignored) ? given : given.parent_path();
}

std::string place_of(const std::string& path, const ModelFile& file) { return (folder_of(path) / file.name).string(); }

}  // namespace

Result<std::vector<ModelFile>> model_files(const std::string& path) {
  std::error_code ignored;
  const bool encoder = !fs::is_regular_file(path, ignored) ||
                       std::ranges::find(kEncoderFiles, fs::path(path).extension().native()) != kEncoderFiles.end();
  if (!encoder) return std::vector<ModelFile>{TRY(look_at(path, fs::path(path).filename().string()))};
  return model_files(path, TRY(read_encoder_folder(path)));
}

Result<std::vector<ModelFile>> model_files(const std::string& path, const EncoderFolder& found) {
  std::vector<ModelFile> files;
  const fs::path folder = folder_of(path);
  for (const std::string& file : found.files) {
    const fs::path place = fs::path(file).lexically_normal();
    files.push_back(TRY(look_at(file, folder.empty() ? place.string() : place.lexically_relative(folder).string())));
  }
  std::ranges::sort(files, {}, &ModelFile::name);
  return files;
}

std::string state_of(const std::string& path, const std::vector<ModelFile>& files) {
  std::string state = path;
  for (const ModelFile& file : files) state += fmt::format("\n{} {} {}", file.name, file.size, file.modified_ns);
  return state;
}

Result<ModelFile> file_now(const std::string& path, const ModelFile& file) { return look_at(place_of(path, file), file.name); }

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
