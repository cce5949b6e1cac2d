#pragma once
// Inputs of a run: one JSON document, or JSONL (one JSON document a line).

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "thalweg/value.h"

namespace thalweg::cli {

class Interrupt;

/// One input, or what is wrong with it.
struct Item {
  std::size_t line = 1;  ///< where it begins in the file, from 1
  Result<Value> value;
};

/// Reads inputs one by one, no more of the file at a time than needed. A name that ends in .jsonl or .ndjson is JSONL, in .json
/// one document; else the content tells: when its first line that is not blank is a whole document, every line is one; so it is
/// when that line cannot begin a document, and the next one is whole.
class InputReader {
 public:
  /// "-" is standard input. Errors: not_found, permission_denied, invalid_argument (a folder).
  [[nodiscard]] static Result<InputReader> open(std::string path, const Interrupt* interrupt);
  InputReader(InputReader&& other) noexcept;
  InputReader& operator=(InputReader&&) = delete;
  ~InputReader();

  /// Whether each line is an input of its own. Reads as far as it must to tell.
  [[nodiscard]] Result<bool> lines();
  /// The next input; nothing at the end, or when a stop was requested. A line that is no JSON is an item with an error, and the
  /// next one follows. Errors: the file cannot be read any further.
  [[nodiscard]] Result<std::optional<Item>> next();
  /// The next line that is not blank, as text without its end (also CR LF); nothing at the end, or when a stop was requested.
  /// Instead of next(). Errors: a line too long, the file cannot be read any further.
  [[nodiscard]] Result<std::optional<std::string>> next_text();
  /// Where the last line read stands, from 1.
  [[nodiscard]] std::size_t line() const noexcept { return line_number_; }
  /// How much of the file has been read, and its size (0 when unknown): for progress displays.
  [[nodiscard]] std::size_t bytes_read() const noexcept { return read_; }
  [[nodiscard]] std::size_t bytes() const noexcept { return size_; }
  [[nodiscard]] const std::string& name() const noexcept { return name_; }

 private:
  enum class Form : std::uint8_t { unknown, document, lines };
  struct Line {
    std::string_view text;
    bool too_long = false;
  };
  InputReader() = default;
  Result<bool> fill();  // false at the end or a stop
  Result<std::optional<Line>> next_line();
  Result<std::optional<Item>> whole();
  Result<bool> broken_line(std::size_t length);
  [[nodiscard]] Item item(const Line& line) const;

  std::string name_;
  int descriptor_ = -1;
  const Interrupt* interrupt_ = nullptr;
  Form form_ = Form::unknown;
  std::string buffer_;
  std::size_t at_ = 0;
  std::size_t scanned_ = 0;  // no line end between at_ and here
  bool ended_ = false;
  std::size_t read_ = 0;
  std::size_t size_ = 0;
  std::size_t line_number_ = 0;
  std::optional<Item> first_;  // read by lines()
};

/// The longest line, and the longest document: what JSON reading allows.
inline constexpr std::size_t kLongestInput = std::size_t{64} << 20;

}  // namespace thalweg::cli
