#pragma once
// The rows of a file, whatever form it has.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scoring/data/byte_source.h"
#include "thalweg/error.h"
#include "thalweg/value.h"

namespace thalweg::scoring {

enum class FileForm : std::uint8_t {
  document,  ///< one JSON document, the rows in its list
  lines,     ///< JSONL: each line a row
  table,     ///< CSV (RFC 4180), or the same with semicolons or tabs; the first row names the columns
};

/// One row: a map as a rule, of texts by column where the file is a table; or why it is none, and the next row follows.
struct Record {
  std::size_t row = 0;   ///< from 0
  std::size_t line = 1;  ///< where it begins in the file, or what is wrong stands
  Result<Value> value;
};

inline constexpr std::size_t kLongestRow = std::size_t{64} << 20;  ///< bytes; what is longer is an error with its place

struct RecordOptions {
  std::string list = "samples";  ///< the key of the rows' list in a document; a document that is a list is the rows
  std::optional<FileForm> form = std::nullopt;  ///< else the name tells (.json, .jsonl, .ndjson, .csv, .tsv, each with .gz), or
                                                ///< the content
  std::string column = "text";                  ///< that a table must have, by which its separator is found
  std::size_t longest = kLongestRow;
};

/// Reads row after row and holds no more than one of them. Errors of next() (of what follows nothing can be told): the file
/// cannot be read, is not of its form, breaks off, has no list of that name.
class RecordReader {
 public:
  [[nodiscard]] static Result<RecordReader> open(ByteSource source, RecordOptions options);
  RecordReader(RecordReader&&) noexcept = default;

  /// Nothing at the end.
  [[nodiscard]] Result<std::optional<Record>> next();

  [[nodiscard]] FileForm form() const noexcept { return form_; }
  /// What stands beside the rows in a document (all of it at the end), the names of a table's columns.
  [[nodiscard]] const Value& header() const noexcept { return header_; }
  [[nodiscard]] const ByteSource& source() const noexcept { return source_; }
  /// "set.json:12: samples[3]", "set.jsonl:4".
  [[nodiscard]] std::string place(std::size_t row, std::size_t line) const;

 private:
  enum class State : std::uint8_t { begin, rows, members, end };
  struct Piece {
    std::string_view text;  // of the value, at the beginning of rest()
    bool too_long = false;  // taken already
  };
  RecordReader(ByteSource source, RecordOptions options) : source_(std::move(source)), options_(std::move(options)) {}

  Result<FileForm> detect();
  Result<std::optional<Record>> next_line();
  Result<std::optional<Record>> next_element();
  Result<std::optional<Record>> next_fields();
  Result<> begin_document();
  Result<bool> members();
  Result<bool> member();
  Result<char> ahead();
  Result<std::string> key();
  Result<Piece> piece();
  Result<> end_of_document();
  Result<> columns();
  Result<std::vector<std::string>> fields();
  Result<std::size_t> field(std::size_t from, std::string& out);
  [[nodiscard]] Error at(JsonPlace place, std::string message) const;
  [[nodiscard]] Error here(std::string message) const { return at(source_.place(), std::move(message)); }
  [[nodiscard]] Error too_long() const;
  [[nodiscard]] Result<Value> parsed(std::string_view text, JsonPlace& place) const;

  ByteSource source_;
  RecordOptions options_;
  FileForm form_ = FileForm::lines;
  State state_ = State::begin;
  bool list_alone_ = false;  // the document is the list
  bool met_list_ = false;
  bool between_ = false;  // an element or a member was read: a comma or the end follows
  std::size_t rows_ = 0;
  Value header_ = Value::map();
  std::vector<std::string> columns_;
  char separator_ = ',';
};

}  // namespace thalweg::scoring
