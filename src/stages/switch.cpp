#include "stages/common.h"
#include "stages/stages.h"

namespace thalweg::stages {

namespace {
enum : std::size_t { kCases };

class Switch final : public Stage {
 public:
  void start(CallRef call) const override {
    call->nested(kCases, {}, [call](Result<Value> result) { call->finish(std::move(result)); });
  }
};
}  // namespace

void add_switch(Catalog& catalog) {
  catalog.add(
      {
          .name = "switch",
          .version = "1",
          .summary = "Runs the first case whose condition holds.",
          .description =
              "`cases` is a list of {when, then}: `when` is an expression, `then` a list of stages, {stages, output}, or only "
              "{output} for a plain value. A last case without `when` is the default. The result is that of the case that ran, "
              "or null when none held.",
          .example = R"yaml(name: greet-by-hour
input: {hour: int, name: string}
stages:
  - id: greeting
    uses: switch
    with:
      cases:
        - when: input.hour < 12
          then: {output: "Good morning, {{ input.name }}"}
        - when: input.hour < 18
          then:
            - {id: words, uses: template, with: {text: "Good afternoon, {{ input.name }}"}}
        - then: {output: "Good evening, {{ input.name }}"}
output: "{{ greeting }}"
tests:
  - {input: {hour: 9, name: Ada}, expect: "Good morning, Ada"}
  - {input: {hour: 15, name: Ada}, expect: "Good afternoon, Ada"}
  - {input: {hour: 22, name: Ada}, expect: "Good evening, Ada"}
)yaml",
          .fields = {{.name = "cases",
                      .type = Type::list({}),
                      .description = "a list of {when: condition, then: stages}; the first that holds is run",
                      .binding = Binding::cases}},
          .output = Type(),
          .output_of = [](const Configuration& configuration) { return configuration.type("cases"); },
          .waits = true,
      },
      [](const Configuration&) -> Result<std::unique_ptr<Stage>> { return std::make_unique<Switch>(); });
}

}  // namespace thalweg::stages
