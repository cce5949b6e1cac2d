#include "stages/common.h"
#include "stages/stages.h"

namespace thalweg::stages {

namespace {
enum : std::size_t { kFrom, kFields, kMissing };

enum class Missing : std::uint8_t { error, skip, null };

std::string no_field(const Value& map, std::string_view name) {
  std::vector<std::string_view> known;
  for (const Entry& entry : map.entries()) {
    if (entry.key.is_string()) known.push_back(entry.key.as_string());
  }
  const std::string near = nearest(name, known);
  return near.empty() ? fmt::format("no field '{}'", name) : fmt::format("no field '{}'; did you mean '{}'?", name, near);
}

Result<Value> pick(const Value& map, std::span<const Value> fields, Missing missing) {
  if (!map.is_map()) return fail(Code::invalid_argument, "'from' holds a value of type {}, not a map", type_name(map.kind()));
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
  if (name == "error") return Missing::error;
  if (name == "skip") return Missing::skip;
  if (name == "null") return Missing::null;
  return fail(Code::invalid_argument, "'missing' is '{}'; it can be error, skip or null", name);
}

Result<std::unique_ptr<Stage>> make(const Configuration& configuration) {
  const Value fields = *configuration.constant("fields");
  for (std::size_t i = 0; i < fields.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (fields.items()[i] == fields.items()[j]) {
        return fail(Code::invalid_argument, "'fields' names '{}' twice", fields.items()[i].as_string());
      }
    }
  }
  const Value* missing = configuration.constant("missing");
  const Missing policy = missing == nullptr ? Missing::error : TRY(missing_named(missing->as_string()));
  return stage_of([fields, policy](Call& call) { return run(call, fields, policy); });
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
                   .fallback = Value("error")},
              },
          .output = Type(),
      },
      make);
}

}  // namespace thalweg::stages
