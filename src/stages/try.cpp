#include "stages/stages.h"
#include "thalweg/error_value.h"

namespace thalweg::stages {

namespace {
enum : std::size_t { kDo };

class Try final : public Stage {
 public:
  void start(CallRef call) const override {
    call->nested(kDo, {}, [call](Result<Value> result) {
      if (result) return call->finish(Value::map({{"value", std::move(*result)}}));
      // What ends the whole run is no failure to go on from.
      if (const auto on = call->context().check(); !on) return call->finish(std::unexpected(on.error()));
      call->finish(Value::map({{"error", to_value(result.error())}}));
    });
  }
};

Type error_type() {
  const Type text(Type::Kind::string);
  return Type::object({{"code", text}, {"message", text}, {"path", text.marked(true)}, {"cause", Type().marked(true)}});
}
}  // namespace

void add_try(Catalog& catalog) {
  catalog.add(
      {
          .name = "try",
          .version = "1",
          .summary = "Runs stages and gives their failure as a value.",
          .description =
              "The result is {value: ...} or {error: {code, message, path, cause}}: a failure inside does not end the run, nor "
              "what runs beside it. A stop or the deadline of the whole run does. `unwrap` takes the value out again.",
          .example = R"yaml(name: careful
input: {number: int}
stages:
  - id: tried
    uses: try
    with:
      do:
        - {id: positive, uses: assert, with: {that: input.number > 0, message: not positive}}
        - {id: root, uses: set, needs: [positive], with: {of: "{{ math.sqrt(double(input.number)) }}"}}
output: {root: "{{ default(tried.value.of, 0.0) }}", why: "{{ default(tried.error.message, '') }}"}
tests:
  - {input: {number: 4}, expect: {root: 2, why: ""}}
  - {input: {number: -4}, expect: {root: 0, why: not positive}}
)yaml",
          .fields =
              {{.name = "do", .type = Type(), .description = "stages to run, or {stages, output}", .binding = Binding::pipeline}},
          .output = Type(),
          .output_of =
              [](const Configuration& configuration) {
                return Type::object({{"value", configuration.type("do").marked(true)}, {"error", error_type().marked(true)}});
              },
          .waits = true,
      },
      [](const Configuration&) -> Result<std::unique_ptr<Stage>> { return std::make_unique<Try>(); });
}

}  // namespace thalweg::stages
