#pragma once
// Tests of the language as text: `expression | variables | expected` lines, or `expression | expected`.

#include <string>
#include <string_view>
#include <vector>

namespace thalweg::lang::test {

/// One line of a .cases file:
///
///     x + 1 | x = 2 | 3
///     1 / 0 | error: division by zero
///
/// Variables are `name = expression` with `;` between them; the expected value is an expression too, or `error` with a part of
/// the message. `@checked` and `@dynamic` lines say how what follows is compiled, `@container a.b` in which namespace; `@vars`
/// gives types to variables by name (`@vars x: int; y: list<string>`), used when checked. `#` starts a comment line.
struct Case {
  std::size_t line = 0;
  std::string expression, variables, expected;
  bool checked = false;
  std::string container;
  std::string types;
};

[[nodiscard]] std::vector<Case> read_cases(const std::string& path);

/// What is wrong with the outcome, or "".
[[nodiscard]] std::string run_case(const Case& one);

}  // namespace thalweg::lang::test
