#include "lang/template.h"

#include <doctest/doctest.h>

using namespace thalweg;
using namespace thalweg::lang;

namespace {
struct World {
  Scope scope;
  Value input = Value::map({{"name", "Ann"},
                            {"n", 3},
                            {"tags", Value::list({"x", "y", "z"})},
                            {"none", Value::list()},
                            {"map", Value::map({{"b", 1}, {"a", 2}})},
                            {"weights", Value::floats(std::vector<float>{0.5F, 2})}});
  World() {
    scope.add("input");
    scope.add("absent");
  }
  [[nodiscard]] std::string render(std::string_view source) const {
    const auto compiled = compile_template(source, scope, {.checked = false, .container = {}});
    if (!compiled) return "problem: " + compiled.error().message();
    const Value* slots[] = {&input, nullptr};
    Frame frame{.slots = slots};
    const auto result = compiled->evaluate(frame);
    if (!result) return "error: " + result.error().message();
    return result->is_string() ? std::string(result->as_string()) : std::string(type_name(result->kind()));
  }
};
}  // namespace

TEST_CASE("what templates give") {
  const World world;
  const std::pair<const char*, const char*> rows[] = {
      {"plain { text } % # }} %}", "plain { text } % # }} %}"},
      {"", ""},
      {"Hello {{ input.name }}!", "Hello Ann!"},
      {"{{ input.n + 1 }}", "int"},
      {"{{ input.tags }}", "list"},
      {" {{ input.tags }}", " [\"x\", \"y\", \"z\"]"},
      {"{{ input.map }}.", "{\"b\": 1, \"a\": 2}."},
      {"{{ {'a': {'b': 1}}['a']['b'] }}.", "1."},
      {"{{ '}}' }}.", "}}."},
      {"{{ null }}|{{ true }}|{{ 1.5 }}|{{ 2u }}|{{ duration('1s') }}", "null|true|1.5|2|1s"},
      {"{{ b'h\\xc3\\xa9' }}.", "hé."},
      {"{% if input.n > 2 %}big{% else %}small{% endif %}", "big"},
      {"{% if input.n > 9 %}a{% elif input.n == 3 %}b{% elif true %}c{% else %}d{% endif %}", "b"},
      {"{% if false %}a{% endif %}.", "."},
      {"{% for t in input.tags %}{{ t }}{% endfor %}", "xyz"},
      {"{% for t in input.none %}{{ t }}{% else %}nothing{% endfor %}", "nothing"},
      {"{% for t in input.tags %}{{ loop.index }}/{{ loop.length }}{{ t }}{% if !loop.last %}, {% endif %}{% endfor %}",
       "1/3x, 2/3y, 3/3z"},
      {"{% for t in input.tags %}{% if loop.first %}>{% endif %}{{ loop.index0 }}{% endfor %}", ">012"},
      {"{% for k, v in input.map %}{{ k }}={{ v }};{% endfor %}", "b=1;a=2;"},
      {"{% for k in input.map %}{{ k }}{% endfor %}", "ba"},
      {"{% for i, t in input.tags %}{{ i }}{{ t }}{% endfor %}", "0x1y2z"},
      {"{% for w in input.weights %}{{ w }} {% endfor %}", "0.5 2 "},
      {"{% for a in input.tags %}{% for b in input.tags %}{{ loop.index }}{% endfor %}{{ loop.index }} {% endfor %}",
       "1231 1232 1233 "},
      {"{% for t in input.tags.filter(x, x != 'y') %}{{ t }}{% endfor %}", "xz"},
      {"{% set a = 1 %}{{ a }}{% set a = a + 1 %}{{ a }}", "12"},
      {"{% set a = 1 %}{% if true %}{% set a = 2 %}{% endif %}{{ a }}.", "2."},
      {"{% set a = 1 %}{% for t in input.tags %}{% set a = t %}{{ a }}{% endfor %}{{ a }}", "xyz1"},
      {"{% if false %}{% set a = 1 %}{% endif %}{{ default(a, 'unset') }}.", "unset."},
      {"{% for t in input.tags %}{{ default(seen, '-') }}{% set seen = t %}{% endfor %}", "---"},
      {"a  {{- 1 -}}  b", "a1b"},
      {"a \n {%- if true -%} \n b \n {%- endif -%} \n c", "abc"},
      {"a {#- gone -#} b", "ab"},
      {"a{# {{ nothing }} #}b", "ab"},
      {"{{ -1 }}.", "-1."},
      {"{% raw %}{{ x }}{% if %}{% endraw %}.", "{{ x }}{% if %}."},
      {"{%- raw -%} {{ x }} {%- endraw -%} .", "{{ x }}."},
      {"{{ default(absent.field, 'none') }}.", "none."},
      {"{{ has(absent) }}.", "false."},
      {"line\n{{ input.name }}\n", "line\nAnn\n"},
  };
  for (const auto& [source, expected] : rows) {
    INFO(source);
    CHECK(world.render(source) == expected);
  }
}

