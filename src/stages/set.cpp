#include "stages/common.h"
#include "stages/stages.h"

namespace thalweg::stages {

void add_set(Catalog& catalog) {
  catalog.add(
      {
          .name = "set",
          .version = "1",
          .summary = "Gives names to values.",
          .description =
              "Every field of `with` becomes a field of the result. Use it to work something out once that several stages need.",
          .example = R"yaml(name: greet
input: {name: string}
stages:
  - id: words
    uses: set
    with:
      greeting: "Hello, {{ input.name }}!"
      letters: "{{ size(input.name) }}"
output: "{{ words }}"
tests:
  - input: {name: Ada}
    expect: {greeting: "Hello, Ada!", letters: 3}
)yaml",
          .fields = {},
          .open_fields = true,
          .output = Type::map(Type(Type::Kind::string), Type()),
          .output_of = [](const Configuration& configuration) { return configuration.type(""); },
      },
      [](const Configuration&) -> Result<std::unique_ptr<Stage>> {
        return stage_of([](Call& call) -> Result<Value> { return call.take(call.arguments().size() - 1); });
      });
}

}  // namespace thalweg::stages
