#include "stages/common.h"
#include "stages/stages.h"

namespace thalweg::stages {

namespace {
enum : std::size_t { kItems, kSize, kStep };

Result<Value> run(Call& call) {
  const auto items = call.argument(kItems).items();
  const std::size_t size = TRY(count_in(call.argument(kSize), "size", 1));
  const std::size_t step = call.argument(kStep).is_null() ? 1 : TRY(count_in(call.argument(kStep), "step", 1));
  std::vector<Value> out;
  Pace pace(call.context());
  for (std::size_t at = 0; at < items.size() && size <= items.size() - at; at += std::min(step, items.size() - at)) {
    TRY(pace.step());
    out.push_back(Value::list(items.subspan(at, size)));
  }
  return Value::list(std::move(out));
}

// What is written out is checked when the pipeline is compiled.
Result<> check_constants(const Configuration& configuration) {
  for (const std::string_view name : {"size", "step"}) {
    const Value* written = configuration.constant(name);
    if (written == nullptr) continue;
    if (const auto good = count_in(*written, name, 1); !good) return std::unexpected(good.error().at(name));
  }
  return {};
}
}  // namespace

void add_window(Catalog& catalog) {
  catalog.add(
      {
          .name = "window",
          .version = "1",
          .summary = "Gives every run of so many neighbours of a list.",
          .description =
              "Each window begins `step` items behind the one before and has exactly `size` items; a list with fewer gives none. "
              "`chunk` cuts a list into parts instead.",
          .example = R"yaml(name: neighbours
input: {items: list<int>}
stages:
  - id: windows
    uses: window
    with: {items: "{{ input.items }}", size: 3}
output: "{{ windows }}"
tests:
  - {input: {items: [1, 2, 3, 4]}, expect: [[1, 2, 3], [2, 3, 4]]}
  - {input: {items: [1, 2]}, expect: []}
)yaml",
          .fields =
              {
                  {.name = "items", .type = Type::list({}), .description = "the list to walk over"},
                  {.name = "size",
                   .type = Type(Type::Kind::integer),
                   .description = "items in each window, at least 1",
                   .limits = at_least(1)},
                  {.name = "step",
                   .type = Type(Type::Kind::integer),
                   .description = "how far each window begins behind the one before, at least 1",
                   .required = false,
                   .fallback = Value(1),
                   .limits = at_least(1)},
              },
          .output = Type::list(Type::list({})),
          .output_of = [](const Configuration& configuration) { return Type::list(configuration.type("items")); },
      },
      [](const Configuration& configuration) -> Result<std::unique_ptr<Stage>> {
        TRY(check_constants(configuration));
        return stage_of(run);
      });
}

}  // namespace thalweg::stages
