// Calls that are more than calls: has(), the loops over lists and maps, cel.bind.

#include <array>

#include "lang/parser.h"

namespace thalweg::lang {

namespace {
struct Macro {
  std::string_view name;
  std::size_t arguments;
  bool two_variables;
  LoopKind kind;
};
constexpr std::array<Macro, 20> kMacros{{{"all", 2, false, LoopKind::all},
                                         {"all", 3, true, LoopKind::all},
                                         {"exists", 2, false, LoopKind::exists},
                                         {"exists", 3, true, LoopKind::exists},
                                         {"exists_one", 2, false, LoopKind::exists_one},
                                         {"existsOne", 2, false, LoopKind::exists_one},
                                         {"exists_one", 3, true, LoopKind::exists_one},
                                         {"existsOne", 3, true, LoopKind::exists_one},
                                         {"filter", 2, false, LoopKind::filter},
                                         {"map", 2, false, LoopKind::map},
                                         {"map", 3, false, LoopKind::map_filtered},
                                         {"transformList", 3, true, LoopKind::map},
                                         {"transformList", 4, true, LoopKind::map_filtered},
                                         {"transformMap", 3, true, LoopKind::to_map},
                                         {"transformMap", 4, true, LoopKind::to_map_filtered},
                                         {"transformMapEntry", 3, true, LoopKind::to_map_entry},
                                         {"transformMapEntry", 4, true, LoopKind::to_map_entry_filtered},
                                         {"optMap", 2, false, LoopKind::optional_map},
                                         {"optFlatMap", 2, false, LoopKind::optional_flat_map},
                                         {"", 0, false, LoopKind::all}}};

bool plain_name(const Node& node) { return node.op == Op::name && !node.root && node.second_name.empty(); }
}  // namespace

Node* Parser::call(std::string name, Node* target, std::vector<Node*> arguments, std::size_t offset) {
  if (target == nullptr && name == "has") return has_macro(arguments, offset);
  if (target == nullptr && name == "default") {
    if (arguments.size() != 2) return wrong(offset, "default(x, y) takes two arguments");
    return make(Op::fallback, offset, std::move(arguments));
  }
  if (target != nullptr && plain_name(*target) && target->name == "cel") return cel_macro(name, arguments, offset);
  if (target != nullptr && name == "sortBy") return sort_macro(target, arguments, offset);
  if (target != nullptr) {
    Node* loop = loop_macro(name, target, arguments, offset);
    if (loop != nullptr || !problems_.empty()) return loop;
    arguments.insert(arguments.begin(), target);
  }
  Node* node = make(Op::call, offset, std::move(arguments));
  if (node == nullptr) return nullptr;
  node->name = std::move(name);
  node->receiver = target != nullptr;
  return node;
}

Node* Parser::has_macro(const std::vector<Node*>& arguments, std::size_t offset) {
  if (arguments.size() != 1 ||
      (arguments[0]->op != Op::select && arguments[0]->op != Op::name && arguments[0]->op != Op::opt_select)) {
    return wrong(offset, "has() takes one field: has(a.b)");
  }
  Node* node = make(Op::has_field, offset, {arguments[0]});
  return node;
}

Node* Parser::bind_macro(const std::vector<Node*>& arguments, std::size_t offset) {
  if (arguments.size() != 3 || !plain_name(*arguments[0]))
    return wrong(offset, "cel.bind takes a name, its value and an expression");
  Node* node = make(Op::bind, offset, {arguments[1], arguments[2]});
  if (node != nullptr) node->name = arguments[0]->name;
  return node;
}

// list.sortBy(x, key): a function of the list and of its map(x, key).
Node* Parser::sort_macro(Node* target, const std::vector<Node*>& arguments, std::size_t offset) {
  if (arguments.size() != 2) return wrong(offset, "sortBy takes a new variable and its key: sortBy(x, x.score)");
  constexpr std::string_view kList = "@sorted";
  Node* const list = make(Op::name, offset);
  Node* const again = make(Op::name, offset);
  if (list == nullptr || again == nullptr) return nullptr;
  list->name = again->name = kList;
  Node* const keys = loop_macro("map", again, arguments, offset);
  Node* const sorted = keys == nullptr ? nullptr : make(Op::call, offset, {list, keys});
  if (sorted == nullptr) return nullptr;
  sorted->name = "sortBy";
  Node* const node = make(Op::bind, offset, {target, sorted});
  if (node != nullptr) node->name = kList;
  return node;
}

// cel.block([a, b], body): b may use a as cel.index(0), body both; cel.iterVar(d, n) names the variable of a loop. Written by
// programs that take common parts out of an expression.
Node* Parser::block_macro(const std::vector<Node*>& arguments, std::size_t offset) {
  if (arguments.size() != 2 || arguments[0]->op != Op::list || !arguments[0]->optional_parts.empty()) {
    return wrong(offset, "cel.block takes a list of parts and an expression");
  }
  Node* body = arguments[1];
  const std::vector<Node*>& parts = arguments[0]->children;
  for (std::size_t i = parts.size(); i-- > 0 && body != nullptr;) {
    body = make(Op::bind, offset, {parts[i], body});
    if (body != nullptr) body->name = fmt::format("@index{}", i);
  }
  return body;
}

Node* Parser::cel_macro(std::string_view name, const std::vector<Node*>& arguments, std::size_t offset) {
  if (name == "bind") return bind_macro(arguments, offset);
  if (name == "block") return block_macro(arguments, offset);
  if (name != "index" && name != "iterVar") return wrong(offset, fmt::format("no function 'cel.{}'", name));
  std::string variable = fmt::format("@{}", name);
  for (const Node* argument : arguments) {
    if (argument->op != Op::constant || !argument->value.is_int())
      return wrong(argument->offset, fmt::format("cel.{} takes plain numbers", name));
    variable += fmt::format("{}{}", name == "iterVar" ? ":" : "", argument->value.as_int());
  }
  Node* node = make(Op::name, offset);
  node->name = std::move(variable);
  return node;
}

Node* Parser::loop_macro(std::string_view name, Node* target, const std::vector<Node*>& arguments, std::size_t offset) {
  const Macro* known = nullptr;
  for (const Macro& macro : kMacros) {
    if (macro.name == name && macro.arguments == arguments.size()) known = &macro;
  }
  if (known == nullptr) return nullptr;
  const std::size_t variables = known->two_variables ? 2 : 1;
  for (std::size_t i = 0; i < variables; ++i) {
    if (!plain_name(*arguments[i]))
      return wrong(arguments[i]->offset,
                   fmt::format("the {} argument of {} is a new variable: a plain name", i == 0 ? "first" : "second", name));
  }
  if (known->two_variables && arguments[0]->name == arguments[1]->name) {
    return wrong(arguments[1]->offset, fmt::format("the two variables of {} need two names", name));
  }
  std::vector<Node*> children{target};
  children.insert(children.end(), arguments.begin() + static_cast<std::ptrdiff_t>(variables), arguments.end());
  Node* node = make(Op::loop, offset, std::move(children));
  if (node == nullptr) return nullptr;
  node->loop = known->kind;
  node->two_variables = known->two_variables;
  node->name = arguments[0]->name;
  if (known->two_variables) node->second_name = arguments[1]->name;
  node->value = Value(name);
  return node;
}

}  // namespace thalweg::lang
