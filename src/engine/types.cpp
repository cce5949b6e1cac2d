#include "engine/types.h"

namespace thalweg {

using lang::Type;

namespace {

Fit worse(Fit a, Fit b) { return std::min(a, b); }

Fit object_fits(const Type& expected, const Type& actual) {
  Fit all = Fit::yes;
  for (const Type::Field& field : expected.fields()) {
    const Type* found = actual.field(field.name);
    if (found != nullptr) {
      all = worse(all, fits(field.type, *found));
    } else if (!field.type.may_be_absent()) {
      return Fit::no;
    }
  }
  return all;
}

Fit map_fits(const Type& expected, const Type& actual) {
  if (actual.is(Type::Kind::map)) {
    return worse(fits(expected.argument(0), actual.argument(0)), fits(expected.argument(1), actual.argument(1)));
  }
  Fit all = fits(expected.argument(0), Type(Type::Kind::string));
  for (const Type::Field& field : actual.fields()) all = worse(all, fits(expected.argument(1), field.type));
  return all;
}

// The way to the part that is looked at, written only when something is wrong.
struct Way {
  const Way* outer = nullptr;
  std::string_view field;
  std::size_t index = 0;
  bool given = false;  ///< of the outermost: the value comes from outside
  [[nodiscard]] bool from_outside() const noexcept { return outer == nullptr ? given : outer->from_outside(); }
  [[nodiscard]] std::string text() const {
    if (outer == nullptr) return {};
    std::string before = outer->text();
    if (field.empty()) return fmt::format("{}[{}]", before, index);
    return before.empty() ? std::string(field) : fmt::format("{}.{}", before, field);
  }
};

std::unexpected<Error> misfit(const Way& way, const Type& type, const Value& value) {
  const std::string at = way.text();
  const std::string_view is = type_name(value.kind());
  return fail(Code::invalid_argument, "{}must be {}, not {}", at.empty() ? "" : at + " ", type.text(),
              is == "null_type" ? "null" : is);
}

Error at_way(const Error& error, const Way& way) {
  const std::string at = way.text();
  return at.empty() ? error : error.at(at);
}

// Nothing when the value fits as it is, else the one to take.
using Changed = Result<std::optional<Value>>;
Changed fitted(const Type& type, const Value& value, const Way& way);

Changed fitted_items(const Type& item, const Value& value, const Way& way) {
  if (item.is_dyn()) return std::nullopt;
  std::vector<Value> items;
  for (std::size_t i = 0; i < value.items().size(); ++i) {
    auto changed = TRY(fitted(item, value.items()[i], Way{&way, {}, i}));
    if (changed && items.empty()) items.assign(value.items().begin(), value.items().end());
    if (changed) items[i] = std::move(*changed);
  }
  if (items.empty()) return std::nullopt;
  return Value::list(std::move(items));
}

Changed fitted_floats(const Type& type, const Value& value, const Way& way) {
  std::vector<float> floats;
  floats.reserve(value.items().size());
  for (std::size_t i = 0; i < value.items().size(); ++i) {
    if (!value.items()[i].is_number()) return misfit(Way{&way, {}, i}, type, value.items()[i]);
    floats.push_back(static_cast<float>(value.items()[i].as_number()));
  }
  return Value::floats(floats);
}

// The same map with its keys as the type has them: JSON writes every key as a text.
Result<Value> with_keys(const Type& key, const Value& value, const Way& way) {
  MapBuilder changed;
  changed.reserve(value.size());
  for (const Entry& entry : value.entries()) {
    Value read = entry.key;
    if (entry.key.is_string()) {
      auto known = read_text(key, entry.key.as_string());
      if (!known) return std::unexpected(at_way(known.error(), way));
      read = std::move(*known);
    }
    if (!changed.add(std::move(read), entry.value)) {
      return std::unexpected(at_way(Error(Code::invalid_argument, "two keys of the map are the same"), way));
    }
  }
  return changed.build();
}

Changed fitted_map(const Type& type, const Value& value, const Way& way) {
  const Type& key = type.argument(0);
  if (!key.is_dyn() && !key.is(Type::Kind::string) && way.from_outside() &&
      std::ranges::any_of(value.entries(), [](const Entry& entry) { return entry.key.is_string(); })) {
    const Value changed = TRY(with_keys(key, value, way));
    auto again = TRY(fitted_map(type, changed, way));
    return again ? std::move(again) : changed;
  }
  std::vector<Entry> entries;
  for (std::size_t i = 0; i < value.entries().size(); ++i) {
    const Entry& entry = value.entries()[i];
    const Way inner{&way, entry.key.is_string() ? entry.key.as_string() : std::string_view(), i};
    if (TRY(fitted(type.argument(0), entry.key, inner))) return misfit(inner, type.argument(0), entry.key);
    auto changed = TRY(fitted(type.argument(1), entry.value, inner));
    if (changed && entries.empty()) entries.assign(value.entries().begin(), value.entries().end());
    if (changed) entries[i].value = std::move(*changed);
  }
  if (entries.empty()) return std::nullopt;
  return Value::map(std::move(entries));
}

Changed fitted_object(const Type& type, const Value& value, const Way& way) {
  std::optional<Value> result;
  for (const Type::Field& field : type.fields()) {
    const Way inner{&way, field.name, 0};
    const Value* found = value.find(field.name);
    if (found == nullptr) {
      if (field.type.may_be_absent()) continue;
      return fail(Code::invalid_argument, "{} is missing; it must be {}", inner.text(), field.type.text());
    }
    if (auto changed = TRY(fitted(field.type, *found, inner))) {
      result = (result ? std::move(*result) : Value(value)).set(Value(field.name), std::move(*changed));
    }
  }
  return result;
}

Changed fitted(const Type& type, const Value& value, const Way& way) {
  using K = Type::Kind;
  if (type.is_dyn() || (value.is_null() && type.may_be_absent())) return std::nullopt;
  if (value.is_string() && is_read_from_text(type) && way.from_outside()) {
    auto read = read_text(type, value.as_string());
    if (!read) return std::unexpected(at_way(read.error(), way));
    return std::move(*read);
  }
  const auto require = [&](bool good) -> Changed {
    if (good) return std::nullopt;
    return misfit(way, type, value);
  };
  switch (type.kind()) {
    case K::null:
      return require(value.is_null());
    case K::boolean:
      return require(value.is_bool());
    case K::integer:
      return require(value.is_int());
    case K::unsigned_integer:
      if (value.is_int() && value.as_int() >= 0) return Value(static_cast<std::uint64_t>(value.as_int()));
      return require(value.is_uint());
    case K::real:
      if (value.is_int() || value.is_uint()) return Value(value.as_number());
      return require(value.is_real());
    case K::string:
      return require(value.is_string());
    case K::bytes:
      return require(value.is_bytes());
    case K::timestamp:
      return require(value.is(Kind::timestamp));
    case K::duration:
      return require(value.is(Kind::duration));
    case K::floats:
      if (value.is_list()) return fitted_floats(type, value, way);
      return require(value.is(Kind::floats));
    case K::type:
      return require(value.is(Kind::type));
    case K::list:
    case K::stream:
      if (!value.is_list()) return misfit(way, type, value);
      return fitted_items(type.argument(0), value, way);
    case K::map:
      if (!value.is_map()) return misfit(way, type, value);
      return fitted_map(type, value, way);
    case K::object:
      if (!value.is_map()) return misfit(way, type, value);
      return fitted_object(type, value, way);
    default:
      return std::nullopt;
  }
}

}  // namespace

Fit fits(const Type& expected, const Type& actual) {
  using K = Type::Kind;
  if (actual.may_be_absent() && !expected.may_be_absent() && !expected.is_dyn()) return Fit::no;
  if (expected.is_dyn()) return Fit::yes;
  if (actual.is_dyn()) return Fit::unsure;
  if (actual.is(K::null) && expected.may_be_absent()) return Fit::yes;
  switch (expected.kind()) {
    case K::real:
      if (actual.is(K::integer) || actual.is(K::unsigned_integer)) return Fit::unsure;
      break;
    case K::unsigned_integer:
      if (actual.is(K::integer)) return Fit::unsure;
      break;
    case K::floats:
      if (actual.is(K::list)) return fits(Type(K::real), actual.argument(0)) == Fit::no ? Fit::no : Fit::unsure;
      break;
    case K::list:
    case K::stream:
      if (actual.is(K::list) || actual.is(K::stream)) return fits(expected.argument(0), actual.argument(0));
      return Fit::no;
    case K::map:
      return actual.is(K::map) || actual.is(K::object) ? map_fits(expected, actual) : Fit::no;
    case K::object:
      if (actual.is(K::map)) {
        return fits(actual.argument(0), Type(K::string)) == Fit::no ? Fit::no : Fit::unsure;
      }
      return actual.is(K::object) ? object_fits(expected, actual) : Fit::no;
    default:
      break;
  }
  return expected.kind() == actual.kind() ? Fit::yes : Fit::no;
}

Type deep_type(const Value& value) {
  if (value.is_list()) {
    if (value.size() == 0) return Type::list({});
    Type item = deep_type(value.items()[0]);
    for (const Value& other : value.items().subspan(1)) item = lang::join(item, deep_type(other));
    return Type::list(std::move(item));
  }
  if (value.is_map()) {
    std::vector<Type::Field> fields;
    for (const Entry& entry : value.entries()) {
      if (!entry.key.is_string()) return lang::type_of(value);
      fields.push_back({std::string(entry.key.as_string()), deep_type(entry.value)});
    }
    return Type::object(std::move(fields));
  }
  return lang::type_of(value);
}

Type taken_whole(const Type& type) {
  return type.is(Type::Kind::stream) ? Type::list(type.argument(0)).marked(type.may_be_absent()) : type;
}

Result<> fit(const Type& type, Value& value) {
  if (auto changed = TRY(fitted(type, value, Way{}))) value = std::move(*changed);
  return {};
}

Result<> fit_given(const Type& type, Value& value) {
  if (auto changed = TRY(fitted(type, value, Way{nullptr, {}, 0, true}))) value = std::move(*changed);
  return {};
}

}  // namespace thalweg
