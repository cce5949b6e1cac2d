#include "lang/guards.h"

#include "lang/parser.h"

namespace thalweg::lang {

namespace {
// "a.b.c" of a name and the fields behind it; empty for anything else.
std::string path_of(const Node& node) {
  if (node.op == Op::name) return node.name;
  if (node.op != Op::select) return {};
  std::string before = path_of(*node.children[0]);
  return before.empty() ? before : before + "." + node.name;
}
}  // namespace

void find_tested(const Node& node, bool equality, std::vector<std::string>& paths) {
  const auto add = [&](const Node& tested) {
    if (std::string path = path_of(tested); !path.empty()) paths.push_back(std::move(path));
  };
  if (node.op == Op::has_field) add(*node.children[0]);
  if (node.op == Op::unequal || (equality && node.op == Op::equal)) {
    const auto is_null = [](const Node& side) { return side.op == Op::constant && side.value.is_null(); };
    if (is_null(*node.children[0])) add(*node.children[1]);
    if (is_null(*node.children[1])) add(*node.children[0]);
  }
  for (const Node* child : node.children) find_tested(*child, equality, paths);
}

std::vector<std::string> tested_paths(std::string_view condition) {
  Nodes nodes;
  Problems problems(condition);
  std::vector<std::string> paths;
  if (const Node* root = Parser(condition, 0, false, nodes, problems).expression()) find_tested(*root, false, paths);
  return paths;
}

Type with_present(const Type& type, std::string_view path) {
  if (path.empty() || !type.is(Type::Kind::object)) return type.marked(false);
  const std::string_view name = path.substr(0, path.find('.'));
  const std::string_view rest = name.size() == path.size() ? std::string_view() : path.substr(name.size() + 1);
  std::vector<Type::Field> fields(type.fields().begin(), type.fields().end());
  for (Type::Field& field : fields) {
    if (field.name == name) field.type = with_present(field.type, rest);
  }
  return Type::object(std::move(fields));
}

}  // namespace thalweg::lang
