#include <unordered_set>

#include "stages/common.h"
#include "stages/stages.h"

namespace thalweg::stages {

namespace {
enum : std::size_t { kItems, kBy };

struct Hash {
  std::size_t operator()(const Value& value) const noexcept { return thalweg::hash(value); }
};

Result<Value> run(Call& call, bool has_key) {
  const auto items = call.argument(kItems).items();
  std::unordered_set<Value, Hash> met;
  std::vector<Value> out;
  Pace pace(call.context());
  for (std::size_t i = 0; i < items.size(); ++i) {
    TRY(pace.step());
    const Value locals[] = {items[i], number(i)};
    auto key = has_key ? call.evaluate(kBy, locals) : Result<Value>(items[i]);
    if (!key) return std::unexpected(at_item(key.error(), i));
    if (met.insert(std::move(*key)).second) out.push_back(items[i]);
  }
  return Value::list(std::move(out));
}
}  // namespace

void add_unique(Catalog& catalog) {
  catalog.add(
      {
          .name = "unique",
          .version = "1",
          .summary = "Keeps the first of all items with the same key.",
          .description = "Keys are equal as in expressions: 1 and 1.0 are, maps without regard to order, NaN with nothing.",
          .example = R"yaml(name: one-a-document
input: {hits: list<dyn>}
stages:
  - id: best
    uses: unique
    with: {items: "{{ input.hits }}", by: item.document}
output: "{{ best }}"
tests:
  - input: {hits: [{document: a, score: 3}, {document: b, score: 2}, {document: a, score: 1}]}
    expect: [{document: a, score: 3}, {document: b, score: 2}]
)yaml",
          .fields =
              {
                  {.name = "items", .type = Type::list({}), .description = "the list to thin out"},
                  {.name = "by",
                   .type = Type(),
                   .description = "an expression: the key of an item; without it, the item itself",
                   .binding = Binding::expression,
                   .required = false,
                   .locals = item_locals()},
              },
          .output = Type::list({}),
          .output_of = [](const Configuration& configuration) { return configuration.type("items"); },
      },
      [](const Configuration& configuration) -> Result<std::unique_ptr<Stage>> {
        return stage_of([has_key = configuration.given("by")](Call& call) { return run(call, has_key); });
      });
}

}  // namespace thalweg::stages
