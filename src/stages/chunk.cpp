#include "stages/common.h"
#include "stages/stages.h"

namespace thalweg::stages {

namespace {
enum : std::size_t { kItems, kSize, kOverlap };

Result<std::size_t> overlap_in(const Value& value, std::size_t size) {
  const std::size_t overlap = value.is_null() ? 0 : TRY(count_in(value, "overlap", 0));
  if (overlap >= size) return fail(Code::invalid_argument, "'overlap' ({}) must be less than 'size' ({})", overlap, size);
  return overlap;
}

// What is written out is checked when the pipeline is compiled.
Result<> check_constants(const Configuration& configuration) {
  const Value* size = configuration.constant("size");
  const Value* overlap = configuration.constant("overlap");
  const auto count = size == nullptr ? Result<std::size_t>(SIZE_MAX) : count_in(*size, "size", 1);
  if (!count) return std::unexpected(count.error().at("size"));
  if (overlap == nullptr) return {};
  if (const auto good = overlap_in(*overlap, *count); !good) return std::unexpected(good.error().at("overlap"));
  return {};
}

Result<Value> run(Call& call) {
  const auto items = call.argument(kItems).items();
  const std::size_t size = TRY(count_in(call.argument(kSize), "size", 1));
  const std::size_t overlap = TRY(overlap_in(call.argument(kOverlap), size));
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
                  {.name = "size",
                   .type = Type(Type::Kind::integer),
                   .description = "items in each part, at least 1",
                   .limits = at_least(1)},
                  {.name = "overlap",
                   .type = Type(Type::Kind::integer),
                   .description = "items that a part shares with the one before, less than `size`",
                   .required = false,
                   .fallback = Value(0),
                   .limits = at_least(0)},
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
