#include "stages/stages.h"

namespace thalweg::stages {

namespace {
enum : std::size_t { kDo };

class Group final : public Stage {
 public:
  void start(CallRef call) const override {
    call->nested(kDo, {}, [call](Result<Value> result) { call->finish(std::move(result)); });
  }
};
}  // namespace

void add_group(Catalog& catalog) {
  catalog.add(
      {
          .name = "group",
          .version = "1",
          .summary = "Runs several stages as one.",
          .description =
              "One `timeout`, `retry`, `when`, `concurrency` or `on_failure` then holds for all of them together: a timeout "
              "stops "
              "what still runs inside, a retry begins with the first of them. The result is the last stage's, or `output`.",
          .example = R"yaml(name: hurry
input: {}
stages:
  - id: answer
    uses: group
    timeout: 1s
    on_failure: {fallback: {value: too slow}}
    with:
      do:
        stages: [{id: think, uses: delay, with: {for: 2s}}]
        output: done
output: "{{ answer }}"
tests:
  - {input: {}, expect: too slow}
)yaml",
          .fields =
              {{.name = "do", .type = Type(), .description = "stages to run, or {stages, output}", .binding = Binding::pipeline}},
          .output = Type(),
          .output_of = [](const Configuration& configuration) { return configuration.type("do"); },
          .waits = true,
      },
      [](const Configuration&) -> Result<std::unique_ptr<Stage>> { return std::make_unique<Group>(); });
}

}  // namespace thalweg::stages
