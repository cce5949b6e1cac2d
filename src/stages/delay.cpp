#include "stages/stages.h"
#include "stages/wait.h"

namespace thalweg::stages {

namespace {
enum : std::size_t { kFor };

class Delay final : public Stage {
 public:
  void start(CallRef call) const override {
    const auto span = span_in(call->argument(kFor), "for");
    if (!span) return call->finish(std::unexpected(span.error()));
    const Nanos until = from_now(call->context(), *span);
    wait_until(call, until, [call](Result<> on) { call->finish(on ? Result<Value>(Value()) : std::unexpected(on.error())); });
  }
};
}  // namespace

void add_delay(Catalog& catalog) {
  catalog.add(
      {
          .name = "delay",
          .version = "1",
          .summary = "Waits.",
          .description =
              "Holds no thread while it waits; ends at once when the run is stopped or its time is up. The result is null.",
          .example = R"yaml(name: patience
input: {}
stages:
  - {id: pause, uses: delay, with: {for: 10ms}}
  - {id: word, uses: template, needs: [pause], with: {text: done}}
output: "{{ word }}"
tests:
  - {input: {}, expect: done}
)yaml",
          .fields = {{.name = "for",
                      .type = Type(),
                      .description = "a duration: 1.5s, 200ms, 1h30m, or a value of type duration",
                      .limits = Value::map({{"type", "string"}})}},
          .output = Type(Type::Kind::null),
          .waits = true,
          .deterministic = false,
          .effects = true,
      },
      [](const Configuration& configuration) -> Result<std::unique_ptr<Stage>> {
        const Value* span = configuration.constant("for");
        if (span != nullptr) {
          if (const auto good = span_in(*span, "for"); !good) return std::unexpected(good.error().at("for"));
        }
        return std::make_unique<Delay>();
      });
}

}  // namespace thalweg::stages
