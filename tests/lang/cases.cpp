#include "lang/cases.h"

#include <fstream>

#include "lang/expression.h"
#include "lang/machine.h"
#include "lang/print.h"

namespace thalweg::lang::test {

namespace {
std::string trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(" \t\r") - first + 1));
}

std::vector<std::string> split(std::string_view text, std::string_view by) {
  std::vector<std::string> parts;
  while (true) {
    const std::size_t end = text.find(by);
    parts.push_back(trimmed(text.substr(0, end)));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + by.size());
  }
}

Result<Value> value_of(const std::string& expression) {
  const Expression compiled = TRY(compile_expression(expression, Scope(), {.checked = false, .container = {}}));
  Frame frame;
  return compiled.evaluate(frame);
}

bool alike(const Value& a, const Value& b) {
  if (a.kind() != b.kind()) return false;
  if (a.is_real()) return a == b || (a.as_real() != a.as_real() && b.as_real() != b.as_real());
  if (a.is_list()) {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i < a.size(); ++i) {
      if (!alike(a.items()[i], b.items()[i])) return false;
    }
    return true;
  }
  if (a.is_map()) {
    for (const Entry& entry : a.entries()) {
      const Value* other = b.find_key(entry.key);
      if (other == nullptr || !alike(entry.value, *other)) return false;
    }
    return a.size() == b.size();
  }
  return a == b;
}

std::string shown(const Value& value) {
  Frame frame;
  Machine machine(frame, 0);
  std::string out(kind_name(value));
  out += ' ';
  if (!print_value(machine, Node(), value, out)) return "(too large)";
  return out;
}

Result<Value> outcome(const Case& one) {
  Scope scope;
  std::vector<Value> values;
  for (const std::string& variable : split(one.variables, ";")) {
    if (variable.empty()) continue;
    const std::size_t equals = variable.find('=');
    const std::string name = trimmed(variable.substr(0, equals));
    Type type;
    for (const std::string& typed : split(one.types, ";")) {
      const std::size_t colon = typed.find(':');
      if (colon != std::string::npos && trimmed(typed.substr(0, colon)) == name)
        type = TRY(parse_type(trimmed(typed.substr(colon + 1))));
    }
    scope.add(name, type);
    values.push_back(TRY(value_of(variable.substr(equals + 1))));
  }
  const Expression compiled =
      TRY(compile_expression(one.expression, scope, {.checked = one.checked, .container = one.container}));
  std::vector<const Value*> slots;
  for (const Value& value : values) slots.push_back(&value);
  Frame frame{.slots = slots, .now = Timestamp{1'700'000'000, 0}};
  return compiled.evaluate(frame);
}
}  // namespace

std::vector<Case> read_cases(const std::string& path) {
  std::ifstream file(path);
  std::vector<Case> cases;
  Case settings;
  std::string line;
  for (std::size_t number = 1; std::getline(file, line); ++number) {
    const std::string text = trimmed(line);
    if (text.empty() || text[0] == '#') continue;
    if (text == "@checked" || text == "@dynamic") {
      settings.checked = text == "@checked";
    } else if (text.starts_with("@container")) {
      settings.container = trimmed(text.substr(10));
    } else if (text.starts_with("@vars")) {
      settings.types = trimmed(text.substr(5));
    } else {
      Case one = settings;
      const std::vector<std::string> fields = split(" " + line + " ", " | ");
      one.line = number;
      one.expression = fields[0];
      if (fields.size() == 3) one.variables = fields[1];
      if (fields.size() == 2 || fields.size() == 3) one.expected = fields.back();
      cases.push_back(std::move(one));
    }
  }
  return cases;
}

std::string run_case(const Case& one) {
  if (one.expected.empty()) return "the line is not `expression | expected` or `expression | variables | expected`";
  const Result<Value> result = outcome(one);
  if (one.expected.starts_with("error")) {
    if (result) return fmt::format("gives {}, an error is expected", shown(*result));
    const std::string part =
        trimmed(one.expected.substr(std::min<std::size_t>(one.expected.find(':'), one.expected.size() - 1) + 1));
    if (one.expected.find(':') != std::string::npos && result.error().text().find(part) == std::string::npos) {
      return fmt::format("fails with '{}', which lacks '{}'", result.error().text(), part);
    }
    return {};
  }
  if (!result) return fmt::format("fails: {}", result.error().text());
  const Result<Value> expected = value_of(one.expected);
  if (!expected) return fmt::format("the expected value is wrong: {}", expected.error().text());
  if (!alike(*result, *expected)) return fmt::format("gives {}, not {}", shown(*result), shown(*expected));
  return {};
}

}  // namespace thalweg::lang::test
