#include "lang/lexer.h"

#include <cctype>
#include <charconv>

#include "base/error.h"
#include "base/format.h"
#include "lang/text.h"

namespace thalweg::lang {

namespace {
bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
bool is_hex(char c) noexcept { return std::isxdigit(static_cast<unsigned char>(c)) != 0; }
bool starts_name(char c) noexcept { return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_'; }
bool in_name(char c) noexcept { return starts_name(c) || is_digit(c); }
}  // namespace

Token Lexer::token(Token::Kind kind, std::size_t start) const {
  Token token;
  token.kind = kind;
  token.offset = start;
  token.size = at_ - start;
  token.text = source_.substr(start, at_ - start);
  return token;
}

Token Lexer::wrong(std::size_t at, std::string message) const {
  Token token;
  token.kind = Token::Kind::wrong;
  token.offset = at;
  token.text = std::move(message);
  return token;
}

void Lexer::skip_space() noexcept {
  while (at_ < source_.size()) {
    const char c = source_[at_];
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f') {
      ++at_;
    } else if (source_.substr(at_, 2) == "//") {
      while (at_ < source_.size() && source_[at_] != '\n' && source_[at_] != '\r') ++at_;
    } else {
      return;
    }
  }
}

bool Lexer::at_closing_tag() const noexcept {
  if (!in_template_ || braces_ > 0) return false;
  const std::string_view rest = source_.substr(at_, 3);
  return rest.starts_with("}}") || rest.starts_with("%}") || rest == "-}}" || rest == "-%}";
}

Token Lexer::next() {
  skip_space();
  const std::size_t start = at_;
  if (at_ >= source_.size()) return token(Token::Kind::end, start);
  if (at_closing_tag()) return token(Token::Kind::close_tag, start);
  const char c = source_[at_];
  const char after = at_ + 1 < source_.size() ? source_[at_ + 1] : '\0';
  if (is_digit(c) || (c == '.' && is_digit(after))) return number();
  if (c == '"' || c == '\'') return quoted(start, false, false);
  if (c == '`') return backticks();
  if (starts_name(c)) {
    std::size_t prefix = 0;  // r, b, rb, br before a quote
    bool raw = false, bytes = false;
    while (prefix < 2 && at_ + prefix < source_.size()) {
      const int letter = std::tolower(static_cast<unsigned char>(source_[at_ + prefix]));
      if (letter == 'r' && !raw) {
        raw = true;
      } else if (letter == 'b' && !bytes) {
        bytes = true;
      } else {
        break;
      }
      ++prefix;
    }
    if (prefix > 0 && at_ + prefix < source_.size() && (source_[at_ + prefix] == '"' || source_[at_ + prefix] == '\'')) {
      at_ += prefix;
      return quoted(start, raw, bytes);
    }
    while (at_ < source_.size() && in_name(source_[at_])) ++at_;
    Token word = token(Token::Kind::name, start);
    if (word.text == "true" || word.text == "false") {
      word.kind = Token::Kind::literal;
      word.value = Value(word.text == "true");
    } else if (word.text == "null") {
      word.kind = Token::Kind::literal;
    } else if (word.text == "in") {
      word.kind = Token::Kind::symbol;
    }
    return word;
  }
  for (const std::string_view pair : {"||", "&&", "<=", ">=", "==", "!="}) {
    if (source_.substr(at_, 2) == pair) {
      at_ += 2;
      return token(Token::Kind::symbol, start);
    }
  }
  if (std::string_view("+-*/%!<>=?:.,()[]{}").find(c) != std::string_view::npos && c != '=') {
    if (c == '{') ++braces_;
    if (c == '}') --braces_;
    ++at_;
    return token(Token::Kind::symbol, start);
  }
  if (c == '=') return wrong(start, "'=' is no operator; to compare write '=='");
  if (c == '&' || c == '|') return wrong(start, fmt::format("'{0}' is no operator; write '{0}{0}'", c));
  std::size_t end = at_;
  (void)next_point(source_, end);
  return wrong(start, fmt::format("unexpected character '{}'", source_.substr(at_, end - at_)));
}

Token Lexer::number() {
  const std::size_t start = at_;
  const auto digits = [this] {
    while (at_ < source_.size() && is_digit(source_[at_])) ++at_;
  };
  if (source_[at_] == '0' && at_ + 1 < source_.size() && source_[at_ + 1] == 'x') {
    at_ += 2;
    while (at_ < source_.size() && is_hex(source_[at_])) ++at_;
    if (at_ == start + 2) return wrong(start, "a hexadecimal number needs digits after 0x");
  } else {
    bool real = false;
    digits();
    if (at_ + 1 < source_.size() && source_[at_] == '.' && is_digit(source_[at_ + 1])) {
      real = true;
      ++at_;
      digits();
    }
    if (at_ < source_.size() && (source_[at_] == 'e' || source_[at_] == 'E')) {
      std::size_t exponent = at_ + 1;
      if (exponent < source_.size() && (source_[exponent] == '+' || source_[exponent] == '-')) ++exponent;
      if (exponent < source_.size() && is_digit(source_[exponent])) {
        real = true;
        at_ = exponent;
        digits();
      }
    }
    if (real) {
      if (at_ < source_.size() && in_name(source_[at_])) return wrong(at_, "a letter stands right behind a number");
      Token found = token(Token::Kind::literal, start);
      double value = 0;
      const auto parsed = std::from_chars(found.text.data(), found.text.data() + found.text.size(), value);
      if (parsed.ec != std::errc() && found.text.find_first_of("eE") != std::string::npos &&
          found.text[found.text.find_first_of("eE") + 1] != '-') {
        return wrong(start, fmt::format("{} is too large for a double", found.text));
      }
      found.value = Value(value);
      return found;
    }
  }
  Token found = token(Token::Kind::literal, start);
  const bool hex = found.text.size() > 1 && found.text[1] == 'x';
  const bool is_unsigned = at_ < source_.size() && (source_[at_] == 'u' || source_[at_] == 'U');
  if (is_unsigned) ++at_;
  if (at_ < source_.size() && in_name(source_[at_])) return wrong(at_, "a letter stands right behind a number");
  found.size = at_ - start;
  std::uint64_t value = 0;
  const char* first = found.text.data() + (hex ? 2 : 0);
  const auto parsed = std::from_chars(first, found.text.data() + found.text.size(), value, hex ? 16 : 10);
  if (parsed.ec != std::errc())
    return wrong(start, fmt::format("{} is too large for {}", found.text, is_unsigned ? "a uint" : "an int"));
  if (is_unsigned) {
    found.value = Value(value);
  } else if (value == std::uint64_t{1} << 63) {
    found.huge_int = true;
  } else if (value > static_cast<std::uint64_t>(INT64_MAX)) {
    return wrong(start, fmt::format("{} is too large for an int", found.text));
  } else {
    found.value = Value(static_cast<std::int64_t>(value));
  }
  return found;
}

Token Lexer::quoted(std::size_t start, bool raw, bool bytes) {
  const char quote = source_[at_];
  const std::string triple(3, quote);
  const bool is_triple = source_.substr(at_, 3) == triple;
  at_ += is_triple ? 3 : 1;
  const std::size_t inside_start = at_;
  while (true) {
    if (at_ >= source_.size()) return wrong(start, "the string is not closed");
    const char c = source_[at_];
    if (is_triple ? source_.substr(at_, 3) == triple : c == quote) break;
    if (!is_triple && (c == '\n' || c == '\r'))
      return wrong(start, "the string is not closed on its line; use three quotes for several lines");
    at_ += !raw && c == '\\' ? 2 : 1;
  }
  const std::string_view inside = source_.substr(inside_start, at_ - inside_start);
  at_ += is_triple ? 3 : 1;
  Token found = token(Token::Kind::literal, start);
  Unescaped text;
  if (raw) {
    text.text = inside;
  } else {
    text = unescape(inside, bytes);
    if (!text.problem.empty()) return wrong(inside_start + text.wrong_at, std::move(text.problem));
  }
  found.value = bytes ? Value::bytes(text.text) : Value(text.text);
  return found;
}

Token Lexer::backticks() {
  const std::size_t start = at_++;
  while (at_ < source_.size() && source_[at_] != '`' && source_[at_] != '\n') {
    const char c = source_[at_];
    if (!in_name(c) && c != '-' && c != '.' && c != '/' && c != ' ') {
      return wrong(at_, "a field name in backticks holds letters, digits and _ . - / only");
    }
    ++at_;
  }
  if (at_ >= source_.size() || source_[at_] != '`') return wrong(start, "the backtick is not closed");
  Token found = token(Token::Kind::quoted_name, start);
  found.text = found.text.substr(1);
  if (found.text.empty()) return wrong(start, "a field name in backticks is empty");
  ++at_;
  return found;
}

}  // namespace thalweg::lang
