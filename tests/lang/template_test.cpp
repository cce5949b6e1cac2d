#include "lang/template.h"

#include <doctest/doctest.h>

using namespace thalweg;
using namespace thalweg::lang;

TEST_CASE("a template over a list") {
  Scope scope;
  scope.add("hits", parse_type("list<{text: string}>").value());
  const auto text =
      compile_template("{% for h in hits %}{{ loop.index }}: {{ h.text }}{% if !loop.last %}, {% endif %}{% endfor %}.", scope);
  if (!text) FAIL(text.error().text());
  const Value hits = Value::list({Value::map({{"text", "a"}}), Value::map({{"text", "b"}})});
  const Value* slots[] = {&hits};
  Frame frame{.slots = slots};
  CHECK(text->evaluate(frame).value().as_string() == "1: a, 2: b.");
}
