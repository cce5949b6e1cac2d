// Questions from JSON: the mirror of the answers' encoding.

#include <charconv>
#include <cmath>

#include "base/utf8.h"
#include "lang/answer.h"
#include "lang/print.h"
#include "lang/times.h"

namespace thalweg::lang {

namespace {
using Known = Type::Kind;

std::unexpected<Error> misfit(const Type& type, const Value& json) {
  return fail(Code::invalid_argument, "{} is no {}", with_article(type_name(json.kind())), type.text());
}

template <class T>
Result<Value> whole(const Type& type, const Value& json) {
  T number = 0;
  if (json.is_string()) {
    const std::string_view text = json.as_string();
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
    if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size())
      return fail(Code::invalid_argument, "'{}' is no {}", text, type.text());
    return Value(number);
  }
  if (json.is_int() && (std::is_signed_v<T> || json.as_int() >= 0)) return Value(static_cast<T>(json.as_int()));
  if (json.is_uint() && !std::is_signed_v<T>) return Value(static_cast<T>(json.as_uint()));
  if (json.is_number()) return fail(Code::invalid_argument, "{} is no {}", plain_text(json), type.text());
  return misfit(type, json);
}

Result<Value> real(const Type& type, const Value& json) {
  if (json.is_number()) return Value(json.as_number());
  if (!json.is_string()) return misfit(type, json);
  const std::string_view text = json.as_string();
  if (text == "NaN") return Value(NAN);
  if (text == "Infinity") return Value(HUGE_VAL);
  if (text == "-Infinity") return Value(-HUGE_VAL);
  double number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size())
    return fail(Code::invalid_argument, "'{}' is no double", text);
  return Value(number);
}

Result<Value> octets(const Type& type, const Value& json) {
  if (!json.is_string()) return misfit(type, json);
  const std::string_view text = json.as_string();
  std::string data;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    unsigned byte = 0;
    const char* end = text.data() + std::min(i + 2, text.size());
    const auto parsed = std::from_chars(text.data() + i, end, byte, 16);
    if (i + 2 > text.size() || parsed.ec != std::errc() || parsed.ptr != end) {
      return fail(Code::invalid_argument, "bytes are written in hexadecimal, two digits each; '{}' is not", utf8::cut(text));
    }
    data += static_cast<char>(byte);
  }
  return Value::bytes(data);
}

// {"type", "value"} and nothing else is a typed value.
bool is_typed(const Value& json) {
  const Value* type = json.find("type");
  return json.is_map() && json.size() == 2 && type != nullptr && type->is_string() && json.find("value") != nullptr;
}

Result<Value> part(const Type& type, const Value& json);

Result<Value> list(const Type& type, const Value& json) {
  if (!json.is_list()) return misfit(type, json);
  std::vector<Value> items;
  for (const Value& item : json.items()) items.push_back(TRY(part(type.argument(0), item)));
  return Value::list(std::move(items));
}

// A key of an object is a text; where the type's keys are numbers or bools the text is read as such.
Result<Value> key(const Type& type, const Value& json) {
  if (type.is(Known::boolean) && json.is_string() && (json.as_string() == "true" || json.as_string() == "false")) {
    return Value(json.as_string() == "true");
  }
  return part(type, json);
}

Result<> add_entry(MapBuilder& builder, const Type& type, const Value& key_json, const Value& json) {
  Value held = TRY(key(type.argument(0), key_json));
  Value value = TRY(part(type.argument(1), json));
  return builder.add(std::move(held), std::move(value));
}

Result<Value> map(const Type& type, const Value& json) {
  MapBuilder builder;
  if (json.is_map()) {
    for (const Entry& entry : json.entries()) {
      TRY(add_entry(builder, type, entry.key, entry.value));
    }
    return builder.build();
  }
  if (!json.is_list()) return misfit(type, json);
  for (const Value& pair : json.items()) {
    if (!pair.is_list() || pair.size() != 2) return fail(Code::invalid_argument, "a map is an object or a list of [key, value]");
    TRY(add_entry(builder, type, pair.items()[0], pair.items()[1]));
  }
  return builder.build();
}

Result<Value> object(const Type& type, const Value& json) {
  if (!json.is_map()) return misfit(type, json);
  MapBuilder builder;
  for (const Entry& entry : json.entries()) {
    const Type* field = type.field(entry.key.as_string());
    Value value = TRY(part(field == nullptr ? Type() : *field, entry.value));
    TRY(builder.add(entry.key, std::move(value)));
  }
  return builder.build();
}

