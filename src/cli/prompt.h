#pragma once
// Questions from a person or from a pipe.

#include <memory>
#include <optional>
#include <string>

#include "base/error.h"

namespace thalweg::cli {

class Interrupt;

/// Questions one after the other.
class Questions {
 public:
  Questions() = default;
  Questions(const Questions&) = delete;
  Questions& operator=(const Questions&) = delete;
  virtual ~Questions() = default;
  /// Nothing when there are no more.
  [[nodiscard]] virtual Result<std::optional<std::string>> next() = 0;
};

/// From a person at the terminal that is standard input, with editing; lines are kept in the file `history` (empty: in none).
/// SIGTERM ends the program while it waits. Errors: the bridge's, unavailable (the history cannot be read).
[[nodiscard]] Result<std::unique_ptr<Questions>> ask_person(const std::string& history, const Interrupt& interrupt);

/// The lines of standard input that are not blank. There are no more after a stop.
[[nodiscard]] Result<std::unique_ptr<Questions>> ask_lines(const Interrupt& interrupt);

}  // namespace thalweg::cli
