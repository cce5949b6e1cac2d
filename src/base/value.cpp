#include "thalweg/value.h"

#include <unordered_set>
#include <vector>

#include "base/value_access.h"

namespace thalweg {

std::string_view type_name(Kind kind) noexcept {
  switch (kind) {
    case Kind::null:
      return "null_type";
    case Kind::boolean:
      return "bool";
    case Kind::integer:
      return "int";
    case Kind::unsigned_integer:
      return "uint";
    case Kind::real:
      return "double";
    case Kind::timestamp:
      return "google.protobuf.Timestamp";
    case Kind::duration:
      return "google.protobuf.Duration";
    case Kind::string:
      return "string";
    case Kind::bytes:
      return "bytes";
    case Kind::list:
      return "list";
    case Kind::map:
      return "map";
    case Kind::type:
      return "type";
    case Kind::floats:
      return "floats";
  }
  return "unknown";
}

Value::Value(std::string_view text) : Value(ValueAccess::copy_of(Kind::string, text.data(), text.size())) {}
Value Value::bytes(std::string_view data) { return ValueAccess::copy_of(Kind::bytes, data.data(), data.size()); }
Value Value::type(std::string_view name) { return ValueAccess::copy_of(Kind::type, name.data(), name.size()); }
Value Value::floats(std::span<const float> data) {
  return ValueAccess::copy_of(Kind::floats, data.data(), data.size(), sizeof(float));
}

Value Value::list(std::vector<Value> items) {
  Value made = ValueAccess::empty_list(items.size());
  for (Value& item : items) ValueAccess::push(made, std::move(item));
  return made;
}

Value Value::list(std::span<const Value> items) {
  Value made = ValueAccess::empty_list(items.size());
  for (const Value& item : items) ValueAccess::push(made, item);
  return made;
}

Value Value::map() { return ValueAccess::empty_map(0); }

Value Value::map(std::vector<Entry> entries) {
  Value made = ValueAccess::empty_map(entries.size());
  for (Entry& entry : entries) ValueAccess::push(made, std::move(entry.key), std::move(entry.value));
  return made;
}

Value Value::map(std::initializer_list<Entry> entries) {
  Value made = ValueAccess::empty_map(entries.size());
  for (const Entry& entry : entries) ValueAccess::push(made, entry.key, entry.value);
  return made;
}

Value Value::external_string(std::string_view text, std::shared_ptr<const void> owner) {
  return ValueAccess::borrow(Kind::string, text.data(), text.size(), std::move(owner));
}
Value Value::external_bytes(std::string_view data, std::shared_ptr<const void> owner) {
  return ValueAccess::borrow(Kind::bytes, data.data(), data.size(), std::move(owner));
}
Value Value::external_floats(std::span<const float> data, std::shared_ptr<const void> owner) {
  return ValueAccess::borrow(Kind::floats, data.data(), data.size(), std::move(owner));
}

double Value::as_number() const noexcept {
  if (is_int()) return static_cast<double>(as_int());
  if (is_uint()) return static_cast<double>(as_uint());
  return as_real();
}

const Value* Value::find(std::string_view key) const noexcept {
  if (!is_map()) return nullptr;
  const Entry* found = ValueAccess::find(*ValueAccess::map(*this), key);
  return found == nullptr ? nullptr : &found->value;
}

const Value* Value::find_key(const Value& key) const noexcept {
  if (!is_map()) return nullptr;
  const Entry* found = ValueAccess::find(*ValueAccess::map(*this), key);
  return found == nullptr ? nullptr : &found->value;
}

std::size_t Value::footprint() const noexcept {
  std::size_t total = 0;
  std::vector<const Value*> pending{this};
  std::unordered_set<const void*> met;
  while (!pending.empty()) {
    const Value& value = *pending.back();
    pending.pop_back();
    total += sizeof(Value);
    if ((value.is_list() || value.is_map()) && !value.unique() && !met.insert(value.payload_.object).second) continue;
    switch (value.kind_) {
      case Kind::string:
      case Kind::bytes:
      case Kind::type:
      case Kind::floats:
        total += sizeof(Object) + value.size() * (value.is(Kind::floats) ? sizeof(float) : 1);
        break;
      case Kind::list:
        total += sizeof(ValueAccess::List);
        for (const Value& item : value.items()) pending.push_back(&item);
        break;
      case Kind::map:
        total += sizeof(ValueAccess::Map) + ValueAccess::map(value)->slot_count * sizeof(std::uint32_t);
        for (const Entry& entry : value.entries()) {
          pending.push_back(&entry.key);
          pending.push_back(&entry.value);
        }
        break;
      default:
        break;
    }
  }
  return total;
}

void Value::destroy(Kind kind, Object* object) noexcept { ValueAccess::destroy(kind, object); }

}  // namespace thalweg
