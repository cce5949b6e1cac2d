#include <algorithm>

#include "lang/type.h"

namespace thalweg::lang {

namespace {
using Kind = Type::Kind;

// The way to the part that is looked at, written only when something is wrong.
struct Way {
  const Way* outer = nullptr;
  std::string_view field;
  std::size_t index = 0;

  [[nodiscard]] std::string text() const {
    std::string before = outer == nullptr ? std::string() : outer->text();
    if (outer == nullptr) return before;
    if (field.empty()) return fmt::format("{}[{}]", before, index);
    return before.empty() ? std::string(field) : fmt::format("{}.{}", before, field);
  }
};

std::unexpected<Error> mismatch(const Way& way, const Type& type, std::string_view is) {
  const std::string at = way.text();
  return fail(Code::invalid_argument, "{} is {}, not {}", at.empty() ? "the value" : at, is, type.text());
}

Result<> part(const Type& type, const Value& value, bool widen, const Way& way);

Result<> items(const Type& type, const Value& value, bool widen, const Way& way) {
  const Type& item = type.argument(0);
  if (item.is_dyn()) return {};
  for (std::size_t i = 0; i < value.items().size(); ++i) TRY(part(item, value.items()[i], widen, Way{&way, {}, i}));
  return {};
}

Result<> entries(const Type& type, const Value& value, bool widen, const Way& way) {
  if (type.argument(0).is_dyn() && type.argument(1).is_dyn()) return {};
  for (std::size_t i = 0; i < value.entries().size(); ++i) {
    const Entry& entry = value.entries()[i];
    const Way inner{&way, entry.key.is_string() ? entry.key.as_string() : std::string_view(), i};
    TRY(part(type.argument(0), entry.key, widen, inner));
    TRY(part(type.argument(1), entry.value, widen, inner));
  }
  return {};
}

Result<> fields(const Type& type, const Value& value, bool widen, const Way& way) {
  for (const Type::Field& field : type.fields()) {
    const Value* found = value.find(field.name);
    const Way inner{&way, field.name, 0};
    if (found != nullptr) {
      TRY(part(field.type, *found, widen, inner));
    } else if (!field.type.may_be_absent()) {
      return mismatch(inner, field.type, "missing");
    }
  }
  return {};
}

Result<> part(const Type& type, const Value& value, bool widen, const Way& way) {
  if (type.is_dyn() || (value.is_null() && type.may_be_absent())) return {};
  const Type actual = type_of(value);
  if (widen && type.is(Kind::real) && value.is_int()) return {};
  if (widen && type.is(Kind::unsigned_integer) && value.is_int() && value.as_int() >= 0) return {};
  if (type.is(Kind::object) && value.is_map()) return fields(type, value, widen, way);
  if (type.is(Kind::stream) && value.is_list()) return items(type, value, widen, way);
  if (type.kind() != actual.kind()) return mismatch(way, type, with_article(type_name(value.kind())));
  if (type.is(Kind::list)) return items(type, value, widen, way);
  if (type.is(Kind::map)) return entries(type, value, widen, way);
  return {};
}
}  // namespace

Type inferred(const Value& value, int levels) {
  if (levels == 0) return {};
  if (value.is_list()) {
    constexpr std::size_t kMostItems = 100;
    Type item;
    for (std::size_t i = 0; i < std::min(value.size(), kMostItems); ++i) {
      const Type next = inferred(value.items()[i], levels - 1);
      item = i == 0 ? next : join(item, next);
    }
    return Type::list(value.size() > kMostItems ? Type() : item);
  }
  if (!value.is_map()) return type_of(value);
  std::vector<Type::Field> fields;
  for (const Entry& entry : value.entries()) {
    if (!entry.key.is_string()) return type_of(value);
    fields.push_back({std::string(entry.key.as_string()), inferred(entry.value, levels - 1)});
  }
  return Type::object(std::move(fields));
}

Result<> conforms(const Type& type, const Value& value, bool widen) { return part(type, value, widen, Way{}); }

}  // namespace thalweg::lang
