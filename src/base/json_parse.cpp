#include <algorithm>
#include <cstring>
#include <span>
#include <tuple>
#include <unordered_set>
#include <utility>

#include "base/error.h"
#include "base/json_parser.h"
#include "base/json_prefix.h"
#include "base/utf8.h"
#include "base/value_access.h"

namespace thalweg {

JsonPlace place_of(std::string_view text, std::size_t offset) noexcept {
  const std::string_view before = text.substr(0, std::min(offset, text.size()));
  const std::size_t newline = before.rfind('\n');
  const std::size_t start = newline == std::string_view::npos ? 0 : newline + 1;
  return {.line = static_cast<std::size_t>(std::ranges::count(before, '\n')) + 1,
          .column = utf8::count(before.substr(start)) + 1};
}

Result<Value> parse_json(std::string_view text, const JsonLimits& limits) {
  JsonParser parser(text, limits);
  Value value;
  if (parser.run(value)) return value;
  const JsonProblem& problem = parser.problem();
  const JsonPlace place = place_of(text, problem.offset);
  return fail(Code::invalid_argument, "invalid JSON at byte {} (line {}, column {}): {}", problem.offset, place.line,
              place.column, problem.what);
}

Result<Value> parse_json_line(std::string_view text, std::string_view name, std::size_t line, const JsonLimits& limits) {
  JsonParser parser(text, limits);
  Value value;
  if (parser.run(value)) return value;
  const JsonProblem& problem = parser.problem();
  const Error error(Code::invalid_argument, fmt::format("invalid JSON at byte {}: {}", problem.offset, problem.what));
  return std::unexpected(error.at(fmt::format("{}:{}:{}", name, line, place_of(text, problem.offset).column)));
}

Result<Value> parse_json_part(std::string_view text, JsonPlace& place, const JsonLimits& limits) {
  JsonParser parser(text, limits);
  Value value;
  if (parser.run(value)) return value;
  const JsonPlace inside = place_of(text, parser.problem().offset);
  place = {.line = place.line + inside.line - 1, .column = inside.line == 1 ? place.column + inside.column - 1 : inside.column};
  return fail(Code::invalid_argument, "invalid JSON: {}", parser.problem().what);
}

std::size_t json_prefix(std::string_view text) {
  JsonParser parser(text, {});
  Value value;
  return parser.run(value) ? text.size() : parser.problem().offset;
}

bool JsonParser::wrong(const char* place, std::string what) {
  problem_ = {.what = std::move(what), .offset = static_cast<std::size_t>(place - begin_)};
  return false;
}

std::string JsonParser::found(const char* place) const {
  if (place == end_) return "the document ends";
  const utf8::Step step = utf8::step({place, end_}, 0);
  if (!step.valid) return fmt::format("there is the byte 0x{:02x}, which is not UTF-8", static_cast<unsigned char>(*place));
  if (step.code < 0x20 || step.code == 0x7F)
    return fmt::format("there is the control character U+{:04X}", static_cast<unsigned>(step.code));
  return fmt::format("there is '{}'", std::string_view(place, step.length));
}

void JsonParser::space() noexcept {
  while (at_ < end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) ++at_;
}

bool JsonParser::run(Value& out) {
  const std::string_view text(begin_, end_);
  if (text.size() > limits_.max_bytes) {
    return wrong(begin_ + limits_.max_bytes,
                 fmt::format("the document has {} bytes, more than the {} allowed", text.size(), limits_.max_bytes));
  }
  if (text.starts_with("\xEF\xBB\xBF")) at_ += 3;
  do {
    space();
    if (!value()) return false;
  } while (!open_.empty());
  space();
  if (at_ != end_) return wrong(at_, fmt::format("the document is complete, but then {}", found(at_)));
  out = std::move(values_.back());
  return true;
}

// Reads a value, and behind it all that leads up to the next value or the end of the document.
bool JsonParser::value() {
  if (at_ == end_) return wrong(at_, "a value is missing: the document ends");
  switch (*at_) {
    case '{':
    case '[':
      return open(*at_ == '{');
    case '"':
      return string(false) && after_value();
    case 't':
      return word("true", Value(true)) && after_value();
    case 'f':
      return word("false", Value(false)) && after_value();
    case 'n':
      return word("null", Value()) && after_value();
    case '-':
    case '0':
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
    case '6':
    case '7':
    case '8':
    case '9':
      return number() && after_value();
    default:
      return wrong(at_, fmt::format("a value is missing: {}", found(at_)));
  }
}

bool JsonParser::open(bool is_map) {
  if (open_.size() >= limits_.max_depth) {
    return wrong(at_, fmt::format("lists and maps are nested deeper than the {} levels allowed", limits_.max_depth));
  }
  open_.push_back({.first = values_.size(), .opened = at_, .is_map = is_map});
  ++at_;
  space();
  if (at_ < end_ && *at_ == (is_map ? '}' : ']')) return close() && after_value();
  return !is_map || key();
}

// Until a value is due again or all is closed.
bool JsonParser::after_value() {
  while (!open_.empty()) {
    space();
    const bool is_map = open_.back().is_map;
    if (at_ < end_ && *at_ == ',') {
      ++at_;
      if (!is_map) return true;
      space();
      return key();
    }
    if (at_ == end_ || *at_ != (is_map ? '}' : ']')) {
      const JsonPlace opened = place_of({begin_, end_}, static_cast<std::size_t>(open_.back().opened - begin_));
      return wrong(at_, fmt::format("expected ',' or '{}' of the {} begun at line {}, column {}, but {}", is_map ? '}' : ']',
                                    is_map ? "map" : "list", opened.line, opened.column, found(at_)));
    }
    if (!close()) return false;
  }
  return true;
}

bool JsonParser::close() {
  ++at_;
  const Open closing = open_.back();
  open_.pop_back();
  if (closing.is_map) return close_map(closing);
  Value list = ValueAccess::empty_list(values_.size() - closing.first);
  for (std::size_t i = closing.first; i < values_.size(); ++i) ValueAccess::push(list, std::move(values_[i]));
  values_.resize(closing.first);
  values_.push_back(std::move(list));
  return true;
}

// Most maps of a document have the keys of one before them: those need no look at whether a key is twice, and share its index.
// For a pair of keys that look is quicker.
bool JsonParser::close_map(const Open& closing) {
  constexpr std::size_t kQuicker = 4;  // values
  const std::span pairs(values_.data() + closing.first, values_.size() - closing.first);
  Value* const like = pairs.size() > kQuicker ? &maps_[(pairs.size() + pairs[0].size()) % maps_.size()] : nullptr;
  Value map;
  if (like != nullptr && ValueAccess::same_keys(*like, pairs)) {
    map = ValueAccess::map_like(*like, pairs);
  } else {
    map = ValueAccess::empty_map(pairs.size() / 2);
    for (std::size_t i = 0; i < pairs.size(); i += 2) {
      if (!ValueAccess::push_new(map, std::move(pairs[i]), std::move(pairs[i + 1]))) return repeated(closing);
    }
    if (like != nullptr) *like = map;
  }
  values_.resize(closing.first);
  values_.push_back(std::move(map));
  return true;
}

// Names the first key of a map that was there before. The map is read again up to it: only errors pay for the places of keys.
bool JsonParser::repeated(const Open& map) {
  const char* closed = at_;
  std::unordered_set<std::string> seen;
  std::size_t depth = 0;
  bool is_key = false;
  for (at_ = map.opened; at_ < closed;) {
    const char here = *at_;
    if (here == '"') {
      const char* start = at_;
      values_.clear();
      if (!string(false)) return false;
      if (!std::exchange(is_key, false)) continue;
      std::string name(values_.back().as_string());
      const auto [place, added] = seen.insert(std::move(name));
      if (!added) return wrong(start, fmt::format("the key '{}' is in this map already", *place));
      continue;
    }
    if (here == '{' || here == '[') ++depth;
    if (here == '}' || here == ']') --depth;
    if (depth == 1 && (here == ',' || at_ == map.opened)) is_key = true;
    ++at_;
  }
  return wrong(map.opened, "a key is twice in this map");
}

bool JsonParser::key() {
  if (at_ == end_ || *at_ != '"') return wrong(at_, fmt::format("a key in quotes is missing: {}", found(at_)));
  if (!string(true)) return false;
  space();
  if (at_ == end_ || *at_ != ':')
    return wrong(at_, fmt::format("':' is missing behind the key '{}': {}", values_.back().as_string(), found(at_)));
  ++at_;
  return true;
}

Value JsonParser::key_of(std::string_view text) {
  // A weak hash of both ends is enough: a miss costs one allocation.
  std::uint64_t ends = 0;
  if (text.size() >= 4) {
    std::uint32_t first, last;
    std::memcpy(&first, text.data(), sizeof(first));
    std::memcpy(&last, text.data() + text.size() - sizeof(last), sizeof(last));
    ends = first | std::uint64_t{last} << 32;
  } else {
    for (const char c : text) ends = ends << 8 | static_cast<unsigned char>(c);
  }
  static_assert(std::tuple_size_v<decltype(keys_)> == 128);
  const std::size_t at = ((ends + text.size()) * 0x9E3779B97F4A7C15U) >> 57;
  Value& first = keys_[at];
  if (first.is_string() && first.as_string() == text) return first;
  Value& second = keys_[at ^ 1];
  if (second.is_string() && second.as_string() == text) return second;
  second = std::exchange(first, Value(text));
  return first;
}

bool JsonParser::string(bool is_key) {
  const char* start = ++at_;
  for (;;) {
    at_ = plain_text(at_, end_);
    if (at_ == end_) return wrong(start - 1, "this string never ends");
    if (*at_ == '"') {
      const std::string_view text(start, at_);
      ++at_;
      values_.push_back(is_key ? key_of(text) : Value(text));
      return true;
    }
    if (*at_ == '\\') return escaped(start, is_key);
    const utf8::Step step = utf8::step({at_, end_}, 0);
    if (!step.valid || step.code < 0x20) return wrong(at_, fmt::format("in a string {}", found(at_)));
    at_ += step.length;
  }
}

// The rest of a string from its first escape on.
bool JsonParser::escaped(const char* start, bool is_key) {
  scratch_.assign(start, at_);
  for (;;) {
    const char* from = at_;
    at_ = plain_text(at_, end_);
    scratch_.append(from, at_);
    if (at_ == end_) return wrong(start - 1, "this string never ends");
    if (*at_ == '"') {
      ++at_;
      values_.push_back(is_key ? key_of(scratch_) : Value(scratch_));
      return true;
    }
    if (*at_ == '\\') {
      if (!escape()) return false;
      continue;
    }
    const utf8::Step step = utf8::step({at_, end_}, 0);
    if (!step.valid || step.code < 0x20) return wrong(at_, fmt::format("in a string {}", found(at_)));
    scratch_.append(at_, step.length);
    at_ += step.length;
  }
}

bool JsonParser::escape() {
  static constexpr std::string_view kNames = "\"\\/bfnrt";
  static constexpr std::string_view kMeant = "\"\\/\b\f\n\r\t";
  if (end_ - at_ < 2) return wrong(at_, "an escape is cut off: the document ends");
  if (at_[1] == 'u') return unicode_escape();
  const std::size_t which = kNames.find(at_[1]);
  if (which == std::string_view::npos) {
    return wrong(at_ + 1, fmt::format("an escape is expected behind a backslash, but {}", found(at_ + 1)));
  }
  scratch_.push_back(kMeant[which]);
  at_ += 2;
  return true;
}

bool JsonParser::four_digits(char32_t& code) {
  code = 0;
  for (const char* digit = at_ + 2; digit < at_ + 6; ++digit) {
    const char c = digit < end_ ? *digit : '\0';
    const int value = c >= '0' && c <= '9'   ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : -1;
    if (value < 0) return wrong(digit, fmt::format("\\u wants four hexadecimal digits, but {}", found(digit)));
    code = code * 16 + static_cast<char32_t>(value);
  }
  return true;
}

bool JsonParser::unicode_escape() {
  const char* start = at_;
  char32_t code = 0;
  if (!four_digits(code)) return false;
  at_ += 6;
  if (code >= 0xDC00 && code <= 0xDFFF) return wrong(start, "a low surrogate without a high one before it");
  if (code >= 0xD800 && code <= 0xDBFF) {
    char32_t low = 0;
    if (end_ - at_ < 2 || at_[0] != '\\' || at_[1] != 'u') return wrong(start, "a high surrogate without a low one behind it");
    if (!four_digits(low)) return false;
    if (low < 0xDC00 || low > 0xDFFF) return wrong(start, "a high surrogate without a low one behind it");
    at_ += 6;
    code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
  }
  utf8::append(scratch_, code);
  return true;
}

bool JsonParser::word(std::string_view text, Value value) {
  const std::string_view rest(at_, end_);
  if (!rest.starts_with(text)) {
    const char* differs = std::ranges::mismatch(rest, text).in1;
    return wrong(differs, fmt::format("expected {}, but {}", text, found(differs)));
  }
  at_ += text.size();
  values_.push_back(std::move(value));
  return true;
}

}  // namespace thalweg
