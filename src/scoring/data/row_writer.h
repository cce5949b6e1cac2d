#pragma once
// Rows into a file, as they come.

#include <functional>
#include <string>
#include <string_view>

#include "scoring/data/records.h"
#include "thalweg/error.h"
#include "thalweg/value.h"

namespace thalweg::scoring {

using Sink = std::function<Result<>(std::string_view)>;

/// Writes rows as JSONL, or as one document with a row a line: {"version": ..., "samples": [...]}. What RecordReader reads.
///
///     RowWriter writer(FileForm::document, Value::map({{"version", "1.0.0"}}), [&](auto text) { return output.write(text); });
///     TRY(writer.write(to_value(sample)));
///     TRY(writer.finish());
class RowWriter {
 public:
  /// `header`: a map that stands before the rows of a document; in JSONL there is no place for it.
  /// Precondition: not FileForm::table.
  RowWriter(FileForm form, Value header, Sink sink) : form_(form), header_(std::move(header)), sink_(std::move(sink)) {}

  /// Errors: the sink's, to_json()'s.
  Result<> write(const Value& row);
  /// To be called once, last: a document without it is not whole.
  Result<> finish();
  [[nodiscard]] std::size_t rows() const noexcept { return rows_; }

 private:
  Result<> begin();
  FileForm form_;
  Value header_;
  Sink sink_;
  std::string line_;
  std::size_t rows_ = 0;
};

/// .json is a document, all else JSONL.
[[nodiscard]] FileForm form_to_write(std::string_view path) noexcept;

}  // namespace thalweg::scoring
