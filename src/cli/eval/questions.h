#pragma once
// Questions with what answers them, as `thalweg eval retrieval` reads them.

#include <string>
#include <vector>

#include "documents/evidence.h"
#include "thalweg/value.h"

namespace thalweg::cli {

class Interrupt;

struct Asked {
  std::string id;  ///< its line where the file names none
  std::string question;
  documents::Evidence evidence;  ///< without places: the documents do not answer it
  Value row;                     ///< all that the file says of it

  [[nodiscard]] bool answered() const noexcept { return !evidence.places().empty(); }
  /// A field as text; "-" when it is missing.
  [[nodiscard]] std::string field(std::string_view name) const;
};

/// JSONL: {question, passage, document, also: [{document, passage}], id} a line, and any other fields. Only `question` is needed;
/// without `passage` the documents do not answer it. Errors name file and line.
[[nodiscard]] Result<std::vector<Asked>> read_questions(const std::string& path, const Interrupt& interrupt);

}  // namespace thalweg::cli
