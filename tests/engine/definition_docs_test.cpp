// docs/definitions.md has every key of the table, as the table says it, and its examples are good definitions.

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>

#include "engine/keys.h"
#include "engine/plan.h"
#include "test_catalog.h"

using namespace thalweg;

namespace {

std::string reference() {
  std::ifstream file("../../docs/definitions.md");
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("the examples of the reference are good definitions") {
  const Catalog catalog = test::definition_catalog();
  const std::string docs = reference();
  constexpr std::string_view kOpen = "```yaml\n";
  std::size_t examples = 0;
  for (std::size_t at = docs.find(kOpen); at != std::string::npos; at = docs.find(kOpen, at + 1)) {
    const std::size_t begin = at + kOpen.size();
    const std::string text = docs.substr(begin, docs.find("```", begin) - begin);
    if (!text.starts_with("name:")) continue;
    ++examples;
    const auto definition = parse_definition("docs/definitions.md", text);
    REQUIRE_MESSAGE(definition.has_value(), definition.error().text());
    const auto plan = compile_plan(*definition, {.catalog = &catalog, .load = {}});
    CHECK_MESSAGE(plan.has_value(), plan.error().text());
  }
  CHECK(examples == 3);
}

TEST_CASE("the reference of definitions says what the table of keys says") {
  const std::string docs = reference();
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
