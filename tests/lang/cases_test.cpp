#include "lang/cases.h"

#include <doctest/doctest.h>

#include <filesystem>

using namespace thalweg::lang::test;

TEST_CASE("every line of the case files gives what it says") {
  std::size_t files = 0, lines = 0;
  for (const auto& entry : std::filesystem::directory_iterator(".")) {
    if (entry.path().extension() != ".cases") continue;
    ++files;
    for (const Case& one : read_cases(entry.path().string())) {
      ++lines;
      const std::string problem = run_case(one);
      INFO(entry.path().filename().string(), ":", one.line, ": ", one.expression);
      CHECK_MESSAGE(problem.empty(), problem);
    }
  }
  CHECK(files >= 1);
  CHECK(lines >= 1);
}
