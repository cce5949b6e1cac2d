// Names: which variable, field, type or function a text stands for.

#include <algorithm>

#include "base/utf8.h"
#include "lang/checker.h"
#include "lang/regex.h"

namespace thalweg::lang {

namespace {
using Kind = Type::Kind;

struct NamedType {
  std::string_view name;
  Kind kind;
};
constexpr NamedType kTypeNames[] = {{"bool", Kind::boolean},
                                    {"bytes", Kind::bytes},
                                    {"double", Kind::real},
                                    {"int", Kind::integer},
                                    {"list", Kind::list},
                                    {"map", Kind::map},
                                    {"null_type", Kind::null},
                                    {"string", Kind::string},
                                    {"type", Kind::type},
                                    {"uint", Kind::unsigned_integer},
                                    {"google.protobuf.Timestamp", Kind::timestamp},
                                    {"google.protobuf.Duration", Kind::duration},
                                    {"optional_type", Kind::optional},
                                    {"floats", Kind::floats}};

// a.b.c as its links, innermost first; empty when it does not start with a plain name.
std::vector<Node*> links_of(Node& node) {
  std::vector<Node*> links;
  Node* at = &node;
  while (at->op == Op::select) {
    links.push_back(at);
    at = at->children[0];
  }
  if (at->op != Op::name) return {};
  links.push_back(at);
  std::ranges::reverse(links);
  return links;
}

// How many links may be one dotted name: up to the first quoted field or closing parenthesis.
std::size_t dotted(const std::vector<Node*>& links) {
  for (std::size_t i = 0; i < links.size(); ++i) {
    if (i > 0 && links[i]->root) return i;
    if (!links[i]->second_name.empty()) return i + 1;
  }
  return links.size();
}

std::string joined(const std::vector<Node*>& links, std::size_t count) {
  std::string name;
  for (std::size_t i = 0; i < count; ++i) name += (i == 0 ? "" : ".") + links[i]->name;
  return name;
}
}  // namespace

Value type_named(std::string_view name) {
  for (const NamedType& known : kTypeNames) {
    if (known.name == name) return Value::type(name);
  }
  return {};
}

std::vector<std::string> Checker::candidates(const std::string& name, bool root) const {
  std::vector<std::string> all;
  if (!root) {
    for (std::string container = options_.container; !container.empty();) {
      all.push_back(container + "." + name);
      const std::size_t dot = container.rfind('.');
      container.resize(dot == std::string::npos ? 0 : dot);
    }
  }
  all.push_back(name);
  return all;
}

void Checker::resolved(Node& node, Op op, std::uint32_t slot, Type type) {
  node.op = op;
  node.slot = slot;
  node.type = std::move(type);
  node.children.clear();
}

void Checker::refer(const Node& variable, const std::vector<Node*>& links, std::size_t from) {
  Reference reference{variable.slot, variable.name, {}, guards_ > 0, links.front()->offset};
  for (std::size_t i = from; i < links.size(); ++i) reference.path.push_back(links[i]->name);
  program_.references.push_back(std::move(reference));
}

// Finds the longest front of the links that is a name; what is behind it are fields.
bool Checker::resolve_chain(const std::vector<Node*>& links) {
  Node& first = *links.front();
  if (!first.root) {
    if (const Variable* local = locals_.find(first.name)) {
      resolved(first, Op::local, local->slot, local->type);
      return true;
    }
  }
  for (std::size_t count = dotted(links); count > 0; --count) {
    for (const std::string& name : candidates(joined(links, count), first.root)) {
      Node& node = *links[count - 1];
      if (const Variable* variable = scope_.find(name)) {
        const std::size_t offset = first.offset;
        resolved(node, Op::variable, variable->slot, variable->type);
        node.name = name;
        node.offset = offset;
        refer(node, links, count);
        return true;
      }
      if (Value type = type_named(name); !type.is_null()) {
        resolved(node, Op::constant, 0, Type::type({}));
        node.value = std::move(type);
        return true;
      }
      if (name == "now") {
        resolved(node, Op::now, 0, Kind::timestamp);
        program_.uses_now = true;
        return true;
      }
    }
  }
  return false;
}

void Checker::unknown(Node& node) {
  std::vector<std::string_view> names;
  for (const Variable& variable : scope_.variables()) names.push_back(variable.name);
  for (const Variable& variable : locals_.visible()) names.push_back(variable.name);
  const std::string near = nearest(node.name, names);
  problem(node, "undeclared reference to '{}'{}", utf8::cut(node.name), suggestion(near));
  node.op = Op::unknown;
  node.second_name = near;
  node.type = Type();
}

void Checker::chain(Node& node) {
  const std::vector<Node*> links = links_of(node);
  if (links.empty()) {
    check(*node.children[0]);
    select(node);
    return;
  }
  std::vector<std::string> paths;
  if (!tested_.empty()) {
    for (std::size_t i = 0; i < links.size(); ++i) paths.push_back(joined(links, i + 1));
  }
  if (!resolve_chain(links)) unknown(*links.front());
  for (std::size_t i = 0; i < links.size(); ++i) {
    Node& link = *links[i];
    if (link.op == Op::select) select(link);
    const bool asked = !paths.empty() && std::ranges::find(tested_, paths[i]) != tested_.end();
    if (asked && link.type.may_be_absent()) link.type = link.type.marked(false);
  }
}

void Checker::select(Node& node) {
  const Type& target = node.children[0]->type;
  switch (target.kind()) {
    case Kind::dyn:
      node.type = Type().marked(target.may_be_absent());
      return;
    case Kind::optional:
      node.type = Type::optional({});
      return;
    case Kind::map:
      if (!accepts(target.argument(0), Kind::string)) {
        problem(node, "this map's keys are {}, so it has no field '{}'", target.argument(0).text(), utf8::cut(node.name));
      }
      node.type = target.argument(1).marked(target.argument(1).may_be_absent() || target.may_be_absent());
      return;
    case Kind::object: {
      if (const Type* field = target.field(node.name)) {
        node.type = field->marked(field->may_be_absent() || target.may_be_absent());
        return;
      }
      std::vector<std::string_view> names;
      for (const Type::Field& field : target.fields()) names.push_back(field.name);
      problem(node, "no field '{}' in {}{}", utf8::cut(node.name), target.marked(false).text(),
              suggestion(nearest(node.name, names)));
      return;
    }
    default:
      problem(node, "{} has no field '{}'", with_article(target.marked(false).text()), utf8::cut(node.name));
  }
}

// A call that can never work: a problem, or unchecked an error when it is evaluated.
void Checker::impossible(Node& node, std::string message) {
  if (options_.checked) problems_.add_text(node.offset, message);
  node.op = Op::unknown;
  node.value = Value(message);
}

void Checker::call(Node& node) {
  // strings.quote(x): a receiver that is a namespace, not a variable.
  if (node.receiver) {
    const std::vector<Node*> links = links_of(*node.children[0]);
    if (!links.empty() && dotted(links) == links.size()) {
      const std::string name = joined(links, links.size()) + "." + node.name;
      if (const Function* function = find_function(name, false);
          function != nullptr && locals_.find(links.front()->name) == nullptr) {
        node.children.erase(node.children.begin());
        node.receiver = false;
        node.name = name;
      }
    }
  }
  check_children(node);
  const Function* function = find_function(node.name, node.receiver);
  const Node* target = node.receiver ? node.children[0] : nullptr;
  const bool fits = function != nullptr && function->run != nullptr && function->takes(node.children.size());
  if (!fits && target != nullptr && target->op == Op::unknown && target->value.is_null()) {  // sets.contains(a, b) without `sets`
    const std::string name = target->name + "." + node.name;
    impossible(node, fmt::format("no function '{}'{}", utf8::cut(name), suggestion(nearest_function(name, false))));
    return;
  }
  const std::size_t written = node.children.size() - (node.receiver ? 1 : 0);
  if (function == nullptr || function->run == nullptr) {
    const std::string near = nearest_function(node.name, node.receiver);
    const bool other = find_function(node.name, !node.receiver) != nullptr;
    const std::string hint = !other          ? suggestion(near)
                             : node.receiver ? fmt::format("; write {}(x)", node.name)
                                             : fmt::format("; write x.{}(...)", node.name);
    impossible(node, fmt::format("no {} '{}'{}", node.receiver ? "method" : "function", utf8::cut(node.name), hint));
    return;
  }
  node.function = function;
  if (!function->takes(node.children.size())) {
    impossible(node, fmt::format("'{}' does not take {} argument{}", node.name, written, written == 1 ? "" : "s"));
    return;
  }
  overload(node, *function);
  if (node.name == "matches") pattern(node);
}

void Checker::overload(Node& node, const Function& function) {
  std::vector<Type> results;
  std::vector<bool> takes_null(node.children.size(), true);  // as dyn or A, in every signature that fits
  for (const Signature& signature : function.signatures) {
    const std::size_t fixed = signature.parameters.size();
    if (node.children.size() != fixed && !(signature.open && node.children.size() > fixed)) continue;
    Bindings bindings;
    bool fits = true;
    for (std::size_t i = 0; i < fixed && fits; ++i) fits = unify(signature.parameters[i], node.children[i]->type, bindings);
    if (!fits) continue;
    results.push_back(substitute(signature.result, bindings));
    for (std::size_t i = 0; i < fixed; ++i) {
      const Type& parameter = signature.parameters[i];
      if (!parameter.is_dyn() && !parameter.is(Kind::parameter) && !parameter.is(Kind::null)) takes_null[i] = false;
    }
  }
  if (results.empty()) {
    std::string types;
    for (const Node* child : node.children) types += (types.empty() ? "" : ", ") + child->type.marked(false).text();
    problem(node, "no matching overload for '{}' applied to ({})", function.name == "negate" ? "-" : function.name, types);
    return;
  }
  for (std::size_t i = 0; i < node.children.size(); ++i) {
    if (!takes_null[i]) needs_value(*node.children[i], function.name == "negate" ? "-" : function.name);
  }
  node.type = results.front();
  for (const Type& result : results) node.type = join(node.type, result);
}

void Checker::operands(Node& node, std::string_view name) {
  check_children(node);
  overload(node, *find_function(name, false));
}

void Checker::compare(Node& node) {
  check_children(node);
  node.type = Kind::boolean;
  const Type a = node.children[0]->type.marked(false), b = node.children[1]->type.marked(false);
  const bool equality = node.op == Op::equal || node.op == Op::unequal;
  static constexpr std::string_view kSymbols[] = {"==", "!=", "<", "<=", ">", ">="};
  const std::string_view symbol = kSymbols[static_cast<std::size_t>(node.op) - static_cast<std::size_t>(Op::equal)];
  if (!equality && (!needs_value(*node.children[0], symbol) || !needs_value(*node.children[1], symbol))) return;
  const bool numbers = (a.is_number() || a.is_dyn()) && (b.is_number() || b.is_dyn());
  if (a.is_dyn() || b.is_dyn() || numbers) return;
  if (equality && (a.is(Kind::null) || b.is(Kind::null))) return;
  const bool ordered =
      a.is(Kind::string) || a.is(Kind::bytes) || a.is(Kind::boolean) || a.is(Kind::timestamp) || a.is(Kind::duration);
  Bindings bindings;
  const Type any = Type::parameter("A");
  if (unify(any, a, bindings) && unify(any, b, bindings) && (equality || ordered)) return;
  problem(node, "no matching overload for '{}' applied to ({}, {})", symbol, a.text(), b.text());
}

void Checker::member_of(Node& node) {
  check_children(node);
  node.type = Kind::boolean;
  if (!needs_value(*node.children[1], "in")) return;
  const Type a = node.children[0]->type.marked(false), b = node.children[1]->type.marked(false);
  const Type held = b.is(Kind::object) ? Type(Kind::string) : b.is(Kind::floats) ? Type(Kind::real) : b.argument(0);
  const bool container = b.is(Kind::list) || b.is(Kind::stream) || b.is(Kind::map) || b.is(Kind::object) || b.is(Kind::floats);
  if (b.is_dyn()) return;
  if (container && (accepts(held.marked(true), a) || accepts(a, held) || (a.is_number() && held.is_number()))) return;
  problem(node, "no matching overload for 'in' applied to ({}, {})", a.text(), b.text());
}

// A constant pattern is compiled now; a wrong one is a problem now.
void Checker::pattern(Node& node) {
  const Node& text = *node.children.back();
  if (text.op != Op::constant || !text.value.is_string()) return;
  Result<std::shared_ptr<const re2::RE2>> compiled = compile_pattern(text.value.as_string());
  if (compiled) {
    node.pattern = std::move(*compiled);
  } else {
    problem(text, "{}", compiled.error().message());
  }
}

}  // namespace thalweg::lang
