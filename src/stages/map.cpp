#include "stages/common.h"
#include "stages/stages.h"

namespace thalweg::stages {

namespace {
enum : std::size_t { kItems, kTo };

Result<Value> run(Call& call) {
  const auto items = call.argument(kItems).items();
  std::vector<Value> out;
  out.reserve(items.size());
  Pace pace(call.context());
  for (std::size_t i = 0; i < items.size(); ++i) {
    TRY(pace.step());
    const Value locals[] = {items[i], number(i)};
    auto made = call.evaluate(kTo, locals);
    if (!made) return std::unexpected(at_item(made.error(), i));
    out.push_back(std::move(*made));
  }
  return Value::list(std::move(out));
}
}  // namespace

void add_map(Catalog& catalog) {
  catalog.add(
      {
          .name = "map",
          .version = "1",
          .summary = "Makes a new list by an expression over each item.",
          .description =
              "The result has one value for each item, in the same order. An item whose expression fails fails the stage; the "
              "error names it.",
          .example = R"yaml(name: initials
input: {names: list<string>}
stages:
  - id: initials
    uses: map
    with: {items: "{{ input.names }}", to: "item.substring(0, 1) + string(index)"}
output: "{{ initials }}"
tests:
  - input: {names: [Ada, Grace]}
    expect: [A0, G1]
)yaml",
          .fields =
              {
                  {.name = "items", .type = Type::list({}), .description = "the list to walk over"},
                  {.name = "to",
                   .type = Type(),
                   .description = "an expression: what each item becomes",
                   .binding = Binding::expression,
                   .locals = item_locals()},
              },
          .output = Type::list({}),
          .output_of = [](const Configuration& configuration) { return Type::list(configuration.type("to")); },
      },
      [](const Configuration&) -> Result<std::unique_ptr<Stage>> { return stage_of(run); });
}

}  // namespace thalweg::stages
