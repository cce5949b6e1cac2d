// Fields and elements: a.b, a[b], has(a.b), a.?b, a[?b].

#include <cmath>

#include "base/utf8.h"
#include "lang/machine.h"
#include "lang/optional.h"
#include "lang/print.h"
#include "lang/text.h"

namespace thalweg::lang {

namespace {
// What was found inside `target`: as it is when the target lives on, copied when the target is this call's own.
const Value* out_of(const Value* target, const Value& own, const Value* found, Value& scratch) {
  if (target != &own) return found;
  scratch = *found;
  return &scratch;
}
}  // namespace

std::optional<std::int64_t> index_of_key(const Value& key) noexcept {
  if (key.is_int()) return key.as_int();
  if (key.is_uint())
    return key.as_uint() > static_cast<std::uint64_t>(INT64_MAX) ? INT64_MAX : static_cast<std::int64_t>(key.as_uint());
  if (key.is_real() && std::trunc(key.as_real()) == key.as_real() && std::abs(key.as_real()) < 0x1p63) {
    return static_cast<std::int64_t>(key.as_real());
  }
  return std::nullopt;
}

std::optional<Value> as_key(const Value& key) noexcept {
  if (key.is_string() || key.is_int() || key.is_uint() || key.is_bool()) return key;
  if (!key.is_real()) return std::nullopt;
  if (const auto integer = index_of_key(key)) return Value(*integer);
  return key;  // found in no map
}

const Value* element_of(const Value& container, const Value& key, Value& holder) {
  if (container.is_map()) return container.find_key(key);
  const auto at = index_of_key(key);
  if (!at || *at < 0 || static_cast<std::uint64_t>(*at) >= container.size()) return nullptr;
  const auto place = static_cast<std::size_t>(*at);
  if (container.is_list()) return &container.items()[place];
  holder = Value(static_cast<double>(container.as_floats()[place]));
  return &holder;
}

const Value* Machine::select(const Node& node, Value& scratch) {
  Value own;
  const Value* target = operand(*node.children[0], own);
  if (target == nullptr) return nullptr;
  if (const Value* found = target->find(node.name)) [[likely]]
    return out_of(target, own, found, scratch);
  if (target->is_map()) {
    if (is_optional(*target)) {
      const Value* inner = content(*target);
      if (inner != nullptr && !inner->is_map()) return no_overload(node, "." + node.name, *inner);
      const Value* found = inner == nullptr ? nullptr : inner->find(node.name);
      scratch = found == nullptr ? none() : some(*found);
      return &scratch;
    }
    return fail(node, Code::not_found, fmt::format("no such key: '{}'", node.name));
  }
  if (target->is_null()) return fail(node, Code::not_found, fmt::format("null has no field '{}'", node.name));
  return fail(node, Code::invalid_argument,
              fmt::format("{} has no field '{}'", with_article(kind_name(*target)), utf8::cut(node.name)));
}

const Value* Machine::has_field(const Node& node, Value& scratch) {
  const Node& field = *node.children[0];
  if (field.op != Op::select && field.op != Op::opt_select) {  // has(variable): is there a value at all
    Value own;
    const Value* value = eval(field, own);
    if (value == nullptr && !fault_->absent) return nullptr;
    fault_.reset();
    scratch = Value(value != nullptr);
    return &scratch;
  }
  Value own;
  const Value* target = eval(*field.children[0], own);
  if (target == nullptr) {
    if (!fault_->absent) return nullptr;
    fault_.reset();
    scratch = Value(false);
    return &scratch;
  }
  if (target->is_map() && is_optional(*target)) {
    target = content(*target);
    if (target == nullptr) {
      scratch = Value(false);
      return &scratch;
    }
  }
  if (!target->is_map())
    return fail(node, Code::invalid_argument,
                fmt::format("has() looks into a map, not into {}", with_article(kind_name(*target))));
  scratch = Value(target->find(field.name) != nullptr);
  return &scratch;
}

const Value* Machine::index(const Node& node, Value& scratch) {
  Value own, key_holder;
  const Value* target = eval(*node.children[0], own);
  if (target == nullptr) return nullptr;
  const Value* key = eval(*node.children[1], key_holder);
  if (key == nullptr) return nullptr;
  if (target->is_map() && is_optional(*target)) {
    const Value* inner = content(*target);
    Value holder;
    const Value* found = inner == nullptr ? nullptr : element_of(*inner, *key, holder);
    scratch = found == nullptr ? none() : some(*found);
    return &scratch;
  }
  if (target->is_map()) {
    const auto usable = as_key(*key);
    if (!usable) return no_overload(node, "[]", *target, key);
    if (const Value* found = target->find_key(*usable)) return out_of(target, own, found, scratch);
    return fail(node, Code::not_found,
                key->is_string() ? fmt::format("no such key: '{}'", utf8::cut(key->as_string()))
                                 : fmt::format("no such key: {}", plain_text(*key)));
  }
  if (!target->is_list() && !target->is(Kind::floats)) return no_overload(node, "[]", *target, key);
  const auto at = index_of_key(*key);
  if (!at) return no_overload(node, "[]", *target, key);
  Value holder;
  if (const Value* found = element_of(*target, *key, holder)) {
    if (found == &holder) {
      scratch = std::move(holder);
      return &scratch;
    }
    return out_of(target, own, found, scratch);
  }
  return fail(node, Code::not_found, fmt::format("index {} is outside a list of {}", *at, target->size()));
}

const Value* Machine::optional_part(const Node& node, Value& scratch) {
  Value own, key_holder;
  const Value* target = eval(*node.children[0], own);
  if (target == nullptr) {
    if (!fault_->absent) return nullptr;
    fault_.reset();
    scratch = none();
    return &scratch;
  }
  const Value* key = &node.value;
  if (node.op == Op::opt_index) {
    key = eval(*node.children[1], key_holder);
    if (key == nullptr) return nullptr;
  }
  if (target->is_map() && is_optional(*target)) {
    target = content(*target);
    if (target == nullptr) {
      scratch = none();
      return &scratch;
    }
  }
  const bool list = node.op == Op::opt_index && (target->is_list() || target->is(Kind::floats));
  if (!target->is_map() && !list) return no_overload(node, node.op == Op::opt_index ? "[?]" : ".?", *target, key);
  const auto usable = as_key(*key);
  if (!usable) return no_overload(node, "[?]", *target, key);
  Value holder;
  const Value* found = element_of(*target, *usable, holder);
  scratch = found == nullptr ? none() : some(*found);
  return &scratch;
}

}  // namespace thalweg::lang
