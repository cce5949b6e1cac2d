#include "engine/checker.h"
#include "stages/common.h"
#include "stages/stages.h"

namespace thalweg::stages {

namespace {
enum : std::size_t { kMessage, kCode };
}  // namespace

void add_fail(Catalog& catalog) {
  catalog.add(
      {
          .name = "fail",
          .version = "1",
          .summary = "Fails, with a message and a code.",
          .description =
              "To be used with `when`, or as a case of `switch`. The codes are gRPC's, as everywhere: INVALID_ARGUMENT, "
              "NOT_FOUND, FAILED_PRECONDITION, RESOURCE_EXHAUSTED, UNAVAILABLE, ...; small letters will do.",
          .example = R"yaml(name: no-empty-question
input: {question: string}
stages:
  - id: empty
    uses: fail
    when: size(input.question.trim()) == 0
    with: {message: the question is empty, code: INVALID_ARGUMENT}
output: "{{ input.question }}"
tests:
  - {input: {question: Why?}, expect: Why?}
)yaml",
          .fields =
              {
                  {.name = "message", .type = Type(Type::Kind::string), .description = "what is wrong and what to do about it"},
                  {.name = "code",
                   .type = Type(Type::Kind::string),
                   .description = "the kind of error",
                   .binding = Binding::constant,
                   .required = false,
                   .fallback = Value("FAILED_PRECONDITION"),
                   .limits = one_of(code_names())},
              },
          .output = Type(Type::Kind::null),
          .effects = true,
      },
      [](const Configuration& configuration) -> Result<std::unique_ptr<Stage>> {
        const Value* name = configuration.constant("code");
        const auto code = name == nullptr ? Result<Code>(Code::failed_precondition) : read_code(name->as_string());
        if (!code) return std::unexpected(code.error().at("code"));
        return stage_of([code = *code](Call& call) -> Result<Value> {
          return thalweg::fail(code, "{}", call.argument(kMessage).as_string());
        });
      });
}

}  // namespace thalweg::stages
