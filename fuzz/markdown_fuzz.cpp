// Any bytes given as Markdown are read or refused; what is read is UTF-8, and its passages are stretches of it.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/utf8.h"
#include "documents/passages.h"
#include "documents/reader.h"

using namespace thalweg;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  const auto document = documents::read_bytes(bytes, "input.md", {.bytes = 1U << 20});
  if (!document) return 0;
  for (const auto& section : document->sections) {
    if (utf8::invalid_at(section.text) != std::string_view::npos || section.text.empty()) std::abort();
  }
  for (const auto& passage : documents::cut(*document, {.size = 80, .overlap = 20})) {
    bool found = false;
    for (const auto& section : document->sections) found = found || section.text.contains(passage.text);
    if (!found || passage.text.empty()) std::abort();
  }
  return 0;
}
