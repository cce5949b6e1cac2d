// Answers that follow a JSON Schema.

#include "base/json_schema.h"
#include "smollm2.h"
#include "tiny_gguf.h"

namespace thalweg::models {

namespace {

GenerateRequest following(std::string schema, std::int64_t max_tokens = 120) {
  GenerateRequest request;
  request.messages = {{"system", "You answer in JSON."}, {"user", "Tell me about the city of Paris."}};
  request.schema = std::move(schema);
  request.max_tokens = max_tokens;
  return request;
}

const std::vector<std::string> kSchemas{
    R"({"type": "object", "properties": {"name": {"type": "string", "maxLength": 20}}, "required": ["name"], "additionalProperties": false})",
    R"({"type": "object", "properties": {"city": {"type": "string", "maxLength": 30}, "people": {"type": "integer", "minimum": 0, "maximum": 20000000}}, "required": ["city", "people"], "additionalProperties": false})",
    R"({"enum": ["yes", "no", "perhaps"]})",
    R"({"type": "array", "items": {"type": "integer", "minimum": 1, "maximum": 99}, "minItems": 2, "maxItems": 4})",
    R"({"type": "boolean"})",
    R"({"type": "object", "properties": {"kind": {"const": "river"}, "length": {"type": "number", "minimum": 0, "maximum": 1000}}, "required": ["kind", "length"], "additionalProperties": false})",
    R"({"anyOf": [{"type": "null"}, {"type": "string", "maxLength": 12}]})",
    R"({"type": "string", "pattern": "^[A-Z][a-z]{2,10}$"})",
    R"({"$defs": {"point": {"type": "object", "properties": {"x": {"type": "integer", "minimum": 0, "maximum": 9}, "y": {"type": "integer", "minimum": 0, "maximum": 9}}, "required": ["x", "y"], "additionalProperties": false}}, "type": "array", "items": {"$ref": "#/$defs/point"}, "minItems": 1, "maxItems": 2})",
    R"({"type": "object", "properties": {"day": {"type": "string", "format": "date"}, "tags": {"type": "array", "items": {"enum": ["big", "old", "wet"]}, "maxItems": 2}}, "required": ["day", "tags"], "additionalProperties": false})",
};

}  // namespace

TEST_CASE("ten schemas: what is complete is valid, greedily and drawn") {
  std::size_t complete = 0;
  for (const std::string& schema : kSchemas) {
    const auto compiled = JsonSchema::compile(schema);
    REQUIRE(compiled);
    for (const double temperature : {0.0, 1.5}) {
      GenerateRequest request = following(schema);
      request.temperature = temperature;
      request.seed = 3;
      std::string told;
      const auto made = generated(smollm2(), std::move(request), [&](std::string_view text) {
        told += text;
        return true;
      });
      INFO(schema);
      INFO((made ? made->text : made.error().text()));
      REQUIRE(made);
      CHECK(told == made->text);
      if (made->finish_reason != FinishReason::stop) continue;
      ++complete;
      CHECK(compiled->check(made->text) == "[]");
    }
  }
  CHECK(complete == 2 * kSchemas.size());
}

TEST_CASE("random weights follow a schema as well") {
  const ScratchFile file(TinyGguf::llama().bytes());
  const auto model = opened(file.path());
  GenerateRequest request = prompt("x", 100);
  request.schema =
      R"({"type": "array", "items": {"type": "integer", "minimum": 10, "maximum": 99}, "minItems": 3, "maxItems": 3})";
  request.temperature = 3;
  request.seed = 5;
  const auto made = generated(*model, std::move(request));
  REQUIRE(made);
  CHECK(made->finish_reason == FinishReason::stop);
  CHECK(JsonSchema::compile(R"({"type": "array", "minItems": 3, "maxItems": 3, "items": {"minimum": 10, "maximum": 99}})")
            ->check(made->text) == "[]");
}

TEST_CASE("log-probabilities are the model's, also where the schema chose") {
  GenerateRequest request = following(kSchemas[2]);
  request.logprobs = 3;
  const auto made = generated(smollm2(), std::move(request));
  REQUIRE(made);
  REQUIRE(!made->tokens.empty());
  CHECK(made->tokens[0].text.starts_with("\""));
  CHECK(made->tokens[0].top[0].first != made->tokens[0].text);
  CHECK(made->tokens[0].logprob < made->tokens[0].top[0].second);
}

TEST_CASE("schemas that no grammar can hold are refused with the reason") {
  const auto refused = [](const std::string& schema) {
    const auto made = generated(smollm2(), following(schema));
    REQUIRE(!made);
    CHECK(made.error().code() == Code::invalid_argument);
    return made.error().message();
  };
  CHECK(refused("{").starts_with("the schema is not JSON: "));
  CHECK(refused("[]") == "a schema is an object or true");
  CHECK(refused("false") == "a schema is an object or true");
  CHECK(refused(R"({"type": "string", "not": {"const": "x"}})").find("not") != std::string::npos);
  CHECK(refused(R"({"type": "integer", "minimum": 5, "maximum": 3})").starts_with("no text can be made to follow this schema: "));
  CHECK(refused(R"({"$ref": "https://example.com/schema.json"})").starts_with("no text can be made to follow this schema: "));
  CHECK(refused(R"({"type": "array", "uniqueItems": true})").find("uniqueItems") != std::string::npos);
  CHECK(refused(R"({"type": "string", "pattern": "(a"})").starts_with("no text can be made"));
}

TEST_CASE("a schema's answer that max_tokens cuts says so") {
  const auto made = generated(smollm2(), following(R"({"type": "string", "minLength": 100})", 5));
  REQUIRE(made);
  CHECK(made->finish_reason == FinishReason::length);
}

}  // namespace thalweg::models
