#include "lang/answer.h"

#include <cmath>

#include "base/utf8.h"
#include "lang/print.h"
#include "lang/times.h"
#include "thalweg/json.h"

namespace thalweg::lang {

namespace {
constexpr int kDeepestAnswer = 500;

std::string hexadecimal(std::string_view data) {
  std::string out;
  out.reserve(data.size() * 2);
  for (const char c : data) out += fmt::format("{:02x}", static_cast<unsigned>(static_cast<unsigned char>(c)));
  return out;
}

bool string_keys(const Value& map) {
  for (const Entry& entry : map.entries()) {
    if (!entry.key.is_string()) return false;
  }
  return true;
}

Result<Value> encoded(const Value& value, int depth);

Result<Value> encoded_map(const Value& map, int depth) {
  if (string_keys(map)) {
    std::vector<Entry> entries;
    for (const Entry& entry : map.entries()) entries.push_back({entry.key, TRY(encoded(entry.value, depth))});
    return Value::map(std::move(entries));
  }
  std::vector<Value> pairs;
  for (const Entry& entry : map.entries()) pairs.push_back(Value::list({entry.key, TRY(encoded(entry.value, depth))}));
  return Value::list(std::move(pairs));
}

// A value as JSON can hold it.
Result<Value> encoded(const Value& value, int depth) {
  if (depth > kDeepestAnswer) return fail(Code::invalid_argument, "the value has more than {} levels", kDeepestAnswer);
  switch (value.kind()) {
    case Kind::real:
      return std::isfinite(value.as_real()) ? value : Value(double_text(value.as_real()));
    case Kind::bytes:
      return Value(hexadecimal(value.as_string()));
    case Kind::timestamp:
    case Kind::duration:
    case Kind::type:
      return Value(plain_text(value));
    case Kind::list: {
      std::vector<Value> items;
      for (const Value& item : value.items()) items.push_back(TRY(encoded(item, depth + 1)));
      return Value::list(std::move(items));
    }
    case Kind::map:
      return encoded_map(value, depth + 1);
    default:
      return value;
  }
}

Result<std::string> answered(std::string_view line, const Context& context, Timestamp now, std::uint64_t cost_limit) {
  const Value json = TRY(parse_json(line));
  const Question question = TRY(read_question(json));
  const Value result = TRY(evaluate(question, context, now, cost_limit));
  return to_json(TRY(answer_value(result)));
}
}  // namespace

Result<Value> answer_value(const Value& result) {
  return Value::map({{"value", TRY(encoded(result, 0))}, {"type", type_name(result.kind())}});
}

Result<Value> evaluate(const Question& question, const Context& context, Timestamp now, std::uint64_t cost_limit) {
  const CompileOptions options{.checked = question.check, .container = question.container};
  const Expression expression = TRY(compile_expression(question.expression, question.scope, options));
  std::vector<const Value*> slots;
  for (const Value& value : question.values) slots.push_back(&value);
  Frame frame{.slots = slots, .context = &context, .now = now, .cost_limit = cost_limit};
  return expression.evaluate(frame);
}

std::string answer_line(std::string_view json_line, const Context& context, Timestamp now, std::uint64_t cost_limit) {
  auto text = answered(json_line, context, now, cost_limit);
  if (text) return std::move(*text);
  return to_json(Value::map({{"error", Value(utf8::well_formed(text.error().text()))}})).value();
}

}  // namespace thalweg::lang
