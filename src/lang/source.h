#pragma once
// Places in a source text, and what is wrong at them.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace thalweg::lang {

/// One problem of a source text. Line and column count from 1, columns in code points.
struct SourceError {
  std::size_t line = 1;
  std::size_t column = 1;
  std::string message;  ///< without the place
};

struct Place {
  std::size_t line = 1;
  std::size_t column = 1;
};

/// The line and column of a byte offset.
[[nodiscard]] Place place_of(std::string_view source, std::size_t offset) noexcept;

/// "column 7" or, in a text of several lines, "line 2, column 7".
[[nodiscard]] std::string place_text(std::string_view source, std::size_t offset);

/// One invalid_argument error that tells all problems, with the source line and a caret under the first.
[[nodiscard]] Error source_error(std::string_view source, const std::vector<SourceError>& problems);

/// Collects the problems of one source.
class Problems {
 public:
  explicit Problems(std::string_view source) : source_(source) {}
  template <class... Args>
  void add(std::size_t offset, fmt::format_string<Args...> format, Args&&... args) {
    add_text(offset, fmt::format(format, std::forward<Args>(args)...));
  }
  void add_text(std::size_t offset, std::string message);
  [[nodiscard]] bool empty() const noexcept { return found_.empty(); }
  [[nodiscard]] std::vector<SourceError>& found() noexcept { return found_; }
  [[nodiscard]] std::string_view source() const noexcept { return source_; }

 private:
  std::string_view source_;
  std::vector<SourceError> found_;
};

/// "; did you mean 'x'?" or nothing.
[[nodiscard]] std::string suggestion(const std::string& name);

}  // namespace thalweg::lang
