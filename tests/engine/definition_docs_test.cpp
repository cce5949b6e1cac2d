// docs/definitions.md has every key of the table, as the table says it.

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>

#include "engine/keys.h"

using namespace thalweg;

TEST_CASE("the reference of definitions says what the table of keys says") {
  std::ifstream file("../../docs/definitions.md");
  const std::string docs{std::istreambuf_iterator<char>(file), {}};
  REQUIRE_FALSE(docs.empty());
  for (const Block* block : all_blocks()) {
    std::string section =
        fmt::format("### {}\n{}\n\n| key | | what it holds | |\n|---|---|---|---|\n", block->name, block->description);
    for (const Key& key : block->keys) {
      const std::string holds =
          key.block == nullptr ? std::string(describe(key.form)) : fmt::format("{}: {}", describe(key.form), key.block->name);
      section += fmt::format("| `{}` | {} | {} | {} |\n", key.name, key.required ? "required" : "", holds, key.description);
    }
    CHECK_MESSAGE(docs.find(section) != std::string::npos, "docs/definitions.md should have\n" << section);
  }
}
