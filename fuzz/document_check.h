#pragma once
// What holds for a document, whatever bytes it was read from.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/utf8.h"
#include "documents/passages.h"
#include "documents/reader.h"

namespace thalweg {

/// The bytes are read or refused; what is read is UTF-8, and its passages are stretches of it.
inline void check_document(const std::string& bytes, const char* name) {
  const auto document = documents::read_bytes(bytes, name, {.bytes = 1U << 20});
  if (!document) return;
  for (const auto& section : document->sections) {
    if (utf8::invalid_at(section.text) != std::string_view::npos || section.text.empty()) std::abort();
  }
  for (const auto& passage : documents::cut(*document, {.size = 80, .overlap = 20})) {
    bool found = false;
    for (const auto& section : document->sections) found = found || section.text.contains(passage.text);
    if (!found || passage.text.empty()) std::abort();
  }
}

}  // namespace thalweg
