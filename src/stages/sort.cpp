#include <algorithm>

#include "stages/common.h"
#include "stages/order.h"
#include "stages/stages.h"

namespace thalweg::stages {

namespace {
enum : std::size_t { kItems, kBy, kDescending };

struct Keyed {
  Value key;
  std::size_t index;
};

// Sorts by comparisons that can fail, equal keys by index. After the first failure every comparison says "not less", with which
// the sort comes to its end.
Result<> sort_by_key(std::vector<Keyed>& keyed, bool descending, Pace& pace) {
  std::optional<Error> failure;
  std::ranges::sort(keyed, [&](const Keyed& a, const Keyed& b) {
    if (failure) return false;
    if (const auto on = pace.step(); !on) {
      failure = on.error();
      return false;
    }
    const auto order = compare(a.key, b.key);
    if (!order) {
      failure = order.error();
      return false;
    }
    if (*order == 0) return a.index < b.index;
    return descending ? *order > 0 : *order < 0;
  });
  if (failure) return std::unexpected(*failure);
  return {};
}

Result<Value> run(Call& call, bool has_key) {
  const auto items = call.argument(kItems).items();
  const bool descending = call.argument(kDescending).is_bool() && call.argument(kDescending).as_bool();
  std::vector<Keyed> keyed;
  keyed.reserve(items.size());
  Pace pace(call.context());
  for (std::size_t i = 0; i < items.size(); ++i) {
    TRY(pace.step());
    const Value locals[] = {items[i], number(i)};
    auto key = has_key ? call.evaluate(kBy, locals) : Result<Value>(items[i]);
    if (!key) return std::unexpected(at_item(key.error(), i));
    keyed.push_back({std::move(*key), i});
  }
  TRY(sort_by_key(keyed, descending, pace));
  std::vector<Value> out;
  out.reserve(keyed.size());
  for (const Keyed& pair : keyed) out.push_back(items[pair.index]);
  return Value::list(std::move(out));
}
}  // namespace

void add_sort(Catalog& catalog) {
  catalog.add(
      {
          .name = "sort",
          .version = "1",
          .summary = "Sorts a list by a key.",
          .description =
              "Numbers sort by value, strings by code points, lists item by item (so `[item.year, item.title]` sorts by two "
              "keys). Items with equal keys keep their order, also when descending. Keys that have no order between them (a "
              "string and a number, maps, NaN) are an error.",
          .example = R"(name: newest-first
input: {books: list<dyn>}
stages:
  - id: sorted
    uses: sort
    with: {items: "{{ input.books }}", by: "[item.year, item.title]", descending: true}
output: "{{ sorted }}"
tests:
  - input: {books: [{title: A, year: 1815}, {title: B, year: 1922}, {title: C, year: 1815}]}
    expect: [{title: B, year: 1922}, {title: C, year: 1815}, {title: A, year: 1815}]
)",
          .fields =
              {
                  {.name = "items", .type = Type::list({}), .description = "the list to sort"},
                  {.name = "by",
                   .type = Type(),
                   .description = "an expression: the key of an item; without it, the item itself",
                   .binding = Binding::expression,
                   .required = false,
                   .locals = item_locals()},
                  {.name = "descending",
                   .type = Type(Type::Kind::boolean),
                   .description = "the greatest first",
                   .required = false,
                   .fallback = Value(false)},
              },
          .output = Type::list({}),
          .output_of = [](const Configuration& configuration) { return configuration.type("items"); },
      },
      [](const Configuration& configuration) -> Result<std::unique_ptr<Stage>> {
        return stage_of([has_key = configuration.given("by")](Call& call) { return run(call, has_key); });
      });
}

}  // namespace thalweg::stages
