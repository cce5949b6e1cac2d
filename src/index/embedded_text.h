#pragma once
// What of a passage an embedding model is given.

#include <string>

#include "base/value.h"

namespace thalweg::index {

/// Title and headings before the text: a passage alone often does not say what it is about. Precondition: a passage as
/// IndexWriter::put takes it.
[[nodiscard]] std::string embedded_text(const Value& passage);

}  // namespace thalweg::index
