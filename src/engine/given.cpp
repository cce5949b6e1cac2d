// What comes from outside: JSON, YAML and settings know no times, no bytes, and no keys but texts.

#include <absl/strings/escaping.h>

#include <charconv>

#include "base/time_text.h"
#include "base/utf8.h"
#include "engine/absent.h"
#include "engine/plan.h"
#include "engine/types.h"

namespace thalweg {

using lang::Type;

namespace {

template <class T>
Result<Value> read_integer(std::string_view text, std::string_view type) {
  T number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error == std::errc{} && end == text.data() + text.size()) return Value(number);
  return fail(Code::invalid_argument, "'{}' is no {}", utf8::cut(text), type);
}

Result<Value> read_bytes(std::string_view text) {
  std::string bytes;
  if (absl::Base64Unescape(absl::string_view(text.data(), text.size()), &bytes)) return Value::bytes(bytes);
  return fail(Code::invalid_argument, "'{}' is no base64, which is how bytes are written", utf8::cut(text));
}

}  // namespace

bool is_read_from_text(const Type& type) noexcept {
  return type.is(Type::Kind::timestamp) || type.is(Type::Kind::duration) || type.is(Type::Kind::bytes);
}

Result<Value> read_text(const Type& type, std::string_view text) {
  switch (type.kind()) {
    case Type::Kind::timestamp:
      return Value(TRY(parse_timestamp(text)));
    case Type::Kind::duration:
      return Value(TRY(parse_duration(text, DurationUnits::with_days)));
    case Type::Kind::bytes:
      return read_bytes(text);
    case Type::Kind::integer:
      return read_integer<std::int64_t>(text, "int");
    case Type::Kind::unsigned_integer:
      return read_integer<std::uint64_t>(text, "uint");
    case Type::Kind::boolean:
      if (text == "true" || text == "false") return Value(text == "true");
      return fail(Code::invalid_argument, "'{}' is no bool; write true or false", utf8::cut(text));
    default:
      return Value(text);
  }
}

Result<Value> accept_input(const Plan& plan, Value input) {
  input = leave_out_nulls(plan.input, input);
  if (!plan.input_defaults.empty()) {
    if (input.is_null()) input = Value::map();
    if (input.is_map()) {
      for (const Entry& entry : plan.input_defaults) {
        if (input.find_key(entry.key) == nullptr) input = std::move(input).set(entry.key, entry.value);
      }
    }
  }
  if (plan.input.is(Type::Kind::object) && input.is_map()) {
    for (const Entry& entry : input.entries()) {
      if (!entry.key.is_string() || plan.input.field(entry.key.as_string()) != nullptr) continue;
      std::vector<std::string_view> names;
      for (const Type::Field& field : plan.input.fields()) names.push_back(field.name);
      const std::string near = nearest(entry.key.as_string(), names);
      return fail(Code::invalid_argument, "input has no field '{}'{}", utf8::cut(entry.key.as_string()),
                  near.empty() ? std::string("; its type is " + plan.input.text()) : fmt::format("; did you mean '{}'?", near));
    }
  }
  if (Result<> good = fit_given(plan.input, input); !good) return std::unexpected(good.error().at("input"));
  return input;
}

}  // namespace thalweg
