#include "stages/common.h"
#include "stages/stages.h"

namespace thalweg::stages {

namespace {
enum : std::size_t { kItems, kWhere };

Result<Value> run(Call& call) {
  const auto items = call.argument(kItems).items();
  std::vector<Value> out;
  Pace pace(call.context());
  for (std::size_t i = 0; i < items.size(); ++i) {
    TRY(pace.step());
    const Value locals[] = {items[i], number(i)};
    const auto keep = call.evaluate(kWhere, locals);
    if (!keep) return std::unexpected(at_item(keep.error(), i));
    if (!keep->is_bool()) {
      return std::unexpected(at_item(
          Error(Code::invalid_argument, fmt::format("'where' gave a value of type {}, not a bool", type_name(keep->kind()))), i));
    }
    if (keep->as_bool()) out.push_back(items[i]);
  }
  return Value::list(std::move(out));
}
}  // namespace

void add_filter(Catalog& catalog) {
  catalog.add(
      {
          .name = "filter",
          .version = "1",
          .summary = "Keeps the items of a list for which a condition holds.",
          .description = "The order stays. An item whose condition fails or is no bool fails the stage; the error names it.",
          .example = R"yaml(name: long-names
input: {names: list<string>}
stages:
  - id: long
    uses: filter
    with: {items: "{{ input.names }}", where: size(item) > 3}
output: "{{ long }}"
tests:
  - input: {names: [Ada, Grace, Alan]}
    expect: [Grace, Alan]
)yaml",
          .fields =
              {
                  {.name = "items", .type = Type::list({}), .description = "the list to choose from"},
                  {.name = "where",
                   .type = Type(Type::Kind::boolean),
                   .description = "an expression: whether an item stays",
                   .binding = Binding::expression,
                   .locals = item_locals()},
              },
          .output = Type::list({}),
          .output_of = [](const Configuration& configuration) { return configuration.type("items"); },
      },
      [](const Configuration&) -> Result<std::unique_ptr<Stage>> { return stage_of(run); });
}

}  // namespace thalweg::stages
