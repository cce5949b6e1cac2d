#include "lang/machine.h"

#include <algorithm>
#include <cmath>

#include "base/utf8.h"
#include "lang/function.h"
#include "lang/optional.h"
#include "lang/source.h"

namespace thalweg::lang {

namespace {
constexpr std::uint64_t kStepsBetweenChecks = 1'000;

Value* put(Value& scratch, Value value) {
  scratch = std::move(value);
  return &scratch;
}
}  // namespace

std::string_view kind_name(const Value& value) noexcept {
  switch (value.kind()) {
    case Kind::null:
      return "null";
    case Kind::timestamp:
      return "timestamp";
    case Kind::duration:
      return "duration";
    case Kind::map:
      return is_optional(value) ? "optional" : "map";
    default:
      return type_name(value.kind());
  }
}

Machine::Machine(Frame& frame, std::uint32_t locals)
    : frame_(frame), steps_(frame.steps), pause_at_(std::min(frame.cost_limit, frame.steps + kStepsBetweenChecks)) {
  if (locals > few_locals_.size()) {
    many_locals_.resize(locals);
    locals_ = many_locals_.data();
  }
}

bool Machine::pause(const Node& node) {
  if (steps_ >= frame_.cost_limit) {
    fail(node, Code::resource_exhausted, fmt::format("the cost limit of {} steps is passed", frame_.cost_limit));
    return false;
  }
  if (frame_.context != nullptr) {
    if (const Result<> checked = frame_.context->check(); !checked) {
      fail(node, checked.error().code(), checked.error().message());
      return false;
    }
  }
  pause_at_ = std::min(frame_.cost_limit, steps_ + kStepsBetweenChecks);
  return true;
}

std::nullptr_t Machine::fail(const Node& node, Code code, std::string message) {
  fault_ = Fault{code, std::move(message), node.offset, false};
  return nullptr;
}

bool Machine::fatal() const noexcept {
  return fault_->code == Code::resource_exhausted || fault_->code == Code::cancelled || fault_->code == Code::deadline_exceeded;
}

Error Machine::error(std::string_view source) const {
  frame_.fault = fault_->offset;
  if (frame_.places_faults) return Error(fault_->code, fault_->message);
  return Error(fault_->code, fmt::format("{} ({})", fault_->message, place_text(source, fault_->offset)));
}

const Value* Machine::no_overload(const Node& node, std::string_view name, const Value& a, const Value* b) {
  return fail(node, Code::invalid_argument,
              b == nullptr ? fmt::format("no matching overload for '{}' applied to ({})", name, kind_name(a))
                           : fmt::format("no matching overload for '{}' applied to ({}, {})", name, kind_name(a), kind_name(*b)));
}

const Value* Machine::eval(const Node& node, Value& scratch) {
  if (++steps_ >= pause_at_ && !pause(node)) [[unlikely]]
    return nullptr;
  switch (node.op) {
    case Op::constant:
      return &node.value;
    case Op::variable:
      return variable(node);
    case Op::local:
      return local(node);
    case Op::now:
      return put(scratch, Value(frame_.now));
    case Op::unknown:
    case Op::name:
      return unknown(node);
    case Op::select:
      return select(node, scratch);
    case Op::has_field:
      return has_field(node, scratch);
    case Op::index:
      return index(node, scratch);
    case Op::opt_select:
    case Op::opt_index:
      return optional_part(node, scratch);
    case Op::list:
      return list(node, scratch);
    case Op::map:
      return map(node, scratch);
    case Op::call:
      return call(node, scratch);
    case Op::and_all:
      return logic(node, scratch, false);
    case Op::or_any:
      return logic(node, scratch, true);
    case Op::invert: {
      const Value* operand = eval(*node.children[0], scratch);
      if (operand == nullptr) return nullptr;
      if (!operand->is_bool()) return no_overload(node, "!", *operand);
      return put(scratch, Value(!operand->as_bool()));
    }
    case Op::conditional:
      return conditional(node, scratch);
    case Op::negate:
      return negate(node, scratch);
    case Op::equal:
    case Op::unequal:
    case Op::less:
    case Op::less_equal:
    case Op::greater:
    case Op::greater_equal:
      return compare(node, scratch);
    case Op::in:
      return member_of(node, scratch);
    case Op::add:
    case Op::subtract:
    case Op::multiply:
    case Op::divide:
    case Op::remainder:
      return arithmetic(node, scratch);
    case Op::loop:
      return loop(node, scratch);
    case Op::bind:
      return bind(node, scratch);
    case Op::fallback:
      return fallback(node, scratch);
  }
  return nullptr;
}

const Value* Machine::variable(const Node& node) {
  const Value* value = node.slot < frame_.slots.size() ? frame_.slots[node.slot] : nullptr;
  if (value == nullptr) [[unlikely]] {
    fail(node, Code::not_found, fmt::format("'{}' has no value here; guard it with has() or default()", node.name));
    fault_->absent = true;
  }
  return value;
}

const Value* Machine::local(const Node& node) {
  const Value* value = locals_[node.slot];
  if (value == nullptr) [[unlikely]] {  // a `set` that was not reached
    fail(node, Code::not_found, fmt::format("'{}' was not set on the way here; guard it with has() or default()", node.name));
    fault_->absent = true;
  }
  return value;
}

const Value* Machine::unknown(const Node& node) {
  if (node.value.is_string()) return fail(node, Code::invalid_argument, std::string(node.value.as_string()));  // a function
  fail(node, Code::not_found, fmt::format("undeclared reference to '{}'{}", utf8::cut(node.name), suggestion(node.second_name)));
  fault_->absent = true;
  return nullptr;
}

const Value* Machine::logic(const Node& node, Value& scratch, bool decisive) {
  for (std::size_t i = 0; i < node.children.size(); ++i) {
    const Value* operand = eval(*node.children[i], scratch);
    if (operand == nullptr || !operand->is_bool()) [[unlikely]] {
      if (operand != nullptr) no_overload(node, decisive ? "||" : "&&", *operand);
      return absorb(node, i + 1, scratch, decisive);
    }
    if (operand->as_bool() == decisive) return put(scratch, Value(decisive));
  }
  return put(scratch, Value(!decisive));
}

// One operand failed: a decisive one behind it still decides.
const Value* Machine::absorb(const Node& node, std::size_t from, Value& scratch, bool decisive) {
  if (fatal()) return nullptr;
  Fault first = std::move(*fault_);
  for (std::size_t i = from; i < node.children.size(); ++i) {
    const Value* operand = eval(*node.children[i], scratch);
    if (operand == nullptr && fatal()) return nullptr;
    if (operand != nullptr && operand->is_bool() && operand->as_bool() == decisive) {
      fault_.reset();
      return put(scratch, Value(decisive));
    }
  }
  fault_ = std::move(first);
  return nullptr;
}

const Value* Machine::conditional(const Node& node, Value& scratch) {
  bool chosen = false;
  {
    const Value* condition = eval(*node.children[0], scratch);
    if (condition == nullptr) return nullptr;
    if (!condition->is_bool()) return no_overload(node, "?:", *condition);
    chosen = condition->as_bool();
  }
  return eval(*node.children[chosen ? 1 : 2], scratch);
}

const Value* Machine::bind(const Node& node, Value& scratch) {
  Value holder;
  const Value* value = eval(*node.children[0], holder);
  if (value == nullptr) return nullptr;
  set_local(node.slot, value);
  const Value* result = eval(*node.children[1], scratch);
  if (result != nullptr && result != &scratch) return put(scratch, *result);  // it may stand in `holder`
  return result;
}

const Value* Machine::fallback(const Node& node, Value& scratch) {
  const Value* value = eval(*node.children[0], scratch);
  if (value != nullptr ? !value->is_null() : fault_->code != Code::not_found) return value;
  fault_.reset();
  return eval(*node.children[1], scratch);
}

const Value* Machine::list(const Node& node, Value& scratch) {
  std::vector<Value> items;
  items.reserve(node.children.size());
  for (std::size_t i = 0; i < node.children.size(); ++i) {
    Value holder;
    const Value* item = eval(*node.children[i], holder);
    if (item == nullptr) return nullptr;
    if (!node.optional_parts.empty() && node.optional_parts[i]) {
      if (!is_optional(*item)) return no_overload(node, "[?]", *item);
      if (const Value* inner = content(*item)) items.push_back(*inner);
    } else if (item == &holder) {
      items.push_back(std::move(holder));
    } else {
      items.push_back(*item);
    }
  }
  return put(scratch, Value::list(std::move(items)));
}

const Value* Machine::map(const Node& node, Value& scratch) {
  MapBuilder builder;
  builder.reserve(node.children.size() / 2);
  for (std::size_t i = 0; i < node.children.size(); i += 2) {
    Value key_holder, holder;
    const Value* key = eval(*node.children[i], key_holder);
    if (key == nullptr) return nullptr;
    const Value* value = eval(*node.children[i + 1], holder);
    if (value == nullptr) return nullptr;
    if (!node.optional_parts.empty() && node.optional_parts[i / 2]) {
      if (!is_optional(*value)) return no_overload(node, "{?:}", *value);
      value = content(*value);
      if (value == nullptr) continue;
    }
    if (const Result<> added = builder.add(*key, *value); !added) {
      return fail(*node.children[i], added.error().code() == Code::already_exists ? Code::invalid_argument : added.error().code(),
                  added.error().message());
    }
  }
  return put(scratch, builder.build());
}

const Value* Machine::call(const Node& node, Value& scratch) {
  const auto run = [&](std::span<const Value* const> arguments) -> const Value* {
    Call call(*this, node, arguments, scratch);
    return node.function->run(call) ? &scratch : nullptr;
  };
  switch (node.children.size()) {
    case 0:
      return run({});
    case 1: {
      Value a;
      const Value* arguments[1] = {eval(*node.children[0], a)};
      if (arguments[0] == nullptr) return nullptr;
      return run(arguments);
    }
    case 2: {
      Value a, b;
      const Value* arguments[2] = {eval(*node.children[0], a), nullptr};
      if (arguments[0] == nullptr) return nullptr;
      arguments[1] = eval(*node.children[1], b);
      if (arguments[1] == nullptr) return nullptr;
      return run(arguments);
    }
    default: {
      std::vector<Value> holders(node.children.size());
      std::vector<const Value*> arguments(node.children.size());
      for (std::size_t i = 0; i < arguments.size(); ++i) {
        arguments[i] = eval(*node.children[i], holders[i]);
        if (arguments[i] == nullptr) return nullptr;
      }
      return run(arguments);
    }
  }
}

}  // namespace thalweg::lang
