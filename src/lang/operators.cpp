// Comparison, membership and arithmetic.

#include <cmath>

#include "lang/function.h"
#include "lang/machine.h"
#include "lang/optional.h"
#include "lang/times.h"

namespace thalweg::lang {

namespace {
constexpr FunctionEntry kEntries[] = {
    {"+", false,
     "(int, int) -> int; (uint, uint) -> uint; (double, double) -> double; (string, string) -> string; (bytes, bytes) -> bytes; "
     "(list<A>, list<A>) -> list<A>; (timestamp, duration) -> timestamp; (duration, timestamp) -> timestamp; "
     "(duration, duration) -> duration",
     nullptr},
    {"-", false,
     "(int, int) -> int; (uint, uint) -> uint; (double, double) -> double; (timestamp, timestamp) -> duration; "
     "(timestamp, duration) -> timestamp; (duration, duration) -> duration",
     nullptr},
    {"*", false, "(int, int) -> int; (uint, uint) -> uint; (double, double) -> double", nullptr},
    {"/", false, "(int, int) -> int; (uint, uint) -> uint; (double, double) -> double", nullptr},
    {"%", false, "(int, int) -> int; (uint, uint) -> uint", nullptr},
    {"negate", false, "(int) -> int; (double) -> double", nullptr},
};

std::string_view symbol(Op op) noexcept {
  switch (op) {
    case Op::equal:
      return "==";
    case Op::unequal:
      return "!=";
    case Op::less:
      return "<";
    case Op::less_equal:
      return "<=";
    case Op::greater:
      return ">";
    case Op::greater_equal:
      return ">=";
    case Op::add:
      return "+";
    case Op::subtract:
      return "-";
    case Op::multiply:
      return "*";
    case Op::divide:
      return "/";
    default:
      return "%";
  }
}

// How two values of an ordered kind compare; nothing when they have no order.
std::optional<std::partial_ordering> order(const Value& a, const Value& b) noexcept {
  // Beside a double the other number counts as the nearest double, as CEL's conformance cases have it.
  if (a.is_number() && b.is_number()) return a.is_real() || b.is_real() ? a.as_number() <=> b.as_number() : compare_numbers(a, b);
  if (a.kind() != b.kind()) return std::nullopt;
  switch (a.kind()) {
    case Kind::string:
    case Kind::bytes:
      return a.as_string().compare(b.as_string()) <=> 0;
    case Kind::boolean:
      return a.as_bool() <=> b.as_bool();
    case Kind::timestamp:
      return a.as_timestamp() <=> b.as_timestamp();
    case Kind::duration:
      return a.as_duration() <=> b.as_duration();
    default:
      return std::nullopt;
  }
}

bool holds(Op op, std::partial_ordering ordering) noexcept {
  switch (op) {
    case Op::less:
      return ordering < 0;
    case Op::less_equal:
      return ordering <= 0;
    case Op::greater:
      return ordering > 0;
    default:
      return ordering >= 0;
  }
}

constexpr std::size_t kShortText = 256;  // comparing less costs no more than the step it takes

bool scalar(const Value& value) noexcept { return !value.is_list() && !value.is_map(); }
}  // namespace

std::span<const FunctionEntry> operator_functions() noexcept { return kEntries; }

std::optional<bool> Machine::equal(const Node& node, const Value& a, const Value& b) {
  if (scalar(a) || scalar(b)) {
    if (a.kind() == b.kind() && a.size() > kShortText && !charge(node, a.size() / 64)) return std::nullopt;
    return a == b;
  }
  std::vector<std::pair<const Value*, const Value*>> pending{{&a, &b}};
  while (!pending.empty()) {
    const auto [x, y] = pending.back();
    pending.pop_back();
    if (!charge(node, 1)) return std::nullopt;
    if (scalar(*x) || scalar(*y)) {
      if (!(*x == *y)) return false;
      continue;
    }
    if (x->kind() != y->kind() || x->size() != y->size()) return false;
    if (x->is_list()) {
      for (std::size_t i = x->size(); i-- > 0;) pending.emplace_back(&x->items()[i], &y->items()[i]);
      continue;
    }
    for (const Entry& entry : x->entries()) {
      const Value* other = y->find_key(entry.key);
      if (other == nullptr) return false;
      pending.emplace_back(&entry.value, other);
    }
  }
  return true;
}

bool Machine::charge_size(const Node& node, const Value& value) {
  std::vector<const Value*> pending{&value};
  while (!pending.empty()) {
    const Value& part = *pending.back();
    pending.pop_back();
    if (!charge(node, part.is_list() || part.is_map() ? 1 + part.size() : 1)) return false;
    if (part.is_list()) {
      for (const Value& item : part.items()) {
        if (!scalar(item)) pending.push_back(&item);
      }
    } else if (part.is_map()) {
      for (const Entry& entry : part.entries()) {
        if (!scalar(entry.value)) pending.push_back(&entry.value);
      }
    }
  }
  return true;
}

const Value* Machine::compare(const Node& node, Value& scratch) {
  Value a, b;
  const Value* left = operand(*node.children[0], a);
  if (left == nullptr) return nullptr;
  const Value* right = operand(*node.children[1], b);
  if (right == nullptr) return nullptr;
  if (node.op == Op::equal || node.op == Op::unequal) {
    bool same = false;
    if (left->is_string() && right->is_string() && right->size() <= kShortText) {
      same = left->as_string() == right->as_string();
    } else {
      const auto compared = equal(node, *left, *right);
      if (!compared) return nullptr;
      same = *compared;
    }
    scratch = Value(same == (node.op == Op::equal));
    return &scratch;
  }
  if (left->is_real() && right->is_real()) {
    scratch = Value(holds(node.op, left->as_real() <=> right->as_real()));
    return &scratch;
  }
  const auto ordering = order(*left, *right);
  if (!ordering) return no_overload(node, symbol(node.op), *left, right);
  scratch = Value(holds(node.op, *ordering));
  return &scratch;
}

const Value* Machine::member_of(const Node& node, Value& scratch) {
  Value a, b;
  const Value* item = eval(*node.children[0], a);
  if (item == nullptr) return nullptr;
  const Value* container = eval(*node.children[1], b);
  if (container == nullptr) return nullptr;
  bool found = false;
  if (container->is_map()) {
    const auto key = as_key(*item);
    found = key && container->find_key(*key) != nullptr;
  } else if (container->is_list()) {
    for (const Value& candidate : container->items()) {
      if (!charge(node, 1)) return nullptr;
      const auto same = equal(node, *item, candidate);
      if (!same) return nullptr;
      found = *same;
      if (found) break;
    }
  } else if (container->is(Kind::floats)) {
    if (!charge(node, container->size() / 16)) return nullptr;
    for (const float candidate : container->as_floats()) found = found || *item == Value(static_cast<double>(candidate));
  } else {
    return no_overload(node, "in", *item, container);
  }
  scratch = Value(found);
  return &scratch;
}

const Value* Machine::negate(const Node& node, Value& scratch) {
  const Value* operand = eval(*node.children[0], scratch);
  if (operand == nullptr) return nullptr;
  if (operand->is_int()) {
    if (operand->as_int() == INT64_MIN)
      return fail(node, Code::out_of_range, "integer overflow: the smallest int has no negative");
    scratch = Value(-operand->as_int());
  } else if (operand->is_real()) {
    scratch = Value(-operand->as_real());
  } else {
    return no_overload(node, "-", *operand);
  }
  return &scratch;
}

namespace {
// The result of an arithmetic operation on equal numeric kinds; a text when it has none.
template <class T>
std::string_view on_integers(Op op, T a, T b, T& out) noexcept {
  switch (op) {
    case Op::add:
      return __builtin_add_overflow(a, b, &out) ? "integer overflow" : "";
    case Op::subtract:
      return __builtin_sub_overflow(a, b, &out) ? "integer overflow" : "";
    case Op::multiply:
      return __builtin_mul_overflow(a, b, &out) ? "integer overflow" : "";
    default:
      if (b == 0) return op == Op::divide ? "division by zero" : "modulus by zero";
      if constexpr (std::is_signed_v<T>) {
        if (b == -1 && a == INT64_MIN) return "integer overflow";
      }
      out = op == Op::divide ? a / b : a % b;
      return "";
  }
}

double on_reals(Op op, double a, double b) noexcept {
  switch (op) {
    case Op::add:
      return a + b;
    case Op::subtract:
      return a - b;
    case Op::multiply:
      return a * b;
    default:
      return a / b;
  }
}
}  // namespace

const Value* Machine::arithmetic(const Node& node, Value& scratch) {
  Value a, b;
  const Value* left = operand(*node.children[0], a);
  if (left == nullptr) return nullptr;
  const Value* right = operand(*node.children[1], b);
  if (right == nullptr) return nullptr;
  const auto failed = [&](std::string_view what) {
    return fail(node, what.starts_with("integer") ? Code::out_of_range : Code::invalid_argument, std::string(what));
  };
  if (left->is_int() && right->is_int()) {
    std::int64_t out = 0;
    if (const auto what = on_integers(node.op, left->as_int(), right->as_int(), out); !what.empty()) return failed(what);
    scratch = Value(out);
    return &scratch;
  }
  if (left->is_real() && right->is_real() && node.op != Op::remainder) {
    scratch = Value(on_reals(node.op, left->as_real(), right->as_real()));
    return &scratch;
  }
  if (left->is_uint() && right->is_uint()) {
    std::uint64_t out = 0;
    if (const auto what = on_integers(node.op, left->as_uint(), right->as_uint(), out); !what.empty()) return failed(what);
    scratch = Value(out);
    return &scratch;
  }
  return calculate(node, a, *left, *right, scratch);
}

// Everything that is no plain number: texts, lists, times. `a` is the left operand's own holder, reused where it can be.
const Value* Machine::calculate(const Node& node, Value& a, const Value& left, const Value& right, Value& scratch) {
  if (node.op != Op::add && node.op != Op::subtract) return no_overload(node, symbol(node.op), left, &right);
  const bool add = node.op == Op::add;
  if (add && left.kind() == right.kind() && (left.is_string() || left.is_bytes())) {
    std::string both;
    both.reserve(left.size() + right.size());
    both.append(left.as_string()).append(right.as_string());
    if (!charge(node, both.size() / 16)) return nullptr;
    scratch = left.is_string() ? Value(both) : Value::bytes(both);
    return &scratch;
  }
  if (add && left.is_list() && right.is_list()) {
    if (&left == &a && a.unique()) {  // nobody else sees the left list: it grows in place
      if (!charge(node, right.size())) return nullptr;
      Value grown = std::move(a);
      for (const Value& item : right.items()) grown = std::move(grown).append(item);
      scratch = std::move(grown);
      return &scratch;
    }
    if (!charge(node, left.size() + right.size())) return nullptr;
    std::vector<Value> items;
    items.reserve(left.size() + right.size());
    items.insert(items.end(), left.items().begin(), left.items().end());
    items.insert(items.end(), right.items().begin(), right.items().end());
    scratch = Value::list(std::move(items));
    return &scratch;
  }
  Result<Value> result = Value();
  if (left.is(Kind::timestamp) && right.is(Kind::duration)) {
    result = add ? plus(left.as_timestamp(), right.as_duration()) : plus(left.as_timestamp(), negative(right.as_duration()));
  } else if (add && left.is(Kind::duration) && right.is(Kind::timestamp)) {
    result = plus(right.as_timestamp(), left.as_duration());
  } else if (left.is(Kind::duration) && right.is(Kind::duration)) {
    result = plus(left.as_duration(), add ? right.as_duration() : negative(right.as_duration()));
  } else if (!add && left.is(Kind::timestamp) && right.is(Kind::timestamp)) {
    result = difference(left.as_timestamp(), right.as_timestamp());
  } else {
    return no_overload(node, symbol(node.op), left, &right);
  }
  if (!result) return fail(node, result.error().code(), result.error().message());
  scratch = std::move(*result);
  return &scratch;
}

}  // namespace thalweg::lang
