#pragma once
// What of a passage an embedding model is given.

#include <string>
#include <vector>

#include "thalweg/value.h"

namespace thalweg::index {

/// The passage as a whole, title and headings before it, then each of its sentences with the innermost heading: a passage's
/// vector tells what it is about, a sentence's what it says. Blocks of code and tables count as one sentence. Precondition: a
/// passage as IndexWriter::put takes it.
[[nodiscard]] std::vector<std::string> embedded_texts(const Value& passage);

}  // namespace thalweg::index
