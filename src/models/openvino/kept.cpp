#include "models/openvino/kept.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <openvino/op/constant.hpp>
#include <span>
#include <vector>

#include "base/format.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace thalweg::openvino {

namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kMost = 2ULL << 30;
// Smaller ones are compiled nearly as fast as read.
constexpr std::size_t kLeast = 8 << 20;

// Ends every file: one that was cut off or has lost a bit is known. The network comes first: it wants to begin at a page.
std::string ending(std::span<const std::byte> network) {
  return fmt::format("\nthalweg network 1 {:>12} {:016x}\n", network.size(), XXH3_64bits(network.data(), network.size()));
}

std::optional<CompiledNetwork> read(ov::Core& core, const std::string& path, const ov::AnyMap& options) {
  auto file = models::MappedFile::open(path);
  if (!file) return std::nullopt;
  const std::size_t tail = ending({}).size();
  if (file->size() <= tail) return std::nullopt;
  const auto network = file->bytes().first(file->size() - tail);
  if (!file->text().ends_with(ending(network))) return std::nullopt;
  // Seen by who looks for the longest unused one.
  (void)::utimensat(AT_FDCWD, path.c_str(), nullptr, 0);
  try {
    const ov::Tensor bytes(ov::element::u8, {network.size()}, network.data());
    ov::CompiledModel model = core.import_model(bytes, "CPU", options);
    return CompiledNetwork{std::move(*file), std::move(model)};
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception&) {
    return std::nullopt;  // of another OpenVINO, or damaged: it is written anew
  }
}

void make_room(const fs::path& folder, std::uintmax_t wanted) {
  struct Old {
    fs::file_time_type used;
    std::uintmax_t size;
    fs::path path;
  };
  std::vector<Old> all;
  std::error_code problem;
  std::uintmax_t total = wanted;
  for (fs::directory_iterator at(folder, problem), end; !problem && at != end; at.increment(problem)) {
    std::error_code gone;  // another process may remove it meanwhile
    const std::uintmax_t size = at->file_size(gone);
    const auto used = at->last_write_time(gone);
    if (gone) continue;
    total += size;
    all.push_back({used, size, at->path()});
  }
  std::ranges::sort(all, {}, &Old::used);
  for (const Old& each : all) {
    if (total <= kMost) break;
    if (fs::remove(each.path, problem)) total -= each.size;
  }
}

// Whole or not at all.
void write(ov::CompiledModel& model, const fs::path& path, std::size_t weights) {
  std::error_code problem;
  fs::create_directory(path.parent_path(), problem);
  if (problem || fs::space(path.parent_path(), problem).available < 4 * weights || problem || weights > kMost / 2) return;
  make_room(path.parent_path(), weights);
  const fs::path next = fmt::format("{}.{}", path.string(), ::gettid());
  std::ofstream file(next, std::ios::binary | std::ios::trunc);
  try {
    model.export_model(file);
    file.seekp(0, std::ios::end).flush();  // it writes its header last
  } catch (const std::exception&) {
    file.setstate(std::ios::failbit);
  }
  if (const auto written = models::MappedFile::open(next); written && file) file << ending(written->bytes());
  file.close();
  if (file) fs::rename(next, path, problem);
  if (!file || problem) fs::remove(next, problem);
}

std::size_t weights_of(const ov::Model& model) {
  std::size_t bytes = 0;
  for (const auto& node : model.get_ops()) {
    if (const auto constant = ov::as_type_ptr<ov::op::v0::Constant>(node)) bytes += constant->get_byte_size();
  }
  return bytes;
}

}  // namespace

CompiledNetwork compiled(ov::Core& core, const std::shared_ptr<ov::Model>& model, const ov::AnyMap& options,
                         const std::string& path) {
  const std::size_t weights = path.empty() ? 0 : weights_of(*model);
  const bool kept = weights >= kLeast;
  if (kept) {
    if (auto found = read(core, path, options)) return std::move(*found);
  }
  CompiledNetwork made{std::nullopt, core.compile_model(model, "CPU", options)};
  if (kept) write(made.model, path, weights);
  return made;
}

}  // namespace thalweg::openvino
