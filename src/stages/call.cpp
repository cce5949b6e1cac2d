#include "engine/plan.h"
#include "stages/common.h"
#include "stages/stages.h"

namespace thalweg::stages {

namespace {
enum : std::size_t { kPipeline, kInput };

class CallPipeline final : public Stage {
 public:
  explicit CallPipeline(std::shared_ptr<const Plan> plan) : plan_(std::move(plan)) {}
  void start(CallRef call) const override {
    call->invoke(plan_, call->take(kInput), [call](Result<Value> result) { call->finish(std::move(result)); });
  }

 private:
  std::shared_ptr<const Plan> plan_;
};
}  // namespace

void add_call(Catalog& catalog) {
  catalog.add(
      {
          .name = "call",
          .version = "1",
          .summary = "Runs another pipeline.",
          .description =
              "It runs inside the same run: deadline, stop and report carry on, and its stages show below this one. It is "
              "compiled together with this pipeline; pipelines that call each other in a circle are refused.",
          .example = R"yaml(name: ask-twice
input: {questions: list<string>}
stages:
  - id: answers
    uses: for_each
    with:
      items: "{{ input.questions }}"
      do:
        - {id: answer, uses: call, with: {pipeline: answer, input: {question: "{{ item }}"}}}
output: "{{ answers }}"
)yaml",
          .fields =
              {
                  {.name = "pipeline",
                   .type = Type(Type::Kind::string),
                   .description = "the name of a shipped pipeline, or a file (relative to this definition's folder)",
                   .binding = Binding::constant},
                  {.name = "input",
                   .type = Type(),
                   .description = "what the other pipeline gets as its input",
                   .required = false,
                   .fallback = Value::map()},
              },
          .output = Type(),
          .output_of =
              [](const Configuration& configuration) {
                const Value* name = configuration.constant("pipeline");
                const auto plan = name == nullptr ? fail(Code::not_found, "no name") : configuration.load(name->as_string());
                return plan ? (*plan)->output_type : Type();
              },
          .waits = true,
      },
      [](const Configuration& configuration) -> Result<std::unique_ptr<Stage>> {
        auto plan = configuration.load(configuration.constant("pipeline")->as_string());
        if (!plan) return std::unexpected(plan.error().at("pipeline"));
        return std::make_unique<CallPipeline>(std::move(*plan));
      });
}

}  // namespace thalweg::stages
