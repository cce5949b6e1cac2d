// tests/definitions/NAME.yaml compiles, unless NAME.problems stands beside it: then those are all its problems.

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "engine/plan.h"
#include "test_catalog.h"

using namespace thalweg;

namespace {

std::string contents(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace

TEST_CASE("definitions compile, or give exactly the problems written beside them") {
  const Catalog catalog = test::definition_catalog();
  std::size_t good = 0, bad = 0;
  for (const auto& entry : std::filesystem::directory_iterator("../definitions")) {
    std::filesystem::path path = entry.path();
    if (path.extension() != ".yaml" && path.extension() != ".json") continue;
    const std::string name = path.filename().string();
    CAPTURE(name);
    auto definition = parse_definition(name, contents(path));
    const auto plan = definition ? compile_plan(*definition, {.catalog = &catalog, .load = {}})
                                 : Result<std::shared_ptr<const Plan>>(std::unexpected(definition.error()));
    path.replace_extension(".problems");
    if (std::filesystem::exists(path)) {
      ++bad;
      CHECK((plan ? std::string("no problem\n") : plan.error().text() + "\n") == contents(path));
    } else {
      ++good;
      CHECK_MESSAGE(plan.has_value(), plan.error().text());
    }
  }
  CHECK(good >= 5);
  CHECK(bad >= 30);
}
