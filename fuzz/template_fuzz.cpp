// Any text is a rendered string, a value, or errors with their places; never a crash.

#include <cstdlib>

#include "lang/template.h"

using namespace thalweg;
using namespace thalweg::lang;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view source(reinterpret_cast<const char*>(data), size);
  Scope scope;
  scope.add("x", parse_type("{text: string, n: int, list: list<string>, note: string?}").value());
  scope.add("y");
  const Value x = Value::map({{"text", "héllo"}, {"n", 7}, {"list", Value::list({"a", "b"})}});
  const Value* slots[] = {&x, nullptr};
  for (const bool checked : {false, true}) {
    std::vector<SourceError> problems;
    const auto compiled = compile_template(source, scope, {.checked = checked, .container = {}}, problems);
    if (compiled.has_value() != problems.empty()) std::abort();
    if (!compiled) continue;
    Frame frame{.slots = slots, .cost_limit = 20'000};
    const auto result = compiled->evaluate(frame);
    if (result && !compiled->is_lone() && !result->is_string()) std::abort();
  }
  return 0;
}