Result<Type> named_type(std::string_view name) {
  if (name == "null_type" || name == "google.protobuf.NullValue") return Type(Known::null);
  if (name == "google.protobuf.Timestamp") return Type(Known::timestamp);
  if (name == "google.protobuf.Duration") return Type(Known::duration);
  return parse_type(name);
}

// Of a part whose type is dyn, or that says its own: nested values may be typed again.
Result<Value> part(const Type& type, const Value& json) {
  if (is_typed(json)) return typed_value(TRY(named_type(json.find("type")->as_string())), *json.find("value"));
  return typed_value(type, json);
}

Result<std::string> text_of(const Value& json, std::string_view key) {
  const Value* found = json.find(key);
  if (found == nullptr) return std::string();
  if (!found->is_string()) return fail(Code::invalid_argument, "'{}' must be a string", key);
  return std::string(found->as_string());
}
}  // namespace

Result<Value> typed_value(const Type& type, const Value& json) {
  if (json.is_null() && type.may_be_absent()) return Value();
  switch (type.kind()) {
    case Known::integer:
      return whole<std::int64_t>(type, json);
    case Known::unsigned_integer:
      return whole<std::uint64_t>(type, json);
    case Known::real:
      return real(type, json);
    case Known::boolean:
      return json.is_bool() ? Result<Value>(json) : misfit(type, json);
    case Known::string:
      return json.is_string() ? Result<Value>(json) : misfit(type, json);
    case Known::null:
      return json.is_null() ? Result<Value>(json) : misfit(type, json);
    case Known::bytes:
      return octets(type, json);
    case Known::timestamp:
      if (!json.is_string()) return misfit(type, json);
      return Value(TRY(parse_timestamp(json.as_string())));
    case Known::duration:
      if (!json.is_string()) return misfit(type, json);
      return Value(TRY(parse_duration(json.as_string())));
    case Known::type:
      if (!json.is_string()) return misfit(type, json);
      return Value::type(json.as_string());
    case Known::floats: {
      if (!json.is_list()) return misfit(type, json);
      std::vector<float> numbers;
      for (const Value& item : json.items()) numbers.push_back(static_cast<float>(TRY(real(Known::real, item)).as_real()));
      return Value::floats(numbers);
    }
    case Known::list:
    case Known::stream:
      return list(type, json);
    case Known::map:
      return map(type, json);
    case Known::object:
      return object(type, json);
    default:  // dyn: as JSON has it, with typed values inside
      if (json.is_list()) return list(Type::list({}), json);
      if (json.is_map()) return map(Type::map({}, {}), json);
      return json;
  }
}

Result<> add_variables(Question& question, const Value& variables) {
  if (!variables.is_map()) return fail(Code::invalid_argument, "'vars' must be an object of names and values");
  for (const Entry& entry : variables.entries()) {
    const std::string name(entry.key.as_string());
    const auto named = [&name](Error error) { return std::unexpected(error.at(fmt::format("vars.{}", name))); };
    Type type;
    if (is_typed(entry.value)) {
      auto known = named_type(entry.value.find("type")->as_string());
      if (!known) return named(known.error());
      type = std::move(*known);
    }
    auto value = part(Type(), entry.value);
    if (!value) return named(value.error());
    question.scope.add(name, is_typed(entry.value) ? std::move(type) : inferred(*value));
    question.values.push_back(std::move(*value));
  }
  return {};
}

Result<Question> read_question(const Value& json) {
  if (!json.is_map())
    return fail(Code::invalid_argument, "a question is an object: {{\"expr\": \"x + 1\", \"vars\": {{\"x\": 1}}}}");
  static constexpr std::string_view kKeys[] = {"expr", "vars", "check", "container"};
  for (const Entry& entry : json.entries()) {
    const std::string_view key = entry.key.as_string();
    if (std::ranges::find(kKeys, key) == std::end(kKeys)) {
      return fail(Code::invalid_argument, "unknown key '{}'{}", key, suggestion(nearest(key, kKeys)));
    }
  }
  Question question;
  if (json.find("expr") == nullptr) return fail(Code::invalid_argument, "'expr' is missing");
  question.expression = TRY(text_of(json, "expr"));
  question.container = TRY(text_of(json, "container"));
  if (const Value* check = json.find("check")) {
    if (!check->is_bool()) return fail(Code::invalid_argument, "'check' must be true or false");
    question.check = check->as_bool();
  }
  if (const Value* variables = json.find("vars")) TRY(add_variables(question, *variables));
  return question;
}

}  // namespace thalweg::lang
