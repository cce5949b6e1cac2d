#include "scoring/data/row_writer.h"

#include "base/error.h"
#include "thalweg/json.h"

namespace thalweg::scoring {

FileForm form_to_write(std::string_view path) noexcept { return path.ends_with(".json") ? FileForm::document : FileForm::lines; }

Result<> RowWriter::begin() {
  std::string text = "{";
  for (const Entry& entry : header_.is_map() ? header_.entries() : std::span<const Entry>()) {
    TRY(append_json(text, entry.key));
    text += ":";
    TRY(append_json(text, entry.value));
    text += ",\n";
  }
  text += "\"samples\":[";
  return sink_(text);
}

Result<> RowWriter::write(const Value& row) {
  line_.clear();
  if (form_ == FileForm::document) {
    if (rows_ == 0) TRY(begin());
    line_ = rows_ == 0 ? "\n" : ",\n";
  }
  TRY(append_json(line_, row));
  if (form_ == FileForm::lines) line_ += '\n';
  ++rows_;
  return sink_(line_);
}

Result<> RowWriter::finish() {
  if (form_ == FileForm::lines) return {};
  if (rows_ == 0) TRY(begin());
  return sink_("\n]}\n");
}

}  // namespace thalweg::scoring
