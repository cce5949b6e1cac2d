#include <utility>

#include "base/error.h"
#include "base/value_access.h"

namespace thalweg {

namespace {

// The part at `path` inside `root`, its way copied where it is shared. Iterative: a path may be long.
Result<> replace(Value& root, std::span<const Value> path, Value value) {
  Value* here = &root;
  for (std::size_t i = 0; i < path.size(); ++i) {
    const bool last = i + 1 == path.size();
    const Value& step = path[i];
    if (here->is_map()) {
      if (!step.is_string() && !step.is_number() && !step.is_bool()) {
        return fail(Code::invalid_argument, "step {} of the path is {}, which is no map key", i,
                    with_article(type_name(step.kind())));
      }
      const Entry* found = ValueAccess::find(*ValueAccess::map(*here), step);
      if (found == nullptr) {
        if (!last) return fail(Code::not_found, "step {} of the path names a key that is not there", i);
        ValueAccess::set(*here, step, std::move(value));
        return {};
      }
      const auto at = static_cast<std::size_t>(found - ValueAccess::map(*here)->entries());
      here = &ValueAccess::writable_map(*here)->entries()[at].value;
    } else if (here->is_list()) {
      if (!step.is_int()) return fail(Code::invalid_argument, "step {} of the path goes into a list and must be an int", i);
      const auto size = static_cast<std::int64_t>(here->size());
      if (step.as_int() < 0 || step.as_int() > size || (step.as_int() == size && !last)) {
        return fail(Code::out_of_range, "index {} at step {} of the path is outside a list of {}", step.as_int(), i, size);
      }
      if (step.as_int() == size) {
        ValueAccess::writable_list(*here, 1);
        ValueAccess::push(*here, std::move(value));
        return {};
      }
      here = &ValueAccess::writable_list(*here)->items()[static_cast<std::size_t>(step.as_int())];
    } else {
      return fail(Code::invalid_argument, "step {} of the path goes into {}", i, with_article(type_name(here->kind())));
    }
  }
  *here = std::move(value);
  return {};
}

}  // namespace

Result<Value> Value::with(std::span<const Value> path, Value value) const& { return Value(*this).with(path, std::move(value)); }

Result<Value> Value::with(std::span<const Value> path, Value value) && {
  TRY(replace(*this, path, std::move(value)));
  return std::move(*this);
}

Value Value::append(Value item) && {
  ValueAccess::writable_list(*this, 1);
  ValueAccess::push(*this, std::move(item));
  return std::move(*this);
}

Value Value::set(Value key, Value value) && {
  ValueAccess::set(*this, std::move(key), std::move(value));
  return std::move(*this);
}

void MapBuilder::reserve(std::size_t entries) {
  if (entries > map_.size()) ValueAccess::writable_map(map_, entries - map_.size());
}

Result<> MapBuilder::add(Value key, Value value) {
  if (!key.is_string() && !key.is_int() && !key.is_uint() && !key.is_bool()) {
    return fail(Code::invalid_argument, "a map key must be int, uint, bool or string, not {}", type_name(key.kind()));
  }
  ValueAccess::writable_map(map_, 1);
  if (ValueAccess::push_new(map_, std::move(key), std::move(value))) return {};
  return fail(Code::already_exists, "the map has the key {} twice",
              // NOLINTNEXTLINE(bugprone-use-after-move): the key is taken only when it is added
              key.is_string() ? fmt::format("'{}'", key.as_string())
              : key.is_bool() ? std::string(key.as_bool() ? "true" : "false")
              : key.is_int()  ? std::to_string(key.as_int())
                              : std::to_string(key.as_uint()));
}

}  // namespace thalweg
