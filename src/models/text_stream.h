#pragma once
// From a model's tokens to text that can be shown: whole characters, nothing of a stop string.

#include <string>
#include <string_view>
#include <vector>

namespace thalweg::models {

/// Takes the bytes of one token after the other and gives out the text that is certain: bytes of a character that is not yet
/// whole are held back, and so is what may be the beginning of a stop string. Ill-formed bytes become U+FFFD.
///
///     std::string text = stream.push(piece);   // may be empty
///     if (stream.stopped()) ...                // a stop string has come; the text ends before it
class TextStream {
 public:
  /// Precondition: no stop string is empty.
  explicit TextStream(std::vector<std::string> stops) : stops_(std::move(stops)) {}

  [[nodiscard]] std::string push(std::string_view bytes);
  /// What was held back, when no more tokens come.
  [[nodiscard]] std::string finish();
  [[nodiscard]] bool stopped() const noexcept { return stopped_; }

 private:
  [[nodiscard]] std::string release(bool all);
  std::vector<std::string> stops_;
  std::string bytes_;  // of a character that is not whole
  std::string held_;   // whole characters
  bool stopped_ = false;
};

}  // namespace thalweg::models
