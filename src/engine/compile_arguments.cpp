#include "engine/compile_arguments.h"

#include <set>

#include "base/utf8.h"

namespace thalweg {

using lang::Type;

namespace {

bool has_tags(std::string_view text) {
  for (std::size_t at = text.find('{'); at != std::string_view::npos && at + 1 < text.size(); at = text.find('{', at + 1)) {
    if (text[at + 1] == '{' || text[at + 1] == '%' || text[at + 1] == '#') return true;
  }
  return false;
}

constexpr bool is_word(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; }

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

Argument constant_of(Value value) {
  Argument argument;
  argument.constant = std::move(value);
  return argument;
}

// "string?" is wanted, "string" is what one writes.
std::string wanted(const Type& type) { return type.marked(false).text(); }

}  // namespace

void Uses::add(std::span<const lang::Reference> references, bool uses_now, const Node& node) {
  now = now || uses_now;
  for (const lang::Reference& reference : references) {
    // `has(a.b) ? a.b : ''` asks for absence itself: one guarded use in a source guards the others.
    const bool guarded =
        std::ranges::any_of(references, [&](const auto& other) { return other.slot == reference.slot && other.guarded; });
    all.push_back({reference.slot, guarded, false, &node, reference.offset});
  }
}

void Uses::add(const Uses& inner, std::uint32_t below) {
  now = now || inner.now;
  for (const Use& use : inner.all) {
    if (use.slot < below) all.push_back(use);
  }
}

void Uses::guard(std::uint32_t slot) {
  for (Use& use : all) use.guarded = use.guarded || use.slot == slot;
}

std::optional<std::uint32_t> lone_variable(const Template& text) {
  const auto references = text.references();
  if (!text.is_lone() || references.size() != 1 || !references[0].path.empty()) return {};
  std::string_view source = trimmed(text.source());
  if (!source.starts_with("{{") || !source.ends_with("}}")) return {};
  source = source.substr(2, source.size() - 4);
  if (source.starts_with('-')) source.remove_prefix(1);
  if (source.ends_with('-')) source.remove_suffix(1);
  return trimmed(source) == references[0].variable ? std::optional(references[0].slot) : std::nullopt;
}

TypedArgument ArgumentCompiler::value(const Node& node, const Path& path, const Type& expected) {
  return tree(node, path, expected, true);
}

std::optional<Value> ArgumentCompiler::constant(const Node& node, const Path& path, const Type& expected) {
  TypedArgument found = tree(node, path, expected, false);
  return std::move(found.argument.constant);
}

TypedArgument ArgumentCompiler::tree(const Node& node, const Path& path, const Type& expected, bool templates) {
  switch (node.kind) {
    case Node::Kind::scalar:
      return scalar(node, path, expected, templates);
    case Node::Kind::list:
      return list(node, path, expected, templates);
    case Node::Kind::map:
      return map(node, path, expected, templates);
  }
  return {};
}

TypedArgument ArgumentCompiler::scalar(const Node& node, const Path& path, const Type& expected, bool templates) {
  if (templates && node.is_string() && has_tags(node.value.as_string())) return text(node, path, expected);
  if (node.is_string() && is_read_from_text(expected)) {
    auto read = read_text(expected, node.value.as_string());
    if (read) return {constant_of(std::move(*read)), expected.marked(false), Fit::yes};
    checker_.report(node.place, path, read.error().message());
    return {};
  }
  Value value = node.value;
  if (Result<> good = fit(expected, value); !good) {
    checker_.report(node.place, path, fmt::format("must be {}, not {}", wanted(expected), kind_of(node)));
    return {};
  }
  Type type = lang::type_of(value);
  return {constant_of(std::move(value)), std::move(type), Fit::yes};
}

TypedArgument ArgumentCompiler::text(const Node& node, const Path& path, const Type& expected) {
  std::vector<lang::SourceError> problems;
  std::optional<Template> compiled = lang::compile_template(node.value.as_string(), scope_, {}, problems);
  if (!problems.empty() || !compiled) {
    checker_.report_source(node, path, problems);
    mention(node.value.as_string(), node);
    return {};
  }
  uses_.add(compiled->references(), compiled->uses_now(), node);
  if (const Value* constant = compiled->constant()) {
    Value value = *constant;
    if (Result<> good = fit(expected, value); !good) {
      checker_.report(node.place, path, good.error().message());
      return {};
    }
    return {constant_of(std::move(value)), compiled->type(), Fit::yes};
  }
  const Fit good = fits(expected, compiled->type());
  if (good == Fit::no) {
    const bool absent = compiled->type().may_be_absent() && fits(expected, compiled->type().marked(false)) != Fit::no;
    checker_.report(node.place, path,
                    fmt::format("must be {}, but this template gives {}{}", wanted(expected), compiled->type().text(),
                                absent ? ", which may be absent; give it a value with default()" : ""));
    return {};
  }
  TypedArgument result;
  result.type = compiled->type();
  result.fit = good;
  if (const auto slot = lone_variable(*compiled)) {
    result.argument.kind = Argument::Kind::variable;
    result.argument.slot = *slot;
  } else {
    result.argument.kind = Argument::Kind::text;
    result.argument.text = std::move(*compiled);
  }
  return result;
}

TypedArgument ArgumentCompiler::list(const Node& node, const Path& path, const Type& expected, bool templates) {
  using K = Type::Kind;
  const bool sequence = expected.is(K::list) || expected.is(K::stream);
  if (!sequence && !expected.is_dyn() && !expected.is(K::floats)) {
    checker_.report(node.place, path, fmt::format("must be {}, not a list", wanted(expected)));
    return {};
  }
  const Type item_type = sequence ? expected.argument(0) : expected.is(K::floats) ? Type(K::real) : Type();
  TypedArgument result;
  result.argument.kind = Argument::Kind::list;
  bool constant = true;
  Type joined;
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    TypedArgument item = tree(node.items[i], path[i], item_type, templates);
    constant = constant && item.argument.kind == Argument::Kind::constant;
    result.fit = std::min(result.fit, item.fit);
    joined = i == 0 ? item.type : lang::join(joined, item.type);
    result.argument.items.push_back(std::move(item.argument));
  }
  result.type = Type::list(std::move(joined));
  if (expected.is(K::floats)) result.fit = Fit::unsure;
  if (!constant) return result;
  std::vector<Value> items;
  items.reserve(result.argument.items.size());
  for (Argument& item : result.argument.items) items.push_back(std::move(item.constant));
  result.argument = constant_of(Value::list(std::move(items)));
  if (expected.is(K::floats) && fit(expected, result.argument.constant)) {
    result.type = expected.marked(false);
    result.fit = Fit::yes;
  }
  return result;
}

