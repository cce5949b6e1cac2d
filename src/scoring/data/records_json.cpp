// Rows of one JSON document, element by element: the ends of values are looked for first, then each one is parsed by itself.
#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/json_part.h"
#include "scoring/data/records.h"

namespace thalweg::scoring {

namespace {
bool is_space(char c) noexcept { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

// Looks for the end of one value in text that comes in pieces. What is between the brackets is checked later.
class ValueEnd {
 public:
  // The offset behind the value; nothing while it goes on. `text` begins where the value does, and only grows from call to call.
  std::optional<std::size_t> find(std::string_view text) {
    while (at_ < text.size()) {
      if (in_string_) {
        const std::size_t quote = text.find('"', at_);
        at_ = std::min(quote, text.size() - 1) + 1;
        if (quote == std::string_view::npos) return std::nullopt;
        in_string_ = backslashes_before(text, quote) % 2 == 1;
        if (!in_string_ && depth_ == 0) return at_;
        continue;
      }
      const char c = text[at_];
      if (c == '"') {
        in_string_ = true;
      } else if (c == '{' || c == '[') {
        ++depth_;
      } else if (c == '}' || c == ']') {
        if (depth_ == 0) return at_;  // of the list around
        if (--depth_ == 0) return at_ + 1;
      } else if (depth_ == 0 && (c == ',' || is_space(c))) {
        return at_;
      }
      ++at_;
    }
    return std::nullopt;
  }
  // How much of the text is not needed any more, for a value that nobody wants. It is to be taken away.
  std::size_t pass(std::string_view text) {
    const std::size_t passed = at_ - backslashes_before(text, at_) % 2;
    at_ -= passed;
    return passed;
  }

 private:
  static std::size_t backslashes_before(std::string_view text, std::size_t at) {
    const std::size_t before = text.substr(0, at).find_last_not_of('\\');
    return before == std::string_view::npos ? at : at - before - 1;
  }

  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  bool in_string_ = false;
};
}  // namespace

// The next character that is no space, not taken; 0 at the end.
Result<char> RecordReader::ahead() {
  while (true) {
    const std::size_t space = source_.rest().find_first_not_of(" \t\r\n");
    if (space != std::string_view::npos) {
      source_.take(space);
      return source_.rest().front();
    }
    source_.take(source_.rest().size());
    if (!TRY(source_.more())) return '\0';
  }
}

// The value that begins here; it is not taken unless it is too long.
Result<RecordReader::Piece> RecordReader::piece() {
  ValueEnd end;
  bool dropped = false;
  while (true) {
    const auto size = end.find(source_.rest());
    if (dropped && size) {
      source_.take(*size);
      return Piece{{}, true};
    }
    if (size) return Piece{source_.rest().substr(0, *size), *size > options_.longest};
    if (source_.rest().size() > options_.longest || dropped) {
      source_.take(end.pass(source_.rest()));
      dropped = true;
    }
    if (!TRY(source_.more())) {
      if (dropped) return std::unexpected(here("the document breaks off in a value"));
      return Piece{source_.rest(), false};  // what is wrong with it the parser tells
    }
  }
}

Result<std::string> RecordReader::key() {
  if (TRY(ahead()) != '"') return std::unexpected(here("a key is expected, a text in quotes"));
  const Piece text = TRY(piece());
  JsonPlace place = source_.place();
  auto name = text.too_long ? fail(Code::invalid_argument, "a key is expected, not so long a text") : parsed(text.text, place);
  if (!name) return std::unexpected(at(place, name.error().message()));
  if (!text.too_long) source_.take(text.text.size());
  if (TRY(ahead()) != ':') return std::unexpected(here("':' is expected behind a key"));
  source_.take(1);
  return std::string(name->as_string());
}

Result<> RecordReader::begin_document() {
  const char first = TRY(ahead());
  if (first == '\0') return fail(Code::invalid_argument, "'{}' is empty", source_.name());
  if (first != '[' && first != '{') {
    return std::unexpected(here(fmt::format("a JSON document with the list \"{}\" is expected, or a list", options_.list)));
  }
  list_alone_ = met_list_ = first == '[';
  state_ = list_alone_ ? State::rows : State::members;
  source_.take(1);
  return {};
}

// Whether one more element or member follows; `closing` ends them.
Result<bool> RecordReader::members() {
  const char closing = state_ == State::rows ? ']' : '}';
  const char next = TRY(ahead());
  if (next == closing) {
    source_.take(1);
    return false;
  }
  if (std::exchange(between_, true)) {
    if (next != ',') {
      return std::unexpected(here(next == '\0' ? fmt::format("the document breaks off; '{}' is missing", closing)
                                               : fmt::format("',' or '{}' is expected", closing)));
    }
    source_.take(1);
    if (TRY(ahead()) == closing) return std::unexpected(here(fmt::format("nothing stands between ',' and '{}'", closing)));
  }
  return true;
}

// Reads one member of the document; true when it is the list of rows, whose elements come next.
Result<bool> RecordReader::member() {
  const std::string name = TRY(key());
  const char first = TRY(ahead());
  if (name == options_.list) {
    if (met_list_) return std::unexpected(here(fmt::format("\"{}\" stands twice in the document", name)));
    if (first != '[') return std::unexpected(here(fmt::format("\"{}\" is to be a list", name)));
    source_.take(1);
    met_list_ = true;
    return true;
  }
  const Piece text = TRY(piece());
  if (text.too_long) return std::unexpected(too_long().at(fmt::format("{}: {}", source_.name(), name)));
  JsonPlace place = source_.place();
  auto value = parsed(text.text, place);
  if (!value) return std::unexpected(at(place, value.error().message()));
  if (header_.find(name) != nullptr) return std::unexpected(here(fmt::format("\"{}\" stands twice in the document", name)));
  header_ = std::move(header_).set(Value(name), std::move(*value));
  source_.take(text.text.size());
  return false;
}

Result<> RecordReader::end_of_document() {
  state_ = State::end;
  if (!met_list_) {
    std::vector<std::string> names;
    for (const Entry& entry : header_.entries()) names.emplace_back(entry.key.as_string());
    const std::string near = nearest(options_.list, names);
    return fail(Code::invalid_argument, "'{}' has no list \"{}\"{}{}", source_.name(), options_.list,
                near.empty() ? "" : fmt::format("; is \"{}\" meant for it?", near),
                names.empty() || !near.empty() ? "" : "; where each line is a row, name it .jsonl");
  }
  if (TRY(ahead()) != '\0' || !source_.rest().empty()) {  // a byte of zero is one, too
    return std::unexpected(here("something follows behind the document; where each line is a row, name the file .jsonl"));
  }
  return {};
}

Result<std::optional<Record>> RecordReader::next_element() {
  if (state_ == State::begin) TRY(begin_document());
  while (state_ != State::end) {
    if (!TRY(members())) {
      if (state_ == State::members || list_alone_) {
        TRY(end_of_document());
        break;
      }
      state_ = State::members;
      between_ = true;
      continue;
    }
    if (state_ == State::members) {
      if (TRY(member())) {
        state_ = State::rows;
        between_ = false;
      }
      continue;
    }
    static_cast<void>(TRY(ahead()));
    JsonPlace place = source_.place();
    const std::size_t line = place.line;
    const Piece text = TRY(piece());
    if (text.too_long) {
      source_.take(text.text.size());
      return Record{rows_++, line, std::unexpected(too_long())};
    }
    if (text.text.empty()) return std::unexpected(here("a row is expected"));
    Record record{rows_++, line, parsed(text.text, place)};
    if (!record.value) record.line = place.line;
    source_.take(text.text.size());
    return record;
  }
  return std::nullopt;
}

}  // namespace thalweg::scoring
