// The language: what one evaluation costs.

#include "bench/lang.h"

#include "lang/template.h"

namespace thalweg::bench {

void bench_lang(Report& report) {
  lang::Scope scope;
  scope.add("input", lang::parse_type("{id: string, kind: string, score: double, tags: list<string>}").value());
  const Value input =
      Value::map({{"id", "4711"}, {"kind", "a"}, {"score", 0.75}, {"tags", Value::list({"red", "green", "blue"})}});
  const Value* slots[] = {&input};

  const auto condition = lang::compile_expression("input.score > 0.5 && input.kind == \"a\"", scope).value();
  report.time("lang.condition", [&] {
    lang::Frame frame{.slots = slots};
    keep(condition.test(frame));
  });

  const auto scalar = lang::compile_expression("input.score * 2.0 + 1.0 < 3.0 ? 1 : 2", scope).value();
  report.time("lang.scalar", [&] {
    lang::Frame frame{.slots = slots};
    keep(scalar.evaluate(frame));
  });

  const auto loop = lang::compile_expression("input.tags.exists(t, t == 'blue')", scope).value();
  report.time("lang.exists3", [&] {
    lang::Frame frame{.slots = slots};
    keep(loop.test(frame));
  });

  // 200 characters of text and three values.
  const std::string text =
      "The document {{ input.id }} was read on its own and found to be of the kind {{ input.kind }}, which is what the reader "
      "asked for when this question came in; its score is {{ input.score }}, more than was needed.";
  const auto rendered = lang::compile_template(text, scope).value();
  report.time("lang.template", [&] {
    lang::Frame frame{.slots = slots};
    keep(rendered.evaluate(frame));
  });

  report.time("lang.compile", [&] { keep(lang::compile_expression("input.score > 0.5 && input.kind == \"a\"", scope)); });
}

}  // namespace thalweg::bench
