#include "index/folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "thalweg/json.h"

namespace thalweg::index {

namespace fs = std::filesystem;

namespace {

std::string description_file(const std::string& folder) { return folder + "/thalweg.json"; }

Result<> write_all(int file, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t wrote = ::write(file, bytes.data(), bytes.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return std::unexpected(system_error(errno, "write the index"));
    bytes = bytes.subspan(static_cast<std::size_t>(wrote));
  }
  return {};
}

// Makes what was renamed in a folder's parent last.
Result<> sync_parent(const std::string& folder) {
  fs::path parent = fs::path(folder).parent_path();
  if (parent.empty()) parent = ".";
  const int descriptor = ::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return std::unexpected(system_error(errno, "open the folder of the index"));
  const int status = ::fsync(descriptor);
  const int error = errno;
  ::close(descriptor);
  if (status != 0) return std::unexpected(system_error(error, "write the folder of the index"));
  return {};
}

// Whether the file that is open stands at the path.
bool names(const std::string& path, int descriptor) {
  struct stat open{};
  struct stat there{};
  return ::fstat(descriptor, &open) == 0 && ::stat(path.c_str(), &there) == 0 && open.st_dev == there.st_dev &&
         open.st_ino == there.st_ino;
}

}  // namespace

Result<> write_file(const std::string& path, std::initializer_list<std::span<const std::byte>> parts) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file < 0) return std::unexpected(system_error(errno, "write " + path));
  Result<> done;
  for (const std::span<const std::byte> part : parts) {
    if (done) done = write_all(file, part);
  }
  if (done && ::fsync(file) != 0) done = std::unexpected(system_error(errno, "write " + path));
  ::close(file);
  if (!done) ::unlink(path.c_str());
  return done;
}

Result<> describe(const std::string& folder) {
  const std::string text = fmt::format("{{\"kind\":\"passages\",\"format\":{},\"analyzer\":\"{}\"}}\n", kFormat, kAnalyzer);
  return write_file(description_file(folder), {std::as_bytes(std::span(text))});
}

Result<> check_description(const std::string& folder) {
  std::error_code problem;
  if (!fs::is_directory(folder, problem)) {
    return fail(Code::not_found, "there is no index at {}: make one with: thalweg index DOCUMENTS --to {}", folder, folder);
  }
  const std::string path = description_file(folder);
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0 && errno == ENOENT) {
    return fail(Code::not_found, "{} holds no index (it has no thalweg.json): make one with: thalweg index DOCUMENTS --to {}",
                folder, folder);
  }
  if (file < 0) return std::unexpected(system_error(errno, "open " + path));
  std::string text(4096, '\0');
  const ssize_t size = ::read(file, text.data(), text.size());
  ::close(file);
  text.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
  const auto description = parse_json(text);
  const Value* format = description ? description->find("format") : nullptr;
  const Value* analyzer = description ? description->find("analyzer") : nullptr;
  if (format == nullptr || analyzer == nullptr || !analyzer->is_string()) {
    return fail(Code::data_loss, "the index at {} is damaged: its file thalweg.json is broken; {}", folder, index_again(folder));
  }
  if (!(*format == Value(kFormat)) || analyzer->as_string() != kAnalyzer) {
    return fail(Code::failed_precondition, "the index at {} was made by another version of thalweg; {}", folder,
                index_again(folder));
  }
  return {};
}

std::string index_again(const std::string& folder) {
  return fmt::format("index the documents again with: thalweg index DOCUMENTS --to {}", folder);
}

std::string vector_file(std::uint64_t number) { return fmt::format("vectors-{}.f32", number); }

bool is_vector_file(std::string_view name) noexcept { return name.starts_with("vectors-") && name.ends_with(".f32"); }

std::optional<CommitMark> last_commit(const std::string& folder) {
  struct stat meta{};
  if (::stat((folder + "/meta.json").c_str(), &meta) != 0) return std::nullopt;
  return CommitMark{meta.st_dev, meta.st_ino, meta.st_size, meta.st_mtim.tv_sec, meta.st_mtim.tv_nsec};
}

bool only_index_files(const std::string& folder) {
  // Tantivy's: meta.json, .managed.json, .tantivy-*.lock, and its segments, named by 32 hexadecimal digits. Ours: the vectors.
  const auto known = [](const std::string& name) {
    const bool segment = name.size() > 33 && name[32] == '.' && name.find_first_not_of("0123456789abcdef") == 32;
    return segment || name == "thalweg.json" || name == "meta.json" || name == ".managed.json" || name.starts_with(".tantivy-") ||
           is_vector_file(name);
  };
  std::error_code problem;
  fs::directory_iterator file(folder, problem);
  for (; !problem && file != fs::directory_iterator(); file.increment(problem)) {
    if (!known(file->path().filename().string())) return false;
  }
  return !problem;
}

std::string building_place(const std::string& folder) { return folder + ".new"; }

Result<> put_in_place(const std::string& place, const std::string& folder) {
  const auto failed = [&folder](int error) {
    return std::unexpected(system_error(error, "put the new index in its place at " + folder));
  };
  std::error_code problem;
  if (fs::exists(folder, problem) && !fs::is_empty(folder, problem)) {
    if (::renameat2(AT_FDCWD, place.c_str(), AT_FDCWD, folder.c_str(), RENAME_EXCHANGE) != 0) return failed(errno);
    TRY(sync_parent(folder));
    fs::remove_all(place, problem);  // the old one; what stays of it the next writer removes
    return {};
  }
  fs::rename(place, folder, problem);
  if (problem) return failed(problem.value());
  return sync_parent(folder);
}

Result<WriteLock> WriteLock::take(const std::string& folder) {
  const std::string path = folder + ".lock";
  while (true) {
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (descriptor < 0)
      return std::unexpected(system_error(
          errno, fmt::format("the index at {} cannot be written, as its lock file {} cannot be made", folder, path)));
    if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0) {
      if (names(path, descriptor)) return WriteLock(descriptor, path);
      ::close(descriptor);  // its writer removed it between our two calls: another may hold a new one
      continue;
    }
    const int error = errno;
    ::close(descriptor);
    if (error == EWOULDBLOCK) {
      return fail(Code::unavailable, "the index at {} is being written by another process: wait until it has ended", folder);
    }
    return std::unexpected(system_error(error, "lock " + path));
  }
}

WriteLock::~WriteLock() {
  if (descriptor_ < 0) return;
  ::unlink(path_.c_str());  // while it is held: who opened it before sees in take() that it has gone
  ::close(descriptor_);
}

}  // namespace thalweg::index
