#pragma once
// `thalweg expr`: expressions asked and answered in JSON.

#include <string>
#include <string_view>

#include "lang/expression.h"
#include "thalweg/context.h"
#include "thalweg/value.h"

namespace thalweg::lang {

/// A question: an expression and its variables.
struct Question {
  std::string expression;
  Scope scope;                ///< types as given, else as the values have them
  std::vector<Value> values;  ///< by slot
  bool check = false;         ///< refuse what cannot be right for any values of these types
  std::string container;      ///< CEL's container: the namespace in which names are tried first
};

/// Reads {"expr": "x + 1", "vars": {"x": 1}}, perhaps with "check": true and "container": "a.b". A variable is plain JSON or
/// {"type": "int", "value": "7"}; a name may be dotted. Types are parse_type's, CEL's own names, `null_type` and
/// `google.protobuf.Timestamp` and `...Duration`; typed values are written as answers are: int and uint as numbers or texts,
/// doubles also as "NaN", "Infinity", "-Infinity", bytes in hexadecimal, timestamps and durations as their texts, maps as
/// objects or as lists of [key, value].
[[nodiscard]] Result<Question> read_question(const Value& json);

/// Adds the variables of a JSON object, plain or typed, to a question.
[[nodiscard]] Result<> add_variables(Question& question, const Value& variables);

/// A typed value: {"type": ..., "value": ...} as add_variables reads it.
[[nodiscard]] Result<Value> typed_value(const Type& type, const Value& json);

[[nodiscard]] Result<Value> evaluate(const Question& question, const Context& context, Timestamp now,
                                     std::uint64_t cost_limit = kDefaultCostLimit);

/// {"value": ..., "type": CEL's type name}: int and uint exact, NaN and infinities as texts, bytes in hexadecimal, timestamps and
/// durations as their texts, maps with other than string keys as lists of [key, value], types as their names.
/// invalid_argument for a value of more than 500 levels.
[[nodiscard]] Result<Value> answer_value(const Value& result);

/// One line of `thalweg expr --jsonl`: a question in, {"value", "type"} or {"error"} out, without a line end. Never fails.
[[nodiscard]] std::string answer_line(std::string_view json_line, const Context& context, Timestamp now,
                                      std::uint64_t cost_limit = kDefaultCostLimit);

}  // namespace thalweg::lang
