#include "engine/schema.h"

#include "engine/compiler.h"
#include "engine/keys.h"

namespace thalweg {

namespace {

Value object(std::initializer_list<Entry> entries) { return Value::map(entries); }

Value reference(std::string_view name) { return object({{"$ref", fmt::format("#/$defs/{}", name)}}); }

Value described(Value schema, std::string_view description) {
  return description.empty() ? std::move(schema) : std::move(schema).set("description", Value(description));
}

Value any_of(std::vector<Value> choices) { return object({{"anyOf", Value::list(std::move(choices))}}); }

Value list_of(Value item) { return object({{"type", "array"}, {"items", std::move(item)}}); }

Value code_schema() {
  const std::vector<std::string> names = code_names();
  return object({{"enum", Value::list(std::vector<Value>(names.begin(), names.end()))}});
}

// Blocks with a space in their name are $defs without it.
std::string def_name(const Block& block) {
  std::string name(block.name);
  std::ranges::replace(name, ' ', '_');
  return name;
}

Value id_schema() { return object({{"type", "string"}, {"pattern", "^[A-Za-z_][A-Za-z0-9_]*$"}, {"maxLength", 100}}); }

Value form_schema(const Key& key) {
  switch (key.form) {
    case Form::text:
      return object({{"type", "string"}});
    case Form::name:
      return object({{"type", "string"}, {"pattern", "^[A-Za-z0-9][A-Za-z0-9._/-]*$"}, {"maxLength", 200}});
    case Form::id:
      return id_schema();
    case Form::ids:
      return list_of(id_schema());
    case Form::count:
      return object({{"type", "integer"}, {"minimum", static_cast<std::int64_t>(key.least)}, {"maximum", 1'000'000}});
    case Form::number:
      return object({{"type", "number"}, {"minimum", key.least}, {"maximum", 1'000'000}});
    case Form::span:
      return object({{"type", "string"}, {"pattern", "^(([0-9]+(\\.[0-9]*)?|\\.[0-9]+)(ns|us|µs|μs|ms|s|m|h|d))+$"}});
    case Form::code:
      return code_schema();
    case Form::codes:
      return list_of(code_schema());
    case Form::type:
      return reference("type");
    case Form::expression:
      return object({{"type", Value::list({"string", "boolean", "number"})}});
    case Form::value:
    case Form::constant:
    case Form::expectation:
      return Value::map();
    case Form::stage_type:
      return object({{"type", "string"}});
    case Form::with:
      return object({{"type", Value::list({"object", "null"})}});
    case Form::stages:
      return list_of(reference("stage"));
    case Form::block:
      return reference(def_name(*key.block));
    case Form::blocks:
      return list_of(reference(def_name(*key.block)));
    case Form::on_failure:
      return any_of({object({{"enum", Value::list({"abort", "continue"})}}), reference(def_name(*key.block))});
  }
  return Value::map();
}

Value block_schema(const Block& block) {
  std::vector<Entry> properties;
  std::vector<Value> required;
  for (const Key& key : block.keys) {
    properties.push_back({Value(key.name), described(form_schema(key), key.description)});
    if (key.required) required.emplace_back(key.name);
  }
  Value schema = object({{"type", "object"}, {"description", Value(block.description)}});
  schema = std::move(schema).set("properties", Value::map(std::move(properties)));
  if (!required.empty()) schema = std::move(schema).set("required", Value::list(std::move(required)));
  if (!block.one_of.empty()) {
    std::vector<Value> choices;
    for (const std::string_view key : block.one_of) choices.push_back(object({{"required", Value::list({Value(key)})}}));
    schema = std::move(schema).set("oneOf", Value::list(std::move(choices)));
  }
  return std::move(schema).set("additionalProperties", false);
}

Value field_schema(const Field& field) {
  switch (field.binding) {
    case Binding::value:
      return type_schema(field.type, true);
    case Binding::constant:
      return type_schema(field.type, false);
    case Binding::expression:
      return object({{"type", Value::list({"string", "boolean", "number"})}});
    case Binding::pipeline:
      return Value::map();
    case Binding::cases:
      return list_of(reference("case")).set("minItems", 1);
  }
  return Value::map();
}

Value with_schema(const Contract& contract) {
  std::vector<Entry> properties;
  std::vector<Value> required;
  for (const Field& field : contract.fields) {
    Value schema = described(field_schema(field), field.description);
    for (const Entry& limit : field.limits.entries()) schema = std::move(schema).set(limit.key, limit.value);
    if (field.fallback && (field.fallback->is_string() || field.fallback->is_bool() || field.fallback->is_number())) {
      schema = std::move(schema).set("default", *field.fallback);
    }
    properties.push_back({Value(field.name), std::move(schema)});
    if (field.required) required.emplace_back(field.name);
  }
  Value schema = object({{"type", required.empty() ? Value::list({"object", "null"}) : Value("object")}});
  if (!contract.summary.empty()) schema = std::move(schema).set("description", Value(contract.summary));
  schema = std::move(schema).set("properties", Value::map(std::move(properties)));
  if (!required.empty()) schema = std::move(schema).set("required", Value::list(std::move(required)));
  return contract.open_fields ? schema : std::move(schema).set("additionalProperties", false);
}

// `uses` decides what `with` may hold, and whether it must be there.
Value stage_schema(const Catalog& catalog) {
  Value schema = block_schema(blocks::stage());
  std::vector<Value> names, rules;
  for (const std::string_view name : catalog.names()) {
    names.emplace_back(name);
    const Contract& contract = catalog.find(name)->contract;
    Value then = object({{"properties", object({{"with", reference(fmt::format("with_{}", name))}})}});
    if (std::ranges::any_of(contract.fields, &Field::required)) then = std::move(then).set("required", Value::list({"with"}));
    const Value condition =
        object({{"properties", object({{"uses", object({{"const", Value(name)}})}})}, {"required", Value::list({"uses"})}});
    rules.push_back(object({{"if", condition}, {"then", std::move(then)}}));
  }
  schema = std::move(schema).with({"properties", "uses", "enum"}, Value::list(std::move(names))).value_or(Value());
  return rules.empty() ? schema : std::move(schema).set("allOf", Value::list(std::move(rules)));
}

}  // namespace

Value type_schema(const Type& type, bool templates) {
  using K = Type::Kind;
  Value schema = Value::map();
  switch (type.kind()) {
    case K::null:
      schema = object({{"type", "null"}});
      break;
    case K::boolean:
      schema = object({{"type", "boolean"}});
      break;
    case K::integer:
      schema = object({{"type", "integer"}});
      break;
    case K::unsigned_integer:
      schema = object({{"type", "integer"}, {"minimum", 0}});
      break;
    case K::real:
      schema = object({{"type", "number"}});
      break;
    case K::string:
    case K::bytes:  // these three are written as texts
    case K::timestamp:
    case K::duration:
      return type.may_be_absent() ? object({{"type", Value::list({"string", "null"})}}) : object({{"type", "string"}});
    case K::floats:
      schema = list_of(object({{"type", "number"}}));
      break;
    case K::list:
    case K::stream:
      schema = list_of(type_schema(type.argument(0), templates));
      break;
    case K::map:
      schema = object({{"type", "object"}, {"additionalProperties", type_schema(type.argument(1), templates)}});
      break;
    case K::object: {
      std::vector<Entry> properties;
      std::vector<Value> required;
      for (const Type::Field& field : type.fields()) {
        properties.push_back({Value(field.name), type_schema(field.type, templates)});
        if (!field.type.may_be_absent()) required.emplace_back(field.name);
      }
      schema = object({{"type", "object"}, {"properties", Value::map(std::move(properties))}});
      if (!required.empty()) schema = std::move(schema).set("required", Value::list(std::move(required)));
      if (templates) schema = std::move(schema).set("additionalProperties", false);
      break;
    }
    default:
      return schema;
  }
  std::vector<Value> choices{std::move(schema)};
  if (type.may_be_absent()) choices.push_back(object({{"type", "null"}}));
  if (templates) choices.push_back(reference("template"));
  return choices.size() == 1 ? std::move(choices[0]) : any_of(std::move(choices));
}

Value definition_schema(const Catalog& catalog) {
  Value schema = block_schema(blocks::definition());
  std::vector<Entry> defs;
  defs.push_back({"template",
                  object({{"type", "string"}, {"pattern", "\\{[{%#]"}, {"description", "A template, evaluated for each run."}})});
  defs.push_back({"type", any_of({object({{"type", "string"}}),
                                  object({{"type", "object"}, {"additionalProperties", reference("type")}})})});
  for (const Block* block : all_blocks()) {
    if (block == &blocks::definition()) continue;
    defs.push_back({Value(def_name(*block)), block == &blocks::stage() ? stage_schema(catalog) : block_schema(*block)});
  }
  for (const std::string_view name : catalog.names()) {
    defs.push_back({Value(fmt::format("with_{}", name)), with_schema(catalog.find(name)->contract)});
  }
  schema = std::move(schema).set("$defs", Value::map(std::move(defs)));
  std::vector<Entry> whole{{"$schema", "https://json-schema.org/draft/2020-12/schema"}, {"title", "thalweg pipeline definition"}};
  whole.insert(whole.end(), schema.entries().begin(), schema.entries().end());
  return Value::map(std::move(whole));
}

}  // namespace thalweg
