#include <doctest/doctest.h>

#include "lang/expression.h"

using namespace thalweg;
using namespace thalweg::lang;

TEST_CASE("an expression over a variable") {
  Scope scope;
  scope.add("input", parse_type("{score: double, kind: string}").value());
  const Expression good = compile_expression("input.score > 0.5 && input.kind == 'a'", scope).value();
  const Value input = Value::map({{"score", 0.75}, {"kind", "a"}});
  const Value* slots[] = {&input};
  Frame frame{.slots = slots};
  CHECK(good.evaluate(frame).value().as_bool());
}
