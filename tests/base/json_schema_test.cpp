#include "base/json_schema.h"

#include <doctest/doctest.h>

#include "base/bridge.h"
#include "base/module.h"

using namespace thalweg;

TEST_CASE("a JSON Schema finds every violation with its place") {
  const auto schema = JsonSchema::compile(
      R"({"type":"object","required":["name"],"properties":{"age":{"minimum":0},"mail":{"format":"email"}}})");
  REQUIRE(schema);
  CHECK(schema->check(R"({"name":"Ada","age":36,"mail":"ada@example.org"})").value() == "[]");
  const std::string found = schema->check(R"({"age":-1,"mail":"nobody"})").value();
  CHECK(found.contains(R"("instance":"/age")"));
  CHECK(found.contains(R"("schema":"/properties/age/minimum")"));
  CHECK(found.contains(R"(\"name\" is a required property)"));
  CHECK(found.contains(R"("instance":"/mail")"));
}

TEST_CASE("schemas and instances that are none are refused") {
  CHECK(JsonSchema::compile("{").error().code() == Code::invalid_argument);
  CHECK(JsonSchema::compile(R"({"type":"objekt"})").error().text().contains("/type"));
  // A reference to another document is never fetched.
  CHECK(JsonSchema::compile(R"({"$ref":"https://example.org/other.json"})").error().code() == Code::invalid_argument);
  CHECK(JsonSchema::compile("true")->check("{,}").error().text().contains("the instance is not JSON"));
}

TEST_CASE("the bridge answers bytes that are no text with an error") {
  const auto* table = bridge::open().value();
  const auto answer = bridge::call(*table, table->analyze, std::string_view("caf\xE9"));
  REQUIRE_FALSE(answer);
  CHECK(answer.error().text().contains("not UTF-8 at byte 3"));
}
