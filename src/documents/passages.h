#pragma once
// Documents cut into passages for retrieval.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "documents/document.h"
#include "thalweg/value.h"

namespace thalweg::documents {

struct PassageOptions {
  std::size_t size = 900;     ///< aimed at, in bytes; more only when a single sentence is longer
  std::size_t overlap = 120;  ///< bytes of the end of a passage, in whole sentences, that begin the next one of the section again
};

/// A piece of one section: `text` is a stretch of the section's text, cut at ends of sentences; code, tables and list items are
/// cut only where one of them is longer than a passage.
struct Passage {
  std::string id;  ///< "path#ordinal"
  std::string document;
  std::string title;
  std::string section;  ///< headings, joined by " > "
  std::int64_t ordinal = 0;
  std::string text;
  std::string hash;  ///< of the document and of how it was cut: changes when the passages may have changed
};

/// Always the same for the same document and options.
[[nodiscard]] std::vector<Passage> cut(const Document& document, const PassageOptions& options = {});

/// {id, document, title, section, ordinal, text, hash}
[[nodiscard]] Value to_value(const Passage& passage);

}  // namespace thalweg::documents
