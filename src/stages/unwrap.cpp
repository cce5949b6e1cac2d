#include "stages/stages.h"
#include "thalweg/error_value.h"

namespace thalweg::stages {

namespace {
enum : std::size_t { kResult, kMessage, kOr };

/// With a message: that first, then what was wrong.
Error described(const Value& message, const Error& error) {
  if (!message.is_string()) return error;
  Error told(error.code(), fmt::format("{}: {}", message.as_string(), error.message()));
  if (!error.path().empty()) told = told.at(error.path());
  return error.cause() == nullptr ? told : told.because(*error.cause());
}

Result<Value> run(Call& call, bool has_or) {
  const Value& result = call.argument(kResult);
  if (!result.is_null() && !result.is_map()) {
    return fail(Code::invalid_argument, "'result' must be {{value}}, {{error}} or null, as the stage try gives it, not {}",
                with_article(type_name(result.kind())));
  }
  const Value* error = result.find("error");
  if (error == nullptr && !result.is_null()) {
    const Value* value = result.find("value");
    return value == nullptr ? Value() : *value;
  }
  if (has_or) return call.take(kOr);
  const Error what = result.is_null() ? Error(Code::not_found, "there is no value") : error_in(*error);
  return std::unexpected(described(call.argument(kMessage), what));
}

Type value_type(const Configuration& configuration) {
  const Type result = configuration.type("result");
  const Type* value = result.field("value");
  const Type found = value == nullptr ? Type() : value->marked(false);
  return configuration.given("or") ? lang::join(found, configuration.type("or")) : found;
}
}  // namespace

void add_unwrap(Catalog& catalog) {
  catalog.add(
      {
          .name = "unwrap",
          .version = "1",
          .summary = "Takes the value out of what `try` gave.",
          .description =
              "Given {value: ...} the result is that value. Given {error: ...}, or null, it is `or` where there is one; else the "
              "stage fails with that error (not_found for null), `message` before its own words.",
          .example = R"yaml(name: sure
input: {}
stages:
  - id: tried
    uses: try
    with: {do: [{id: no, uses: fail, with: {message: not today, code: unavailable}}]}
  - {id: answer, uses: unwrap, with: {result: "{{ tried }}", or: perhaps tomorrow}}
output: "{{ answer }}"
tests:
  - {input: {}, expect: perhaps tomorrow}
)yaml",
          .fields =
              {
                  {.name = "result", .type = Type(), .description = "{value}, {error} or null"},
                  {.name = "message",
                   .type = Type(Type::Kind::string).marked(true),
                   .description = "said before the error",
                   .required = false},
                  {.name = "or", .type = Type(), .description = "what stands in for a missing value", .required = false},
              },
          .output = Type(),
          .output_of = value_type,
      },
      [](const Configuration& configuration) -> Result<std::unique_ptr<Stage>> {
        return stage_of([has_or = configuration.given("or")](Call& call) { return run(call, has_or); });
      });
}

}  // namespace thalweg::stages
