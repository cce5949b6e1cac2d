// The rows of docs/expressions.md are true.

#include <doctest/doctest.h>

#include <fstream>

#include "lang/cases.h"

using namespace thalweg::lang::test;

namespace {
// The inside of a cell's backticks, or the cell as it is.
std::string cell(std::string text) {
  for (std::size_t bar = text.find("\\|"); bar != std::string::npos; bar = text.find("\\|")) text.erase(bar, 1);
  const std::size_t first = text.find_first_not_of(' ');
  if (first == std::string::npos) return {};
  text = text.substr(first, text.find_last_not_of(' ') - first + 1);
  return text.starts_with('`') && text.ends_with('`') ? text.substr(1, text.size() - 2) : text;
}
}  // namespace

TEST_CASE("every row of the reference gives what it says") {
  std::ifstream file("../../docs/expressions.md");
  std::string line;
  bool table = false;
  std::size_t rows = 0;
  for (std::size_t number = 1; std::getline(file, line); ++number) {
    if (line.starts_with("| expression |")) {
      table = true;
    } else if (!line.starts_with("|")) {
      table = false;
    } else if (table && !line.starts_with("|---")) {
      const std::size_t middle = line.find(" | ", 2);
      Case one;
      one.expression = cell(line.substr(1, middle - 1));
      one.expected = cell(line.substr(middle + 2, line.size() - middle - 3));
      const std::string problem = run_case(one);
      INFO("docs/expressions.md:", number, ": ", one.expression);
      CHECK_MESSAGE(problem.empty(), problem);
      ++rows;
    }
  }
  CHECK(rows > 60);
}
