// The header of a GGUF file is refused with a reason, or all it promises is in the file.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "models/gguf.h"

using namespace thalweg;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view file(reinterpret_cast<const char*>(data), size);
  const auto header = models::read_gguf(file);
  if (!header) {
    const bool told = !header.error().message().empty() &&
                      (header.error().code() == Code::invalid_argument || header.error().code() == Code::data_loss);
    return told ? 0 : (std::abort(), 0);
  }
  std::uint64_t end = header->data_at;
  for (const models::GgufTensor& tensor : header->tensors) {
    // One behind the other, each whole.
    if (tensor.offset < end || tensor.offset + tensor.bytes > size || tensor.elements() == 0) std::abort();
    end = tensor.offset + tensor.bytes;
  }
  for (const auto& [key, value] : header->metadata) {
    if (header->find(key) != &value) std::abort();
  }
  // Any part of it is refused.
  if (!header->tensors.empty() && models::read_gguf(file.substr(0, end - 1))) std::abort();
  return 0;
}
