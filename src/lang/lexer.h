#pragma once
// From characters to tokens.

#include <cstdint>
#include <string>
#include <string_view>

#include "thalweg/value.h"

namespace thalweg::lang {

struct Token {
  enum class Kind : std::uint8_t {
    end,
    close_tag,  ///< in a template: the "}}", "-}}", "%}" or "-%}" that ends the expression
    name,
    quoted_name,  ///< `content-type` in backticks: a field's name only
    literal,      ///< value
    symbol,       ///< text
    wrong,        ///< text is the message
  };
  Kind kind = Kind::end;
  std::size_t offset = 0;
  std::size_t size = 0;
  std::string text;
  Value value;
  bool huge_int = false;  ///< 9223372036854775808, which fits only behind a minus

  [[nodiscard]] bool is(std::string_view symbol) const noexcept { return kind == Kind::symbol && text == symbol; }
};

/// Reads the tokens of `source` one by one.
class Lexer {
 public:
  /// With `in_template`, a closing tag outside braces ends the expression.
  Lexer(std::string_view source, std::size_t start, bool in_template) : source_(source), at_(start), in_template_(in_template) {}
  [[nodiscard]] Token next();

 private:
  [[nodiscard]] Token token(Token::Kind kind, std::size_t start) const;
  [[nodiscard]] Token wrong(std::size_t at, std::string message) const;
  [[nodiscard]] bool at_closing_tag() const noexcept;
  void skip_space() noexcept;
  [[nodiscard]] Token number();
  [[nodiscard]] Token quoted(std::size_t start, bool raw, bool bytes);
  [[nodiscard]] Token backticks();

  std::string_view source_;
  std::size_t at_;
  bool in_template_;
  int braces_ = 0;
};

/// Resolves the escapes of a literal's inside. `wrong_at` is where an escape is wrong, relative to `inside`.
struct Unescaped {
  std::string text;
  std::string problem;
  std::size_t wrong_at = 0;
};
[[nodiscard]] Unescaped unescape(std::string_view inside, bool bytes);

}  // namespace thalweg::lang
