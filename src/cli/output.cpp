#include "cli/output.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <utility>

#include "base/printable.h"

namespace thalweg::cli {

namespace {
constexpr std::size_t kBuffer = std::size_t{64} << 10;

// 0 or errno.
int write_all(int descriptor, std::string_view text) noexcept {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

std::unexpected<Error> no_folder(const std::string& path) {
  return fail(Code::not_found, "cannot write '{}': there is no folder '{}'; make it first", path,
              path.substr(0, std::max<std::size_t>(path.rfind('/'), 1)));
}
}  // namespace

Output::Output() : descriptor_(STDOUT_FILENO), terminal_(::isatty(STDOUT_FILENO) == 1) {}

Output::Output(int descriptor, std::string path, std::string temporary)
    : descriptor_(descriptor), path_(std::move(path)), temporary_(std::move(temporary)) {}

Output::Output(Output&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      path_(std::move(other.path_)),
      temporary_(std::exchange(other.temporary_, {})),
      stays_(other.stays_),
      begun_(other.begun_),
      buffer_(std::move(other.buffer_)),
      terminal_(other.terminal_),
      closed_(other.closed_) {}

Result<Output> Output::file(std::string path) {
  struct stat status{};
  const bool exists = ::stat(path.c_str(), &status) == 0;
  if (exists && S_ISDIR(status.st_mode)) return std::unexpected(system_error(EISDIR, fmt::format("cannot write '{}'", path)));
  if (exists && !S_ISREG(status.st_mode)) {  // a device or a pipe: nothing to rename
    const int descriptor = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
    if (descriptor < 0) return std::unexpected(system_error(errno, fmt::format("cannot write '{}'", path)));
    return Output(descriptor, std::move(path), {});
  }
  std::string temporary = path + ".XXXXXX";
  const int descriptor = ::mkostemp(temporary.data(), O_CLOEXEC);
  if (descriptor < 0 && errno == ENOENT) return no_folder(path);
  if (descriptor < 0)
    return std::unexpected(system_error(errno, fmt::format("cannot write '{}' (a file beside it comes first)", path)));
  const mode_t mask = ::umask(0);
  ::umask(mask);
  ::fchmod(descriptor, exists ? status.st_mode & 07777 : 0666 & ~mask);
  return Output(descriptor, std::move(path), std::move(temporary));
}

Result<Output> Output::growing(std::string path) {
  struct stat old{};
  const bool exists = ::stat(path.c_str(), &old) == 0;
  if (exists && !S_ISREG(old.st_mode)) return file(std::move(path));
  const std::string part = path + ".part";
  while (true) {
    const int descriptor = ::open(part.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (descriptor < 0 && errno == ENOENT) return no_folder(path);
    if (descriptor < 0) return std::unexpected(system_error(errno, fmt::format("cannot write '{}'", part)));
    Output output(descriptor, path, part);
    output.stays_ = true;
    output.begun_ = false;
    // A file system without locks is no reason not to work.
    if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
      output.temporary_.clear();
      return fail(Code::aborted, "another program is writing '{}' now; wait for its end, or write somewhere else", part);
    }
    struct stat locked{}, named{};
    const bool same = ::fstat(descriptor, &locked) == 0 && ::stat(part.c_str(), &named) == 0 && locked.st_dev == named.st_dev &&
                      locked.st_ino == named.st_ino;
    if (!same) {  // the writer before gave it its name between the two calls
      output.temporary_.clear();
      continue;
    }
    if (exists) ::fchmod(descriptor, old.st_mode & 07777);
    return output;
  }
}

Output::~Output() {
  if (!temporary_.empty() && stays_) {
    (void)flush();
    struct stat status{};
    stays_ = ::fstat(descriptor_, &status) != 0 || status.st_size > 0;
  }
  if (!temporary_.empty() && !stays_) ::unlink(temporary_.c_str());
  if (descriptor_ > STDERR_FILENO) ::close(descriptor_);
}

Result<> Output::write(std::string_view text) {
  buffer_ += text;
  if (buffer_.size() >= kBuffer || (terminal_ && text.ends_with('\n'))) return flush();
  return {};
}

Result<> Output::flush() {
  if (closed_ || buffer_.empty()) return {};
  if (!std::exchange(begun_, true) && ::ftruncate(descriptor_, 0) != 0)
    return std::unexpected(system_error(errno, fmt::format("cannot write '{}'", temporary_)));
  const int problem = write_all(descriptor_, buffer_);
  buffer_.clear();
  if (problem == 0) return {};
  if (problem == EPIPE) {
    closed_ = true;
    return {};
  }
  return std::unexpected(
      system_error(problem, path_.empty() ? "cannot write to standard output" : fmt::format("cannot write '{}'", path_)));
}

Result<> Output::commit() {
  TRY(flush());
  if (temporary_.empty()) return {};
  if (!std::exchange(begun_, true) && ::ftruncate(descriptor_, 0) != 0)
    return std::unexpected(system_error(errno, fmt::format("cannot write '{}'", temporary_)));
  // On the disk before it has its name, so that a power cut leaves the old file or the new one.
  if (::fsync(descriptor_) != 0 || ::rename(temporary_.c_str(), path_.c_str()) != 0) {
    return std::unexpected(system_error(errno, fmt::format("cannot write '{}'", path_)));
  }
  temporary_.clear();
  return {};
}

Result<> keep_inputs(const std::string& output, std::initializer_list<std::string> inputs) {
  namespace fs = std::filesystem;
  std::error_code ignored;
  if (output.empty() || (fs::exists(output, ignored) && !fs::is_regular_file(output, ignored))) return {};
  const auto place = [&](const std::string& path) { return fs::weakly_canonical(fs::absolute(path, ignored), ignored); };
  for (const std::string& input : inputs) {
    if (input.empty() || input == "-") continue;
    if (fs::equivalent(output, input, ignored) || place(output) == place(input))
      return fail(Code::invalid_argument, "{}: this file is read, and would be written over; name another one", output);
  }
  return {};
}

void print_error(std::string_view text) { write_all(STDERR_FILENO, printable(text)); }

void print_error_raw(std::string_view text) { write_all(STDERR_FILENO, text); }

}  // namespace thalweg::cli
