#include "test_catalog.h"

#include "engine/plan.h"

namespace thalweg::test {

using lang::Type;

namespace {

Type type(std::string_view text) {
  auto found = lang::parse_type(text);
  if (!found) fmt::print(stderr, "{}: {}\n", text, found.error().text());
  return found.value();
}

Field field(std::string name, std::string_view of, Binding binding = Binding::value, bool required = true) {
  Field result;
  result.name = std::move(name);
  result.type = type(of);
  result.binding = binding;
  result.required = required;
  return result;
}

Contract contract(std::string name, std::string version) {
  Contract result;
  result.name = std::move(name);
  result.version = std::move(version);
  return result;
}

Catalog::Make passing() {
  return [](const Configuration&) -> Result<std::unique_ptr<Stage>> {
    return stage_of([](Call&) -> Result<Value> { return Value(); });
  };
}

}  // namespace

Catalog definition_catalog() {
  Catalog catalog;
  // `set`: any fields; gives them as an object.
  Contract set = contract("set", "1");
  set.open_fields = true;
  set.output_of = [](const Configuration& configuration) { return configuration.type(""); };
  catalog.add(std::move(set), passing());

  Contract find = contract("find", "1");
  find.fields = {field("text", "string"), field("top_k", "int", Binding::value, false),
                 field("boost", "double", Binding::value, false), field("index", "string", Binding::constant, false)};
  find.fields[1].fallback = Value(4);
  find.output = type("{hits: list<{title: string, text: string, score: double}>}");
  catalog.add(std::move(find), passing());

  Contract generate = contract("generate", "2");
  generate.deterministic = false;
  generate.fields = {field("prompt", "string"),
                     field("options", "{temperature: double?, stop: list<string>?}?", Binding::value, false)};
  generate.output = type("{text: string}");
  generate.waits = true;
  catalog.add(std::move(generate), passing());

  Contract log = contract("log", "1");
  log.effects = true;
  log.fields = {field("message", "string")};
  log.output = type("null");
  catalog.add(std::move(log), passing());

  Contract map = contract("map", "1");
  map.fields = {field("items", "list<dyn>"), field("to", "dyn", Binding::expression)};
  map.fields[1].locals = {{"item", {}, "items"}, {"index", Type(Type::Kind::integer), {}}};
  map.output_of = [](const Configuration& configuration) { return Type::list(configuration.type("to")); };
  catalog.add(std::move(map), passing());

  Contract filter = contract("filter", "1");
  filter.fields = {field("items", "list<dyn>"), field("where", "bool", Binding::expression)};
  filter.fields[1].locals = {{"item", {}, "items"}};
  filter.output_of = [](const Configuration& configuration) { return configuration.type("items"); };
  catalog.add(std::move(filter), passing());

  Contract each = contract("for_each", "1");
  each.fields = {field("items", "list<dyn>"), field("do", "dyn", Binding::pipeline)};
  each.fields[1].locals = {{"item", {}, "items"}};
  each.output_of = [](const Configuration& configuration) { return Type::list(configuration.type("do")); };
  catalog.add(std::move(each), passing());

  Contract choose = contract("switch", "1");
  choose.fields = {field("cases", "dyn", Binding::cases)};
  choose.output_of = [](const Configuration& configuration) { return configuration.type("cases"); };
  catalog.add(std::move(choose), passing());

  Contract call = contract("call", "1");
  call.fields = {field("pipeline", "string", Binding::constant), field("input", "dyn", Binding::value, false)};
  call.output_of = [](const Configuration& configuration) {
    const auto plan = configuration.load(configuration.constant("pipeline")->as_string());
    return plan ? (*plan)->output_type : Type();
  };
  catalog.add(std::move(call), [](const Configuration& configuration) -> Result<std::unique_ptr<Stage>> {
    TRY(configuration.load(configuration.constant("pipeline")->as_string()));
    return stage_of([](Call&) -> Result<Value> { return Value(); });
  });

  Contract emit = contract("emit", "1");
  emit.fields = {field("count", "int")};
  emit.output = type("stream<string>");
  catalog.add(std::move(emit), passing());

  Contract count = contract("count", "1");
  count.fields = {field("of", "stream<string>"), field("also", "stream<string>", Binding::value, false)};
  count.output = type("int");
  catalog.add(std::move(count), passing());

  Contract wait = contract("wait", "1");
  wait.effects = true;
  wait.fields = {field("for", "duration")};
  wait.output = type("null");
  catalog.add(std::move(wait), passing());

  Contract embed = contract("embed", "1");
  embed.fields = {field("vector", "floats"), field("kind", "string", Binding::constant)};
  embed.output = type("floats");
  catalog.add(std::move(embed), [](const Configuration& configuration) -> Result<std::unique_ptr<Stage>> {
    const std::string_view kind = configuration.constant("kind")->as_string();
    if (kind != "dense") {
      return std::unexpected(Error(Code::invalid_argument, fmt::format("unknown kind '{}'; known: dense", kind)).at("kind"));
    }
    return stage_of([](Call&) -> Result<Value> { return Value(); });
  });
  return catalog;
}

}  // namespace thalweg::test