void ArgumentCompiler::object_keys(const Node& node, const Path& path, const Type& expected) {
  std::vector<std::string_view> names;
  for (const Type::Field& field : expected.fields()) names.push_back(field.name);
  for (const Node::Member& member : node.members) {
    if (expected.field(member.key) == nullptr) {
      checker_.report(member.place, path, fmt::format("unknown key '{}'{}", utf8::cut(member.key), hint(member.key, names)));
    }
  }
  for (const Type::Field& field : expected.fields()) {
    if (node.find(field.name) == nullptr && !field.type.may_be_absent()) {
      checker_.report(node.place, path, fmt::format("the key '{}' is missing; it must be {}", field.name, field.type.text()));
    }
  }
}

TypedArgument ArgumentCompiler::map(const Node& node, const Path& path, const Type& expected, bool templates) {
  using K = Type::Kind;
  if (!expected.is(K::map) && !expected.is(K::object) && !expected.is_dyn()) {
    checker_.report(node.place, path, fmt::format("must be {}, not a map", wanted(expected)));
    return {};
  }
  if (expected.is(K::object)) object_keys(node, path, expected);
  TypedArgument result;
  result.argument.kind = Argument::Kind::map;
  bool constant = true;
  std::vector<Type::Field> fields;
  for (const Node::Member& member : node.members) {
    const Type* field = expected.field(member.key);
    const Type& inner = field != nullptr ? *field : expected.is(K::map) ? expected.argument(1) : Type();
    TypedArgument item = tree(member.node, path / member.key, inner, templates);
    constant = constant && item.argument.kind == Argument::Kind::constant;
    result.fit = std::min(result.fit, item.fit);
    fields.push_back({member.key, std::move(item.type)});
    result.argument.items.push_back(std::move(item.argument));
    result.argument.keys.push_back(member.key);
  }
  result.type = Type::object(std::move(fields));
  const bool text_keys = !expected.is(K::map) || expected.argument(0).is_dyn() || expected.argument(0).is(K::string);
  if (!constant) {
    if (text_keys) return result;
    checker_.report(node.place, path,
                    fmt::format("a map with keys of type {} and templates inside is written as one template, such as "
                                "\"{{{{ {{1: input.x}} }}}}\"",
                                expected.argument(0).text()));
    return {};
  }
  MapBuilder made;
  for (std::size_t i = 0; i < result.argument.items.size(); ++i) {
    Value name = text_keys ? Value(result.argument.keys[i]) : key(node.members[i], path, expected.argument(0));
    if (!made.add(std::move(name), std::move(result.argument.items[i].constant))) {
      checker_.report(node.members[i].place, path,
                      fmt::format("another key of the map is the same {}", expected.argument(0).text()));
    }
  }
  result.argument = constant_of(made.build());
  if (!text_keys) result.type = expected.marked(false);
  return result;
}

Value ArgumentCompiler::key(const Node::Member& member, const Path& path, const Type& type) {
  auto read = read_text(type, member.key);
  if (read) return std::move(*read);
  checker_.report(member.place, path, "a key: " + read.error().message());
  return Value(member.key);
}

// What a source that does not compile names is used all the same: its stage is not one that nobody needs.
void ArgumentCompiler::mention(std::string_view source, const Node& node) {
  std::set<std::string_view> words;
  for (std::size_t at = 0; at < source.size();) {
    std::size_t end = at;
    while (end < source.size() && is_word(source[end])) ++end;
    if (end > at) words.insert(source.substr(at, end - at));
    at = end + 1;
  }
  for (const lang::Variable& variable : scope_.variables()) {
    if (words.contains(variable.name)) uses_.all.push_back({variable.slot, true, false, &node, 0});
  }
}

std::optional<lang::Expression> ArgumentCompiler::expression(const Node& node, const Path& path, const Type& expected) {
  const auto source = checker_.expression(node, path);
  if (!source) return {};
  return expression_text(*source, node, path, expected);
}

std::optional<lang::Expression> ArgumentCompiler::expression_text(std::string_view source, const Node& node, const Path& path,
                                                                  const Type& expected) {
  std::vector<lang::SourceError> problems;
  auto compiled = lang::compile_expression(source, scope_, {}, problems);
  if (!problems.empty() || !compiled) {
    if (source.find("{{") != std::string_view::npos) {
      checker_.report(node.place, path, "an expression stands here, not a template: write it without {{ }}");
    } else {
      checker_.report_source(node, path, problems);
    }
    mention(source, node);
    return {};
  }
  uses_.add(compiled->references(), compiled->uses_now(), node);
  if (fits(expected, compiled->type()) == Fit::no) {
    checker_.report(node.place, path,
                    fmt::format("this expression must give {}, but gives {}", wanted(expected), compiled->type().text()));
    return {};
  }
  return compiled;
}

}  // namespace thalweg
