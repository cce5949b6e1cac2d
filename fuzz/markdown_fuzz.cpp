// Any bytes given as Markdown are read or refused; what is read is UTF-8, and its passages are stretches of it.
#include "document_check.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  thalweg::check_document(std::string(reinterpret_cast<const char*>(data), size), "input.md");
  return 0;
}