TEST_CASE("what is wrong with templates") {
  const World world;
  const std::pair<const char*, const char*> rows[] = {
      {"{{ }}", "a value is expected"},
      {"{{ 1", "the tag is not closed with '}}'"},
      {"{{ 1 %}", "'%}' stands where '}}' is expected"},
      {"{{ 1 + }}", "column 8: the expression ends"},
      {"{% if true %}", "'if' is not ended by 'endif'"},
      {"{% for x in [] %}", "'for' is not ended by 'endfor'"},
      {"{% if true %}{% endfor %}", "'endfor' stands where 'endif' is expected"},
      {"{% endif %}", "'endif' without its beginning"},
      {"{% fro x in y %}", "no tag 'fro'; did you mean 'for'?"},
      {"{% for x of y %}{% endfor %}", "'in' is expected"},
      {"{% for 1 in y %}{% endfor %}", "a variable is expected"},
      {"{% set = 1 %}", "'=' is no operator"},
      {"{% set a 1 %}", "'=' is expected"},
      {"{% set a == 1 %}", "'=' is expected"},
      {"{% raw %}", "'raw' is not ended by 'endraw'"},
      {"{# open", "the comment is not closed with '#}'"},
      {"{{ input.name | upper }}", "'|' is no operator"},
      {"a\nb {{ input.nosuch }}", "no such key: 'nosuch' (line 2, column 12)"},
      {"{% for x in 5 %}{% endfor %}", "'for' needs a list or a map, not"},
      {"{% if 5 %}{% endif %}", "'if' needs a bool, not an int"},
      {"x{{ b'\\xff' }}", "the bytes are no UTF-8 text"},
      {"x{{ absent }}", "'absent' has no value here"},
      {"x{{ loop }}", "undeclared reference to 'loop'"},
      {"{% if false %}{% set a = 1 %}{% endif %}x{{ a }}", "'a' was not set on the way here"},
  };
  for (const auto& [source, part] : rows) {
    const std::string outcome = world.render(source);
    INFO(source, " gives ", outcome);
    CHECK((outcome.starts_with("problem: ") || outcome.starts_with("error: ")));
    CHECK(outcome.find(part) != std::string::npos);
  }
}

TEST_CASE("all problems of a template are told, with line and column in code points") {
  Scope scope;
  scope.add("input", parse_type("{name: string}").value());
  std::vector<SourceError> problems;
  CHECK_FALSE(compile_template("é {{ input.nam }}\n{{ inputs }} {{ 1 + }}\n{% if input.name %}{% endif %}{{ 'a' + 1 }}", scope,
                               {}, problems));
  REQUIRE(problems.size() == 4);
  CHECK(problems[0].line == 1);
  CHECK(problems[0].column == 12);
  CHECK(problems[0].message.find("did you mean 'name'?") != std::string::npos);
  CHECK(problems[1].line == 2);
  CHECK(problems[1].column == 4);
  CHECK(problems[2].line == 2);
  CHECK(problems[2].column == 21);
  CHECK(problems[3].line == 3);
  CHECK(problems[3].message.find("no matching overload for '+' applied to (string, int)") != std::string::npos);
}

TEST_CASE("a lone value keeps its type, and a lone variable is seen as such") {
  Scope scope;
  scope.add("n", parse_type("int").value());
  scope.add("hits", parse_type("list<{text: string}>").value());
  const auto lone = compile_template("{{ hits }}", scope).value();
  CHECK(lone.is_lone());
  CHECK(lone.lone_variable() == 1U);
  CHECK(lone.type().text() == "list<{text: string}>");
  const auto sum = compile_template("{{ n + 1 }}", scope).value();
  CHECK(sum.is_lone());
  CHECK_FALSE(sum.lone_variable());
  CHECK(sum.type().text() == "int");
  const auto text = compile_template("{{ n }} ", scope).value();
  CHECK_FALSE(text.is_lone());
  CHECK(text.type().text() == "string");
  CHECK(compile_template("plain", scope).value().constant()->as_string() == "plain");
  CHECK(compile_template("{{ 1 + 1 }}", scope).value().constant()->as_int() == 2);
  CHECK(compile_template("{{ n }}", scope).value().constant() == nullptr);
}

TEST_CASE("references of a template, guarded and not") {
  Scope scope;
  scope.add("find");
  scope.add("answer");
  const auto text =
      compile_template("{% for h in find.hits %}{{ h.text }}{% endfor %}{{ default(answer.text, '') }}{{ has(find.x) }}{{ now }}",
                       scope)
          .value();
  CHECK(text.uses_now());
  const auto references = text.references();
  REQUIRE(references.size() == 3);
  CHECK(references[0].variable == "find");
  CHECK(references[0].path == std::vector<std::string>{"hits"});
  CHECK_FALSE(references[0].guarded);
  CHECK(references[1].variable == "answer");
  CHECK(references[1].guarded);
  CHECK(references[2].guarded);
}
