#include "base/json_schema.h"
#include "stages/common.h"
#include "stages/stages.h"
#include "thalweg/json.h"

namespace thalweg::stages {

namespace {
enum : std::size_t { kValue, kSchema };

// "/items/0/price: -1 is less than the minimum of 0", at most this many.
constexpr std::size_t kShown = 20;

Result<> no_violations(const JsonSchema& schema, const Value& value) {
  const std::string json = TRY(to_json(value));
  const std::string told = TRY(schema.check(json));
  const Value violations = TRY(parse_json(told));
  if (violations.size() == 0) return {};
  std::string text;
  for (std::size_t i = 0; i < std::min(violations.size(), kShown); ++i) {
    const Value& violation = violations.items()[i];
    const std::string_view place = violation.find("instance")->as_string();
    text +=
        fmt::format("{}{}: {}", i == 0 ? "" : "; ", place.empty() ? "the value" : place, violation.find("message")->as_string());
  }
  if (violations.size() > kShown) text += fmt::format("; and {} more", violations.size() - kShown);
  return fail(Code::invalid_argument, "{}", text);
}
}  // namespace

void add_validate(Catalog& catalog) {
  catalog.add(
      {
          .name = "validate",
          .version = "1",
          .summary = "Fails unless a value fits a JSON Schema (2020-12).",
          .description =
              "The result is the value itself. The failure is invalid_argument and names every violation with its place. The "
              "schema is compiled with the pipeline; a wrong one is a problem of the definition. References to other "
              "documents are refused.",
          .example = R"yaml(name: order
input: {order: dyn}
stages:
  - id: checked
    uses: validate
    with:
      value: "{{ input.order }}"
      schema:
        type: object
        required: [article, count]
        properties: {count: {type: integer, minimum: 1}}
output: "{{ checked }}"
tests:
  - {input: {order: {article: pen, count: 2}}, expect: {article: pen, count: 2}}
)yaml",
          .fields =
              {
                  {.name = "value", .type = Type(), .description = "what is checked"},
                  {.name = "schema", .type = Type(), .description = "the JSON Schema", .binding = Binding::constant},
              },
          .output = Type(),
          .output_of = [](const Configuration& configuration) { return configuration.type("value"); },
          .effects = true,
      },
      [](const Configuration& configuration) -> Result<std::unique_ptr<Stage>> {
        const std::string json = TRY(to_json(*configuration.constant("schema")));
        auto schema = JsonSchema::compile(json);
        if (!schema) return std::unexpected(schema.error().at("schema"));
        return stage_of([schema = std::move(*schema)](Call& call) -> Result<Value> {
          TRY(no_violations(schema, call.argument(kValue)));
          return call.take(kValue);
        });
      });
}

}  // namespace thalweg::stages
