// What editors learn about the built-in stages.

#include "engine/schema.h"

#include <doctest/doctest.h>

#include "stages/stages.h"

using namespace thalweg;

TEST_CASE("the schema knows the closed sets and bounds that stage types check themselves") {
  Catalog catalog;
  stages::register_stages(catalog);
  const Value schema = definition_schema(catalog);
  const auto field = [&](std::string_view stage, std::string_view name) {
    const Value* found = schema.find("$defs")->find(fmt::format("with_{}", stage))->find("properties")->find(name);
    REQUIRE_MESSAGE(found != nullptr, stage << "." << name);
    return *found;
  };
  CHECK(*field("log", "level").find("enum") == Value::list({"debug", "info", "warning", "error"}));
  CHECK(*field("select", "missing").find("enum") == Value::list({"error", "skip", "null"}));
  const Value codes = *field("fail", "code").find("enum");
  CHECK(codes.size() == 32);
  for (const char* code : {"NOT_FOUND", "not_found", "UNAUTHENTICATED"}) {
    CHECK_MESSAGE(std::ranges::count(codes.items(), Value(code)) == 1, code);
  }
  CHECK(std::ranges::count(codes.items(), Value("OK")) == 0);
  CHECK(*field("for_each", "concurrency").find("minimum") == Value(1));
  CHECK(*field("for_each", "concurrency").find("maximum") == Value(1'000'000));
  CHECK(*field("chunk", "size").find("minimum") == Value(1));
  CHECK(*field("chunk", "overlap").find("minimum") == Value(0));
  CHECK(*field("flatten", "depth").find("maximum") == Value(100));
  CHECK(*field("delay", "for").find("type") == Value("string"));
  CHECK(*field("switch", "cases").find("minItems") == Value(1));
}
