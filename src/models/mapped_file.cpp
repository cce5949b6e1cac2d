#include "models/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace thalweg::models {

namespace {
struct Descriptor {
  explicit Descriptor(int opened) : number(opened) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number >= 0) ::close(number);
  }
  const int number;
};
}  // namespace

Result<MappedFile> MappedFile::open(const std::string& path) {
  // Not blocking: a named pipe would wait for its writer for ever.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (file.number < 0) return std::unexpected(system_error(errno, fmt::format("open {}", path)));
  struct stat about{};
  if (::fstat(file.number, &about) != 0) return std::unexpected(system_error(errno, fmt::format("read {}", path)));
  if (!S_ISREG(about.st_mode)) return fail(Code::invalid_argument, "{} is no file", path);
  const auto size = static_cast<std::size_t>(about.st_size);
  if (size == 0) return MappedFile(nullptr, 0);
  void* const mapped = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.number, 0);
  if (mapped == MAP_FAILED) return std::unexpected(system_error(errno, fmt::format("map {}", path)));
  return MappedFile({static_cast<const std::byte*>(mapped), [mapped, size](const std::byte*) { ::munmap(mapped, size); }}, size);
}

}  // namespace thalweg::models
