// Any text is a value, an error with its place, or an end at the cost limit; never a crash, checked or not, and always the same.

#include <cstdlib>

#include "lang/expression.h"

using namespace thalweg;
using namespace thalweg::lang;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view source(reinterpret_cast<const char*>(data), size);
  Scope scope;
  scope.add("x", parse_type("{text: string, n: int, list: list<string>, note: string?}").value());
  scope.add("y");
  const Value x = Value::map({{"text", "héllo"}, {"n", 7}, {"list", Value::list({"a", "b"})}});
  const Value y = Value::map({{"a", Value::list({Value(1), Value(2.5), Value()})}, {"b", Value::bytes("\xff")}});
  const Value* slots[] = {&x, &y};
  for (const bool checked : {false, true}) {
    std::vector<SourceError> problems;
    const auto compiled = compile_expression(source, scope, {.checked = checked, .container = {}}, problems);
    if (compiled.has_value() != problems.empty()) std::abort();
    if (!compiled) continue;
    Frame frame{.slots = slots, .cost_limit = 20'000};
    Frame again{.slots = slots, .cost_limit = 20'000};
    const auto first = compiled->evaluate(frame), second = compiled->evaluate(again);
    if (first.has_value() != second.has_value() || frame.steps != again.steps) std::abort();
    if (!first && first.error().message() != second.error().message()) std::abort();
  }
  return 0;
}
