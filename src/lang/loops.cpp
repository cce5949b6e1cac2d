// The macros that walk a list or a map.

#include "lang/machine.h"
#include "lang/optional.h"

namespace thalweg::lang {

/// What a loop has so far.
struct LoopState {
  bool decided = false;  ///< all or exists is settled
  std::size_t matches = 0;
  std::optional<Fault> first_fault;  ///< of all and exists, which a later element may make good
  std::vector<Value> items;
  MapBuilder entries;
};

namespace {
bool filters(LoopKind kind) noexcept {
  return kind == LoopKind::map_filtered || kind == LoopKind::to_map_filtered || kind == LoopKind::to_map_entry_filtered;
}
bool makes_map(LoopKind kind) noexcept {
  return kind == LoopKind::to_map || kind == LoopKind::to_map_filtered || kind == LoopKind::to_map_entry ||
         kind == LoopKind::to_map_entry_filtered;
}
}  // namespace

// One element; its variables are set. False after a fault.
bool Machine::loop_step(const Node& node, LoopState& state) {
  Value holder;
  const LoopKind kind = node.loop;
  if (kind == LoopKind::all || kind == LoopKind::exists) {
    const Value* result = eval(*node.children[1], holder);
    if (result == nullptr || !result->is_bool()) {
      if (result != nullptr) no_overload(node, node.value.as_string(), *result);
      if (fatal()) return false;
      if (!state.first_fault) state.first_fault = std::move(*fault_);
      fault_.reset();
      return true;
    }
    state.decided = result->as_bool() == (kind == LoopKind::exists);
    return true;
  }
  if (kind == LoopKind::exists_one || kind == LoopKind::filter || filters(kind)) {
    const Value* kept = eval(*node.children[1], holder);
    if (kept == nullptr) return false;
    if (!kept->is_bool()) {
      no_overload(node, node.value.as_string(), *kept);
      return false;
    }
    if (!kept->as_bool()) return true;
    ++state.matches;
    if (kind == LoopKind::exists_one) return true;
    if (kind == LoopKind::filter) {
      state.items.push_back(*locals_[node.slot]);
      return true;
    }
  }
  Value made;
  const Value* result = eval(*node.children[filters(kind) ? 2 : 1], made);
  if (result == nullptr) return false;
  if (!makes_map(kind)) {
    if (result == &made) {
      state.items.push_back(std::move(made));
    } else {
      state.items.push_back(*result);
    }
    return true;
  }
  Result<> added;
  if (kind == LoopKind::to_map || kind == LoopKind::to_map_filtered) {
    added = state.entries.add(*locals_[node.slot], *result);
  } else {
    if (!result->is_map() || is_optional(*result)) {
      no_overload(node, node.value.as_string(), *result);
      return false;
    }
    for (const Entry& entry : result->entries()) {
      added = state.entries.add(entry.key, entry.value);
      if (!added) break;
    }
  }
  if (!added) fail(node, Code::invalid_argument, added.error().message());
  return added.has_value();
}

const Value* Machine::loop(const Node& node, Value& scratch) {
  if (node.loop == LoopKind::optional_map || node.loop == LoopKind::optional_flat_map) return optional_loop(node, scratch);
  Value own;
  const Value* range = eval(*node.children[0], own);
  if (range == nullptr) return nullptr;
  const bool map = range->is_map() && !is_optional(*range);
  if (!map && !range->is_list() && !range->is(Kind::floats)) return no_overload(node, node.value.as_string(), *range);
  LoopState state;
  const std::size_t size = range->size();
  if (node.loop == LoopKind::map || node.loop == LoopKind::filter) state.items.reserve(node.loop == LoopKind::map ? size : 0);
  for (std::size_t i = 0; i < size && !state.decided; ++i) {
    Value number(static_cast<std::int64_t>(i)), real;
    const Value* first = nullptr;
    const Value* second = nullptr;
    if (map) {
      first = &range->entries()[i].key;
      second = &range->entries()[i].value;
    } else {
      if (range->is(Kind::floats)) real = Value(static_cast<double>(range->as_floats()[i]));
      second = range->is(Kind::floats) ? &real : &range->items()[i];
      first = node.two_variables ? &number : second;
    }
    set_local(node.slot, first);
    if (node.two_variables) set_local(node.slot + 1, second);
    if (!charge(node, 1) || !loop_step(node, state)) return nullptr;
  }
  switch (node.loop) {
    case LoopKind::all:
    case LoopKind::exists:
      if (!state.decided && state.first_fault) {
        fault_ = std::move(state.first_fault);
        return nullptr;
      }
      scratch = Value(state.decided == (node.loop == LoopKind::exists));
      return &scratch;
    case LoopKind::exists_one:
      scratch = Value(state.matches == 1);
      return &scratch;
    default:
      scratch = makes_map(node.loop) ? state.entries.build() : Value::list(std::move(state.items));
      return &scratch;
  }
}

const Value* Machine::optional_loop(const Node& node, Value& scratch) {
  Value own, made;
  const Value* target = eval(*node.children[0], own);
  if (target == nullptr) return nullptr;
  if (!is_optional(*target)) return no_overload(node, node.value.as_string(), *target);
  const Value* inner = content(*target);
  if (inner == nullptr) {
    scratch = none();
    return &scratch;
  }
  set_local(node.slot, inner);
  const Value* result = eval(*node.children[1], made);
  if (result == nullptr) return nullptr;
  if (node.loop == LoopKind::optional_flat_map && !is_optional(*result)) return no_overload(node, "optFlatMap", *result);
  scratch = node.loop == LoopKind::optional_map ? some(*result) : Value(*result);
  return &scratch;
}

}  // namespace thalweg::lang
