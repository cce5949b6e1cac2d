#include "stages/common.h"
#include "stages/stages.h"

namespace thalweg::stages {

namespace {
enum : std::size_t { kItems, kSize, kOverlap };

Result<Value> run(Call& call) {
  const auto items = call.argument(kItems).items();
  const std::size_t size = TRY(count_in(call.argument(kSize), "size", 1));
  const std::size_t overlap = call.argument(kOverlap).is_null() ? 0 : TRY(count_in(call.argument(kOverlap), "overlap", 0));
  if (overlap >= size) return fail(Code::invalid_argument, "'overlap' ({}) must be less than 'size' ({})", overlap, size);
  std::vector<Value> out;
  Pace pace(call.context());
  for (std::size_t at = 0; at < items.size(); at += size - overlap) {
    TRY(pace.step());
    const auto part = items.subspan(at, std::min(size, items.size() - at));
    out.push_back(Value::list(std::vector<Value>(part.begin(), part.end())));
    if (at + size >= items.size()) break;  // what would follow is only overlap
  }
  return Value::list(std::move(out));
}
}  // namespace

void add_chunk(Catalog& catalog) {
  catalog.add(
      {
          .name = "chunk",
          .version = "1",
          .summary = "Cuts a list into lists of a given size.",
          .description = "The last one may be shorter. With `overlap`, each begins with the last items of the one before.",
          .example = R"yaml(name: pairs
input: {items: list<int>}
stages:
  - id: parts
    uses: chunk
    with: {items: "{{ input.items }}", size: 3, overlap: 1}
output: "{{ parts }}"
tests:
  - input: {items: [1, 2, 3, 4, 5, 6]}
    expect: [[1, 2, 3], [3, 4, 5], [5, 6]]
)yaml",
          .fields =
              {
                  {.name = "items", .type = Type::list({}), .description = "the list to cut"},
                  {.name = "size", .type = Type(Type::Kind::integer), .description = "items in each part, at least 1"},
                  {.name = "overlap",
                   .type = Type(Type::Kind::integer),
                   .description = "items that a part shares with the one before, less than `size`",
                   .required = false,
                   .fallback = Value(0)},
              },
          .output = Type::list(Type::list({})),
          .output_of = [](const Configuration& configuration) { return Type::list(configuration.type("items")); },
      },
      [](const Configuration&) -> Result<std::unique_ptr<Stage>> { return stage_of(run); });
}

}  // namespace thalweg::stages
