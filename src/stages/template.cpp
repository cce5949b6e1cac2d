#include "stages/common.h"
#include "stages/stages.h"

namespace thalweg::stages {

namespace {
enum : std::size_t { kText };
}  // namespace

void add_template(Catalog& catalog) {
  catalog.add(
      {
          .name = "template",
          .version = "1",
          .summary = "Writes a text.",
          .description = "The text may hold {{ expressions }}, {% for %}, {% if %} and {% set %}; the result is always a string.",
          .example = R"yaml(name: letter
input: {name: string, items: list<string>}
stages:
  - id: letter
    uses: template
    with:
      text: |-
        Dear {{ input.name }},
        {%- for item in input.items %}
        - {{ item }}
        {%- endfor %}
output: "{{ letter }}"
tests:
  - input: {name: Ada, items: [wheel, card]}
    expect: "Dear Ada,\n- wheel\n- card"
)yaml",
          .fields = {{.name = "text", .type = Type(Type::Kind::string), .description = "the template"}},
          .output = Type(Type::Kind::string),
      },
      [](const Configuration&) -> Result<std::unique_ptr<Stage>> {
        return stage_of([](Call& call) -> Result<Value> { return call.take(kText); });
      });
}

}  // namespace thalweg::stages
