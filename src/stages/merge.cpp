#include "stages/common.h"
#include "stages/stages.h"

namespace thalweg::stages {

namespace {
enum : std::size_t { kValues, kDeep };

constexpr int kDeepest = 100;

Result<Value> merged(Value into, const Value& from, int depth, Pace& pace) {
  if (depth > kDeepest) return fail(Code::invalid_argument, "maps lie more than {} levels deep", kDeepest);
  for (const Entry& entry : from.entries()) {
    TRY(pace.step());
    const Value* present = into.find_key(entry.key);
    if (depth > 0 && present != nullptr && present->is_map() && entry.value.is_map()) {
      into = std::move(into).set(entry.key, TRY(merged(*present, entry.value, depth + 1, pace)));
    } else {
      into = std::move(into).set(entry.key, entry.value);
    }
  }
  return into;
}

Result<> is_map(const Value& value, std::size_t index) {
  if (value.is_map()) return {};
  return fail(Code::invalid_argument, "'values[{}]' is of type {}, not a map", index, type_name(value.kind()));
}

// What is written out is checked when the pipeline is compiled.
Result<> check_constants(const Configuration& configuration) {
  const Value* values = configuration.constant("values");
  for (std::size_t i = 0; values != nullptr && i < values->size(); ++i) {
    if (values->items()[i].is_null()) continue;
    const auto good = is_map(values->items()[i], i);
    if (!good) return std::unexpected(good.error().at(fmt::format("values[{}]", i)));
  }
  return {};
}

Result<Value> run(Call& call) {
  const auto values = call.argument(kValues).items();
  const bool deep = call.argument(kDeep).is_bool() && call.argument(kDeep).as_bool();
  Pace pace(call.context());
  Value out = Value::map();
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (values[i].is_null()) continue;  // an absent part
    TRY(is_map(values[i], i));
    out = TRY(merged(std::move(out), values[i], deep ? 1 : 0, pace));
  }
  return out;
}
}  // namespace

void add_merge(Catalog& catalog) {
  catalog.add(
      {
          .name = "merge",
          .version = "1",
          .summary = "Makes one map of several.",
          .description =
              "Where two maps have the same key the later one wins; with `deep`, two maps under the same key are merged as well "
              "(lists are replaced). Nulls among the values are passed over, so that absent parts need no care.",
          .example = R"yaml(name: settings
input: {own: dyn}
stages:
  - id: all
    uses: merge
    with:
      values: [{limits: {tokens: 100, seconds: 5}}, "{{ input.own }}"]
      deep: true
output: "{{ all }}"
tests:
  - input: {own: {limits: {tokens: 9}, name: x}}
    expect: {limits: {tokens: 9, seconds: 5}, name: x}
)yaml",
          .fields =
              {
                  {.name = "values", .type = Type::list({}), .description = "the maps, later ones win"},
                  {.name = "deep",
                   .type = Type(Type::Kind::boolean),
                   .description = "merge maps inside as well",
                   .required = false,
                   .fallback = Value(false)},
              },
          .output = Type::map({}, {}),
      },
      [](const Configuration& configuration) -> Result<std::unique_ptr<Stage>> {
        TRY(check_constants(configuration));
        return stage_of(run);
      });
}

}  // namespace thalweg::stages
