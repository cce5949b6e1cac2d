#include <array>
#include <unordered_set>

#include "stages/common.h"
#include "stages/stages.h"

namespace thalweg::stages {

namespace {
enum : std::size_t { kFrom, kFields, kMissing };

enum class Missing : std::uint8_t { error, skip, null };
constexpr std::array<std::string_view, 3> kPolicies{"error", "skip", "null"};

std::string no_field(const Value& map, std::string_view name) {
  std::vector<std::string_view> known;
  for (const Entry& entry : map.entries()) {
    if (entry.key.is_string()) known.push_back(entry.key.as_string());
  }
  const std::string near = nearest(name, known);
  return near.empty() ? fmt::format("no field '{}'", name) : fmt::format("no field '{}'; did you mean '{}'?", name, near);
}

Result<> is_map(const Value& value) {
  if (value.is_map()) return {};
  return fail(Code::invalid_argument, "'from' holds a value of type {}, not a map", type_name(value.kind()));
}

Result<Value> pick(const Value& map, std::span<const Value> fields, Missing missing) {
  TRY(is_map(map));
  std::vector<Entry> out;
  out.reserve(fields.size());
  for (const Value& name : fields) {
    if (const Value* value = map.find_key(name)) {
      out.push_back({name, *value});
    } else if (missing == Missing::null) {
      out.push_back({name, Value()});
    } else if (missing == Missing::error) {
      return fail(Code::not_found, "{}", no_field(map, name.as_string()));
    }
  }
  return Value::map(std::move(out));
}

Result<Value> run(Call& call, const Value& fields, Missing missing) {
  const Value from = call.take(kFrom);
  if (!from.is_list()) return pick(from, fields.items(), missing);
  std::vector<Value> out;
  out.reserve(from.size());
  Pace pace(call.context());
  for (std::size_t i = 0; i < from.size(); ++i) {
    TRY(pace.step());
    auto picked = pick(from.items()[i], fields.items(), missing);
    if (!picked) return std::unexpected(picked.error().at(fmt::format("from[{}]", i)));
    out.push_back(std::move(*picked));
  }
  return Value::list(std::move(out));
}

Result<Missing> missing_named(std::string_view name) {
  const auto known = std::ranges::find(kPolicies, name);
  if (known != kPolicies.end()) return static_cast<Missing>(known - kPolicies.begin());
  return fail(Code::invalid_argument, "'missing' is '{}'; it can be error, skip or null", name);
}

// What is written out is checked when the pipeline is compiled.
Result<> check_constants(const Value& fields, const Value* from) {
  std::unordered_set<std::string_view> names;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const std::string_view name = fields.items()[i].as_string();
    if (names.insert(name).second) continue;
    return std::unexpected(
        Error(Code::invalid_argument, fmt::format("the field '{}' is there twice", name)).at(fmt::format("fields[{}]", i)));
  }
  if (from == nullptr) return {};
  if (!from->is_list()) {
    const auto good = is_map(*from);
    return good ? good : std::unexpected(good.error().at("from"));
  }
  for (std::size_t i = 0; i < from->size(); ++i) {
    if (const auto good = is_map(from->items()[i]); !good) return std::unexpected(good.error().at(fmt::format("from[{}]", i)));
  }
  return {};
}

Result<std::unique_ptr<Stage>> make(const Configuration& configuration) {
  const Value fields = *configuration.constant("fields");
  TRY(check_constants(fields, configuration.constant("from")));
  const Value* missing = configuration.constant("missing");
  const auto policy = missing == nullptr ? Result<Missing>(Missing::error) : missing_named(missing->as_string());
  if (!policy) return std::unexpected(policy.error().at("missing"));
  return stage_of([fields, policy = *policy](Call& call) { return run(call, fields, policy); });
}
}  // namespace

void add_select(Catalog& catalog) {
  catalog.add(
      {
          .name = "select",
          .version = "1",
          .summary = "Keeps the named fields of a map, or of each map of a list.",
          .description =
              "The fields come out in the order in which they are named. A field that a map lacks is an error (not_found) "
              "unless `missing` says otherwise.",
          .example = R"yaml(name: titles
input: {books: list<dyn>}
stages:
  - id: short
    uses: select
    with: {from: "{{ input.books }}", fields: [title, year], missing: skip}
output: "{{ short }}"
tests:
  - input: {books: [{title: Emma, year: 1815, pages: 474}, {title: Ulysses}]}
    expect: [{title: Emma, year: 1815}, {title: Ulysses}]
)yaml",
          .fields =
              {
                  {.name = "from", .type = Type(), .description = "a map, or a list of maps"},
                  {.name = "fields",
                   .type = Type::list(Type(Type::Kind::string)),
                   .description = "names of the fields to keep",
                   .binding = Binding::constant},
                  {.name = "missing",
                   .type = Type(Type::Kind::string),
                   .description = "what a missing field is: error, skip (left out) or null",
                   .binding = Binding::constant,
                   .required = false,
                   .fallback = Value("error"),
                   .limits = one_of(kPolicies)},
              },
          .output = Type(),
      },
      make);
}

}  // namespace thalweg::stages
