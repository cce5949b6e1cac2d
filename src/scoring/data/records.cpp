#include "scoring/data/records.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/json_part.h"
#include "base/utf8.h"

namespace thalweg::scoring {

namespace {
bool is_blank(std::string_view text) noexcept { return text.find_first_not_of(" \t\r\n") == std::string_view::npos; }

std::optional<FileForm> form_by_name(std::string_view name) {
  if (name.ends_with(".gz")) name.remove_suffix(3);
  if (name.ends_with(".jsonl") || name.ends_with(".ndjson")) return FileForm::lines;
  if (name.ends_with(".json")) return FileForm::document;
  if (name.ends_with(".csv") || name.ends_with(".tsv")) return FileForm::table;
  return std::nullopt;
}
}  // namespace

Result<RecordReader> RecordReader::open(ByteSource source, RecordOptions options) {
  RecordReader reader(std::move(source), std::move(options));
  if (reader.options_.form) {
    reader.form_ = *reader.options_.form;
  } else if (const auto form = form_by_name(reader.source_.name())) {
    reader.form_ = *form;
  } else {
    reader.form_ = TRY(reader.detect());
  }
  if (reader.form_ == FileForm::table) TRY(reader.columns());
  return reader;
}

// A list or a map that does not end with its line is a document; so is a map in one line that holds the rows' list.
Result<FileForm> RecordReader::detect() {
  std::size_t begin = 0;
  const auto found = [&] { return (begin = source_.rest().find_first_not_of(" \t\r\n")) != std::string_view::npos; };
  while (!found()) {
    if (!TRY(source_.more())) return FileForm::lines;
  }
  if (source_.rest()[begin] == '[') return FileForm::document;
  if (source_.rest()[begin] != '{') return FileForm::table;
  std::size_t end = 0;
  while ((end = source_.rest().find('\n', std::max(begin, end))) == std::string_view::npos) {
    end = source_.rest().size();
    if (end > options_.longest || !TRY(source_.more())) break;
  }
  const auto first = parse_json(source_.rest().substr(begin, end - std::min(begin, end)));
  return first && first->find(options_.list) == nullptr ? FileForm::lines : FileForm::document;
}

Result<std::optional<Record>> RecordReader::next() {
  if (form_ == FileForm::document) return next_element();
  return form_ == FileForm::lines ? next_line() : next_fields();
}

std::string RecordReader::place(std::size_t row, std::size_t line) const {
  if (form_ == FileForm::document) {
    return fmt::format("{}:{}: {}[{}]", source_.name(), line, list_alone_ ? "" : options_.list, row);
  }
  return fmt::format("{}:{}", source_.name(), line);
}

Error RecordReader::at(JsonPlace place, std::string message) const {
  return Error(Code::invalid_argument, std::move(message)).at(fmt::format("{}:{}:{}", source_.name(), place.line, place.column));
}

Error RecordReader::too_long() const {
  return {Code::resource_exhausted,
          fmt::format("the row is longer than {} MiB, which is the most one may have", options_.longest >> 20)};
}

Result<Value> RecordReader::parsed(std::string_view text, JsonPlace& place) const {
  // Where a document begins it would be right, and that is what the parser takes the text for.
  if (form_ == FileForm::document && text.starts_with("\xEF\xBB\xBF"))
    return fail(Code::invalid_argument, "invalid JSON: a value is missing: there is a byte order mark");
  const JsonLimits limits{.max_bytes = options_.longest};
  return parse_json_part(text, place, limits);
}

Result<std::optional<Record>> RecordReader::next_line() {
  bool dropped = false;
  for (std::size_t scanned = 0;;) {
    const std::size_t end = source_.rest().find('\n', scanned);
    if (end == std::string_view::npos) {
      scanned = source_.rest().size();
      if (scanned > options_.longest) {
        source_.take(std::exchange(scanned, 0));
        dropped = true;
      }
      if (TRY(source_.more())) continue;
      if (source_.rest().empty() && !dropped) return std::nullopt;
    }
    const std::size_t size = std::min(end, source_.rest().size());
    const std::string_view text = source_.rest().substr(0, size);
    JsonPlace place = source_.place();
    std::optional<Record> record;
    if (dropped) {
      record = Record{rows_++, place.line, std::unexpected(too_long())};
    } else if (!is_blank(text)) {
      record = Record{rows_++, place.line, parsed(text, place)};
    }
    source_.take(std::min(size + 1, source_.rest().size()));
    if (record) return record;
    scanned = 0;
  }
}

}  // namespace thalweg::scoring
