#include "stages/common.h"
#include "stages/stages.h"

namespace thalweg::stages {

namespace {
enum : std::size_t { kItems, kDepth };

constexpr std::size_t kDeepest = 100;

Result<> flatten(std::span<const Value> items, std::size_t depth, std::vector<Value>& out, Pace& pace) {
  for (const Value& item : items) {
    TRY(pace.step());
    if (item.is_list() && depth > 0) {
      TRY(flatten(item.items(), depth - 1, out, pace));
    } else {
      out.push_back(item);
    }
  }
  return {};
}

Result<std::size_t> depth_in(const Value& value) {
  const std::size_t depth = value.is_null() ? 1 : TRY(count_in(value, "depth", 1));
  if (depth > kDeepest) return fail(Code::invalid_argument, "'depth' is {}, at most {} is allowed", depth, kDeepest);
  return depth;
}

Result<Value> run(Call& call) {
  const auto items = call.argument(kItems).items();
  const std::size_t depth = TRY(depth_in(call.argument(kDepth)));
  std::vector<Value> out;
  Pace pace(call.context());
  TRY(flatten(items, depth, out, pace));
  return Value::list(std::move(out));
}

Type output(const Configuration& configuration) {
  const Type items = configuration.type("items");
  const Value* depth = configuration.constant("depth");
  const bool one_level = !configuration.given("depth") || (depth != nullptr && *depth == Value(1));
  return one_level && items.argument(0).is(Type::Kind::list) ? items.argument(0) : Type::list({});
}
}  // namespace

void add_flatten(Catalog& catalog) {
  catalog.add(
      {
          .name = "flatten",
          .version = "1",
          .summary = "Makes one list of a list of lists.",
          .description = "Items that are no lists stay where they are. `depth` says how many levels are taken away.",
          .example = R"yaml(name: flat
input: {items: list<dyn>}
stages:
  - id: flat
    uses: flatten
    with: {items: "{{ input.items }}", depth: 2}
output: "{{ flat }}"
tests:
  - input: {items: [1, [2, [3, [4]]], []]}
    expect: [1, 2, 3, [4]]
)yaml",
          .fields =
              {
                  {.name = "items", .type = Type::list({}), .description = "the list of lists"},
                  {.name = "depth",
                   .type = Type(Type::Kind::integer),
                   .description = "levels to take away, 1 to 100",
                   .required = false,
                   .fallback = Value(1),
                   .limits = Value::map({{"minimum", 1}, {"maximum", static_cast<std::int64_t>(kDeepest)}})},
              },
          .output = Type::list({}),
          .output_of = output,
      },
      [](const Configuration& configuration) -> Result<std::unique_ptr<Stage>> {
        const Value* depth = configuration.constant("depth");
        if (depth != nullptr) {
          if (const auto good = depth_in(*depth); !good) return std::unexpected(good.error().at("depth"));
        }
        return stage_of(run);
      });
}

}  // namespace thalweg::stages
