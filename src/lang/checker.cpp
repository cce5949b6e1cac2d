#include "lang/checker.h"

#include <re2/re2.h>

#include <algorithm>

#include "lang/machine.h"
#include "lang/regex.h"

namespace thalweg::lang {

namespace {
using Kind = Type::Kind;
constexpr std::uint64_t kFoldingLimit = 1'000;

std::string_view operator_name(Op op) noexcept {
  switch (op) {
    case Op::add:
      return "+";
    case Op::subtract:
      return "-";
    case Op::multiply:
      return "*";
    case Op::divide:
      return "/";
    case Op::remainder:
      return "%";
    default:
      return "negate";
  }
}

bool foldable(Op op) noexcept {
  switch (op) {
    case Op::variable:
    case Op::local:
    case Op::now:
    case Op::unknown:
    case Op::name:
    case Op::loop:
    case Op::bind:
    case Op::constant:
      return false;
    default:
      return true;
  }
}
}  // namespace

void Checker::check(Node& node) {
  switch (node.op) {
    case Op::constant:
      node.type = type_of(node.value);
      return;
    case Op::name:
    case Op::select:
      chain(node);
      break;
    case Op::has_field:
      has_field(node);
      break;
    case Op::index:
      index(node);
      break;
    case Op::opt_select:
    case Op::opt_index:
      ++guards_;
      check_children(node);
      --guards_;
      node.type = Type::optional({});
      break;
    case Op::list:
      list(node);
      break;
    case Op::map:
      map(node);
      break;
    case Op::call:
      call(node);
      break;
    case Op::and_all:
    case Op::or_any:
    case Op::invert:
      check_children(node);
      for (const Node* child : node.children) boolean(*child, node.op == Op::and_all ? "&&" : node.op == Op::or_any ? "||" : "!");
      node.type = Kind::boolean;
      break;
    case Op::conditional:
      conditional(node);
      break;
    case Op::equal:
    case Op::unequal:
    case Op::less:
    case Op::less_equal:
    case Op::greater:
    case Op::greater_equal:
      compare(node);
      break;
    case Op::in:
      member_of(node);
      break;
    case Op::add:
    case Op::subtract:
    case Op::multiply:
    case Op::divide:
    case Op::remainder:
    case Op::negate:
      operands(node, operator_name(node.op));
      break;
    case Op::loop:
      loop(node);
      break;
    case Op::bind:
      bind(node);
      break;
    case Op::fallback:
      fallback(node);
      break;
    default:
      break;
  }
  fold(node);
}

void Checker::check_children(Node& node) {
  for (Node* child : node.children) check(*child);
}

// What may be null or absent is no operand: the run would fail with the first value that is.
bool Checker::needs_value(const Node& node, std::string_view what) {
  if (guards_ > 0 || !node.type.may_be_absent()) return true;
  std::string path;
  const Node* at = &node;
  for (; at->op == Op::select; at = at->children[0]) path = "." + at->name + path;
  path = at->op == Op::variable || at->op == Op::local ? at->name + path : std::string("x");
  problem(node,
          "'{0}' needs a value, but {1} may be null or absent ({2}); write default({1}, ...), or ask {1} != null or has({1})",
          what, path, node.type.text());
  return false;
}

void Checker::boolean(const Node& node, std::string_view what) {
  if (!needs_value(node, what)) return;
  if (!node.type.is(Kind::boolean) && !node.type.is_dyn()) {
    problem(node, "'{}' needs a bool here, not {}", what, node.type.marked(false).text());
  }
}

void Checker::conditional(Node& node) {
  check_children(node);
  boolean(*node.children[0], "?:");
  node.type = join(node.children[1]->type, node.children[2]->type);
}

void Checker::has_field(Node& node) {
  ++guards_;
  unfolded_ = node.children[0];
  check(*node.children[0]);
  --guards_;
  node.type = Kind::boolean;
}

void Checker::fallback(Node& node) {
  ++guards_;
  check(*node.children[0]);
  --guards_;
  check(*node.children[1]);
  const Type found = node.children[0]->type.marked(false);
  node.type = join(found, node.children[1]->type);
}

void Checker::list(Node& node) {
  check_children(node);
  Type item;
  for (std::size_t i = 0; i < node.children.size(); ++i) {
    const bool optional = !node.optional_parts.empty() && node.optional_parts[i];
    const Type type = optional ? node.children[i]->type.argument(0) : node.children[i]->type.marked(false);
    item = i == 0 ? type : join(item, type);
  }
  node.type = Type::list(item);
}

void Checker::map(Node& node) {
  check_children(node);
  Type key, value;
  for (std::size_t i = 0; i < node.children.size(); i += 2) {
    const Type& given = node.children[i]->type;
    if (!given.is_dyn() && !given.is(Kind::string) && !given.is(Kind::integer) && !given.is(Kind::unsigned_integer) &&
        !given.is(Kind::boolean)) {
      problem(*node.children[i], "a map key must be int, uint, bool or string, not {}", given.text());
    }
    const bool optional = !node.optional_parts.empty() && node.optional_parts[i / 2];
    const Type held = optional ? node.children[i + 1]->type.argument(0) : node.children[i + 1]->type.marked(false);
    key = i == 0 ? given : join(key, given);
    value = i == 0 ? held : join(value, held);
  }
  node.type = Type::map(key, value);
}

void Checker::index(Node& node) {
  check_children(node);
  const Type& target = node.children[0]->type;
  const Node& key = *node.children[1];
  const Type& by = key.type;
  if (!needs_value(*node.children[0], "[]") || !needs_value(key, "[]")) return;
  switch (target.kind()) {
    case Kind::list:
    case Kind::stream:
    case Kind::floats:
      if (!by.is_number() && !by.is_dyn()) problem(node, "a list is indexed by int, not by {}", by.text());
      node.type = target.is(Kind::floats) ? Type(Kind::real) : target.argument(0);
      return;
    case Kind::map:
      if (!accepts(target.argument(0), by.marked(false)) && !(target.argument(0).is_number() && by.is_number())) {
        problem(node, "this map's keys are {}, not {}", target.argument(0).text(), by.text());
      }
      node.type = target.argument(1);
      return;
    case Kind::object:
      if (!by.is(Kind::string) && !by.is_dyn()) problem(node, "this map's keys are string, not {}", by.text());
      if (key.op == Op::constant && key.value.is_string()) {
        if (const Type* field = target.field(key.value.as_string())) node.type = *field;
      }
      return;
    case Kind::optional:
      node.type = Type::optional({});
      return;
    case Kind::dyn:
      return;
    default:
      problem(node, "{} cannot be indexed", with_article(target.text()));
  }
}

void Checker::bind(Node& node) {
  check(*node.children[0]);
  node.slot = locals_.add(node.name, node.children[0]->type);
  check(*node.children[1]);
  locals_.drop(1);
  node.type = node.children[1]->type;
  program_.may_share = true;
}

void Checker::loop(Node& node) {
  check(*node.children[0]);
  const Type& range = node.children[0]->type;
  needs_value(*node.children[0], node.value.is_string() ? node.value.as_string() : "loop");
  const bool optional = node.loop == LoopKind::optional_map || node.loop == LoopKind::optional_flat_map;
  Type first, second;
  switch (range.kind()) {
    case Kind::dyn:
      break;
    case Kind::list:
    case Kind::stream:
      second = range.argument(0);
      first = node.two_variables ? Type(Kind::integer) : second;
      break;
    case Kind::floats:
      second = Kind::real;
      first = node.two_variables ? Kind::integer : Kind::real;
      break;
    case Kind::map:
      first = range.argument(0);
      second = range.argument(1);
      break;
    case Kind::object:
      first = Kind::string;
      break;
    case Kind::optional:
      first = range.argument(0);
      [[fallthrough]];
    default:
      if (optional && range.is(Kind::optional)) break;
      problem(node, "'{}' needs a list or a map, not {}", node.value.as_string(), range.text());
  }
  node.slot = locals_.add(node.name, first);
  if (node.two_variables) locals_.add(node.second_name, second);
  for (std::size_t i = 1; i < node.children.size(); ++i) check(*node.children[i]);
  locals_.drop(node.two_variables ? 2 : 1);
  program_.may_share = true;
  const Type last = node.children.back()->type.marked(false);
  switch (node.loop) {
    case LoopKind::all:
    case LoopKind::exists:
    case LoopKind::exists_one:
      boolean(*node.children[1], node.value.as_string());
      node.type = Kind::boolean;
      break;
    case LoopKind::filter:
      boolean(*node.children[1], "filter");
      node.type = Type::list(first);
      break;
    case LoopKind::map_filtered:
    case LoopKind::to_map_filtered:
    case LoopKind::to_map_entry_filtered:
      boolean(*node.children[1], node.value.as_string());
      [[fallthrough]];
    default:
      node.type = node.loop == LoopKind::map || node.loop == LoopKind::map_filtered         ? Type::list(last)
                  : node.loop == LoopKind::to_map || node.loop == LoopKind::to_map_filtered ? Type::map(first, last)
                  : node.loop == LoopKind::optional_map                                     ? Type::optional(last)
                  : node.loop == LoopKind::optional_flat_map || last.is(Kind::map)          ? last
                                                                                            : Type::map({}, {});
  }
}

// What depends on nothing is worked out now, unless it fails or takes long: then it does so when evaluated.
void Checker::fold(Node& node) {
  if (!foldable(node.op) || &node == unfolded_) return;
  if (!std::ranges::all_of(node.children, [](const Node* child) { return child->op == Op::constant; })) return;
  if (node.op == Op::call && node.function == nullptr) return;
  Frame frame{.cost_limit = kFoldingLimit};
  Machine machine(frame, 0);
  Value holder;
  const Value* value = machine.eval(node, holder);
  if (value == nullptr) return;
  Value result = *value;
  node.op = Op::constant;
  node.value = std::move(result);
  node.children.clear();
}

}  // namespace thalweg::lang
