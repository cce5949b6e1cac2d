#include "stages/common.h"
#include "stages/stages.h"

namespace thalweg::stages {

namespace {
enum : std::size_t { kThat, kMessage };

Result<Value> run(Call& call) {
  const Value holds = TRY(call.evaluate(kThat, {}));
  if (!holds.is_bool())
    return fail(Code::invalid_argument, "'that' gave a value of type {}, not a bool", type_name(holds.kind()));
  if (holds.as_bool()) return Value();
  const Value& message = call.argument(kMessage);
  return fail(Code::failed_precondition, "{}", message.is_string() ? message.as_string() : "what was asserted does not hold");
}
}  // namespace

void add_assert(Catalog& catalog) {
  catalog.add(
      {
          .name = "assert",
          .version = "1",
          .summary = "Fails unless a condition holds.",
          .description =
              "The failure is failed_precondition with `message`. The result is null: let a stage `need` this one when it must "
              "not run before.",
          .example = R"yaml(name: half
input: {number: int}
stages:
  - id: even
    uses: assert
    with: {that: input.number % 2 == 0, message: "{{ input.number }} is odd"}
  - id: half
    uses: set
    needs: [even]
    with: {value: "{{ input.number / 2 }}"}
output: "{{ half.value }}"
tests:
  - {input: {number: 8}, expect: 4}
)yaml",
          .fields =
              {
                  {.name = "that",
                   .type = Type(Type::Kind::boolean),
                   .description = "an expression that must hold",
                   .binding = Binding::expression},
                  {.name = "message",
                   .type = Type(Type::Kind::string),
                   .description = "what to say when it does not",
                   .required = false,
                   .fallback = Value("what was asserted does not hold")},
              },
          .output = Type(Type::Kind::null),
          .effects = true,
      },
      [](const Configuration&) -> Result<std::unique_ptr<Stage>> { return stage_of(run); });
}

}  // namespace thalweg::stages
