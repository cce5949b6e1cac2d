#include "cli/settings.h"

#include <set>

#include "base/utf8.h"
#include "thalweg/json.h"

namespace thalweg::cli {

using lang::Type;

namespace {
// The declared type at a path; dyn where nothing is known.
Type declared(const Type& input, std::span<const std::string_view> path) {
  Type type = input;
  for (const std::string_view name : path) {
    if (const Type* field = type.field(name)) {
      type = Type(*field);
    } else {
      type = type.is(Type::Kind::map) ? Type(type.argument(1)) : Type();
    }
  }
  return type;
}

// A whole number that JSON does not hold is one of more than 64 bits.
bool is_whole_number(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  return !text.empty() && text.front() != '0' && text.find_first_not_of("0123456789") == std::string_view::npos;
}

Result<Value> value_of(std::string_view text, const Type& type) {
  if (type.is(Type::Kind::string)) return Value(text);
  auto parsed = parse_json(text);
  if (parsed) return parsed;
  if (is_whole_number(text)) return fail(Code::invalid_argument, "{} does not fit 64 bits", text);
  return Value(text);
}

// Maps are merged inside, everything else is replaced.
Value overlaid(Value base, const Value& over) {
  if (!base.is_map() || !over.is_map()) return over;
  for (const Entry& entry : over.entries()) {
    const Value* present = base.find_key(entry.key);
    Value merged = present == nullptr ? entry.value : overlaid(*present, entry.value);
    base = std::move(base).set(entry.key, std::move(merged));
  }
  return base;
}
}  // namespace

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> out;
  while (true) {
    const std::size_t end = text.find(separator);
    out.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return out;
    text.remove_prefix(end + 1);
  }
}

Value with_settings(Value input, const Value& settings) {
  return settings.size() == 0 ? std::move(input) : overlaid(std::move(input), settings);
}

Result<> check_utf8(std::string_view what, std::string_view text) {
  const std::size_t at = utf8::invalid_at(text);
  if (at == std::string_view::npos) return {};
  return fail(Code::invalid_argument, "{} '{}...' is not UTF-8: byte {} is 0x{:02x}", what, text.substr(0, at), at,
              static_cast<unsigned char>(text[at]));
}

Result<Value> parse_settings(const std::vector<std::string>& settings, const Type& input) {
  constexpr std::size_t kDeepest = 100;
  Value out = Value::map();
  std::set<std::string_view> met;
  for (const std::string& setting : settings) {
    TRY(check_utf8("--set", setting));
    const std::size_t equals = setting.find('=');
    if (equals == 0 || equals == std::string::npos) {
      return fail(Code::invalid_argument, "--set '{}' must be key=value, as in --set question='What is a conffile?'", setting);
    }
    const std::string_view key = std::string_view(setting).substr(0, equals);
    const auto path = split(key, '.');
    if (path.size() > kDeepest || std::ranges::find(path, std::string_view()) != path.end()) {
      return fail(Code::invalid_argument, "--set '{}': the key must be names with single dots between them", setting);
    }
    if (!met.insert(key).second) return fail(Code::invalid_argument, "--set {} is given twice; leave one out", key);
    auto given = value_of(std::string_view(setting).substr(equals + 1), declared(input, path));
    if (!given) return std::unexpected(given.error().at(fmt::format("--set {}", key)));
    Value value = std::move(*given);
    for (std::size_t i = path.size(); i-- > 0;) value = Value::map({{Value(path[i]), std::move(value)}});
    out = overlaid(std::move(out), value);
  }
  return out;
}

}  // namespace thalweg::cli
