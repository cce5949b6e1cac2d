#include "engine/absent.h"

#include <algorithm>

namespace thalweg {

using lang::Type;

namespace {

// What an entry of a map must be; null pointer: anything.
const Type* type_of_entry(const Type& type, const Entry& entry) {
  if (type.is(Type::Kind::map)) return &type.argument(1);
  return entry.key.is_string() ? type.field(entry.key.as_string()) : nullptr;
}

// Whether values of the type may hold a field that is left out. Most may not, and are not looked through.
bool may_leave_out(const Type& type) {
  if (type.is(Type::Kind::list)) return may_leave_out(type.argument(0));
  if (type.is(Type::Kind::map)) return may_leave_out(type.argument(1));
  if (!type.is(Type::Kind::object)) return false;
  return std::ranges::any_of(type.fields(),
                             [](const Type::Field& field) { return field.type.may_be_absent() || may_leave_out(field.type); });
}

bool is_left_out(const Type& type, const Entry& entry) {
  if (!entry.value.is_null() || !type.is(Type::Kind::object)) return false;
  const Type* field = type_of_entry(type, entry);
  return field != nullptr && field->may_be_absent();
}

bool has_left_out(const Type& type, const Value& value) {
  if (type.is(Type::Kind::list) && value.is_list()) {
    const Type& item_type = type.argument(0);
    return std::ranges::any_of(value.items(), [&](const Value& item) { return has_left_out(item_type, item); });
  }
  if (!(type.is(Type::Kind::object) || type.is(Type::Kind::map)) || !value.is_map()) return false;
  return std::ranges::any_of(value.entries(), [&](const Entry& entry) {
    const Type* inner = type_of_entry(type, entry);
    return is_left_out(type, entry) || (inner != nullptr && has_left_out(*inner, entry.value));
  });
}

}  // namespace

Value leave_out_nulls(const Type& type, const Value& value) {
  if (!may_leave_out(type) || !has_left_out(type, value)) return value;
  if (value.is_list()) {
    std::vector<Value> items;
    items.reserve(value.size());
    for (const Value& item : value.items()) items.push_back(leave_out_nulls(type.argument(0), item));
    return Value::list(std::move(items));
  }
  MapBuilder map;
  for (const Entry& entry : value.entries()) {
    if (is_left_out(type, entry)) continue;
    const Type* inner = type_of_entry(type, entry);
    (void)map.add(entry.key, inner == nullptr ? entry.value : leave_out_nulls(*inner, entry.value));
  }
  return map.build();
}

}  // namespace thalweg
