#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "models/llama/model.h"

namespace thalweg::models::llama {

namespace {
Result<std::string_view> mapped(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return std::unexpected(system_error(errno, "open the model"));
  struct stat about{};
  void* bytes = MAP_FAILED;
  const bool plain = ::fstat(file, &about) == 0 && S_ISREG(about.st_mode);
  const auto size = static_cast<std::size_t>(about.st_size);
  if (plain && size > 0) bytes = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, 0);
  const int error = errno;
  ::close(file);
  if (!plain) return fail(Code::invalid_argument, "not a GGUF file: it is no plain file");
  if (size == 0) return std::string_view();
  if (bytes == MAP_FAILED) return std::unexpected(system_error(error, "map the model"));
  return std::string_view(static_cast<const char*>(bytes), size);
}
}  // namespace

File::~File() {
  if (!bytes_.empty()) ::munmap(const_cast<char*>(bytes_.data()), bytes_.size());  // the system's interface wants it changeable
}

Result<File> File::open(const std::string& path) {
  File file(TRY(mapped(path)));
  file.header_ = TRY(read_gguf(file.bytes_));
  const GgufHeader& header = file.header_;
  if (header.text("general.architecture").empty()) {
    return fail(Code::invalid_argument, "no language model: the file does not name its architecture (general.architecture)");
  }
  if (header.text("tokenizer.ggml.model").empty() || header.tensors.empty()) {
    return fail(Code::invalid_argument, "no language model: the file of architecture '{}' has no {}",
                header.text("general.architecture"), header.tensors.empty() ? "weights" : "vocabulary");
  }
  const Value* const parts = header.find("split.count");
  if (parts != nullptr && parts->is_int() && parts->as_int() > 1) {
    return fail(Code::unimplemented, "the model is split into {} files; join them first (llama-gguf-split --merge)",
                parts->as_int());
  }
  return file;
}

}  // namespace thalweg::models::llama
