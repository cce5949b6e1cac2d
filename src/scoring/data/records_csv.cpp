// Rows of a table (RFC 4180): fields in quotes may hold separators, line ends and doubled quotes.
#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/utf8.h"
#include "scoring/data/records.h"

namespace thalweg::scoring {

// Reads the field at `from` in rest() into `out`; the offset of what ends it: the separator, a line end, or the end of the file.
// Errors: a quote that is none, with its place.
Result<std::size_t> RecordReader::field(std::size_t from, std::string& out) {
  out.clear();
  const auto have = [&](std::size_t at) -> Result<bool> {
    while (at >= source_.rest().size()) {
      if (at > options_.longest) {
        return std::unexpected(too_long()
                                   .because(Error(Code::invalid_argument, "perhaps a quote that begins a field is never closed"))
                                   .at(fmt::format("{}:{}", source_.name(), source_.place().line)));
      }
      if (!TRY(source_.more())) return false;
    }
    return true;
  };
  const auto ends = [&](char c) { return c == separator_ || c == '\n' || c == '\r'; };
  const auto wrong = [&](std::size_t at, std::string_view what) {
    const std::string_view before = source_.rest().substr(0, at);
    const auto line = source_.place().line + static_cast<std::size_t>(std::ranges::count(before, '\n'));
    return fail(Code::invalid_argument, "{} (line {})", what, line);
  };
  std::size_t at = from;
  if (!TRY(have(at))) return at;
  if (source_.rest()[at] != '"') {
    for (; TRY(have(at)) && !ends(source_.rest()[at]); ++at) {
      if (source_.rest()[at] == '"') return wrong(at, "a quote stands in a field that does not begin with one; double it");
    }
    out = source_.rest().substr(from, at - from);
    return at;
  }
  for (++at;;) {
    if (!TRY(have(at))) {
      return std::unexpected(wrong(from, "the quote that begins a field is never closed").error().at(source_.name()));
    }
    const std::size_t quote = source_.rest().find('"', at);
    const std::size_t stop = std::min(quote, source_.rest().size());
    out += source_.rest().substr(at, stop - at);
    at = stop;
    if (quote == std::string_view::npos) continue;
    if (!TRY(have(at + 1)) || source_.rest()[at + 1] != '"') break;
    out += '"';
    at += 2;
  }
  ++at;
  if (TRY(have(at)) && !ends(source_.rest()[at])) return wrong(at, "something stands between a closing quote and the separator");
  return at;
}

// The fields of the row that begins here; takes it with its line end. Empty at the end of the file.
Result<std::vector<std::string>> RecordReader::fields() {
  std::vector<std::string> row;
  if (source_.rest().empty() && !TRY(source_.more())) return row;
  std::size_t at = 0;
  for (std::string text;; ++at) {
    at = TRY(field(at, text));
    row.push_back(std::exchange(text, {}));
    if (at >= source_.rest().size() || source_.rest()[at] != separator_) break;
  }
  if (at < source_.rest().size() && source_.rest()[at] == '\r') {
    ++at;
    if (at == source_.rest().size()) TRY(source_.more());
  }
  if (at < source_.rest().size() && source_.rest()[at] == '\n') ++at;
  source_.take(at);
  return row;
}

// The first row. The separator is the one with which it names the column that must be there.
Result<> RecordReader::columns() {
  std::size_t end = 0;
  while ((end = source_.rest().find('\n')) == std::string_view::npos && source_.rest().size() <= options_.longest) {
    if (!TRY(source_.more())) break;
  }
  const std::string_view line = source_.rest().substr(0, end);
  const auto outside_quotes = [&](char separator) {
    bool quoted = false;
    return std::ranges::count_if(line, [&](char c) { return c == '"' ? (quoted = !quoted, false) : !quoted && c == separator; });
  };
  separator_ = *std::ranges::max_element(std::string_view(",;\t"), {}, outside_quotes);
  columns_ = TRY(fields());
  for (std::string& name : columns_) {
    name.erase(0, name.find_first_not_of(' '));
    name.erase(name.find_last_not_of(' ') + 1);
  }
  if (columns_.empty()) return fail(Code::invalid_argument, "'{}' is empty", source_.name());
  if (std::ranges::find(columns_, options_.column) == columns_.end()) {
    return fail(Code::invalid_argument, "the first row of '{}' names no column \"{}\"; it is to name all columns", source_.name(),
                options_.column);
  }
  std::vector<std::string> sorted = columns_;
  std::ranges::sort(sorted);
  if (const auto twice = std::ranges::adjacent_find(sorted); twice != sorted.end())
    return fail(Code::invalid_argument, "the first row of '{}' names the column \"{}\" twice", source_.name(), *twice);
  std::vector<Value> names(columns_.begin(), columns_.end());
  header_ = Value::map({{Value("columns"), Value::list(std::move(names))}});
  return {};
}

Result<std::optional<Record>> RecordReader::next_fields() {
  while (true) {
    const std::size_t line = source_.place().line;
    auto row = fields();
    if (!row) {
      // With its place it is the end; without, the row alone is wrong, and the next line begins another one.
      if (!row.error().path().empty() || row.error().code() != Code::invalid_argument) return std::unexpected(row.error());
      std::size_t end = 0;
      while ((end = source_.rest().find('\n', end)) == std::string_view::npos) {
        end = source_.rest().size();
        if (!TRY(source_.more())) break;
      }
      source_.take(std::min(end + 1, source_.rest().size()));
      return Record{rows_++, line, std::unexpected(row.error())};
    }
    if (row->empty()) return std::nullopt;
    if (row->size() == 1 && row->front().find_first_not_of(" \t") == std::string::npos && columns_.size() > 1) continue;
    Record record{rows_++, line, Value()};
    if (row->size() != columns_.size()) {
      record.value = fail(Code::invalid_argument, "the row has {} field{}, the first row names {} columns", row->size(),
                          row->size() == 1 ? "" : "s", columns_.size());
      return record;
    }
    Value map = Value::map();
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      if (utf8::invalid_at((*row)[i]) != std::string_view::npos) {
        record.value = fail(Code::invalid_argument, "\"{}\" is not UTF-8", columns_[i]);
        return record;
      }
      map = std::move(map).set(Value(columns_[i]), Value((*row)[i]));
    }
    record.value = std::move(map);
    return record;
  }
}

}  // namespace thalweg::scoring
