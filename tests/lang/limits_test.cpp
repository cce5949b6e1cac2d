// What hostile expressions and templates may cost.

#include <doctest/doctest.h>

#include "lang/template.h"

using namespace thalweg;
using namespace thalweg::lang;

namespace {
// The code an expression ends with under a limit; ok when it has a value.
Code outcome(const std::string& source, std::uint64_t limit = 100'000, const Context* context = nullptr) {
  const auto compiled = compile_expression(source, Scope(), {.checked = false, .container = {}});
  if (!compiled) return compiled.error().code();
  Frame frame{.context = context, .cost_limit = limit};
  const auto result = compiled->evaluate(frame);
  return result ? Code::ok : result.error().code();
}

std::string repeated(std::string_view part, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += part;
  return out;
}

Code rendered(const std::string& source, std::uint64_t limit = 100'000) {
  const auto compiled = compile_template(source, Scope(), {.checked = false, .container = {}});
  if (!compiled) return compiled.error().code();
  Frame frame{.cost_limit = limit};
  const auto result = compiled->evaluate(frame);
  return result ? Code::ok : result.error().code();
}
}  // namespace

TEST_CASE("nested loops end at the cost limit") {
  const std::string list = "lists.range(100)";
  CHECK(outcome(list + ".map(a, a)") == Code::ok);
  CHECK(outcome(list + ".all(a, " + list + ".all(b, " + list + ".all(c, " + list + ".all(d, true))))") ==
        Code::resource_exhausted);
  CHECK(outcome("lists.range(9223372036854775807)") == Code::resource_exhausted);
  // No operator takes the limit for an ordinary error.
  CHECK(outcome("lists.range(1000000).all(x, true) || true") == Code::resource_exhausted);
  CHECK(outcome("default(lists.range(1000000), 1)") == Code::resource_exhausted);
}

TEST_CASE("values that grow without steps are charged by their size") {
  std::string doubled = "'0123456789abcdef'";
  for (int i = 0; i < 40; ++i) doubled = "cel.bind(x, " + doubled + ", x + x)";
  CHECK(outcome(doubled) == Code::resource_exhausted);
  std::string shared = "[1]";
  for (int i = 0; i < 60; ++i) shared = "cel.bind(x, " + shared + ", [x, x])";
  CHECK(outcome(shared) == Code::resource_exhausted);  // small in memory, endless to print
  CHECK(outcome("cel.bind(a, " + shared + ", cel.bind(b, " + shared + ", a == b))") == Code::resource_exhausted);
  CHECK(outcome("json(" + shared + ")") == Code::resource_exhausted);
  CHECK(outcome("'%s'.format([" + shared + "])") == Code::resource_exhausted);
  CHECK(outcome("size(" + shared + ")") == Code::ok);
  std::string replaced = "'aaaaaaaaaaaaaaaa'";
  for (int i = 0; i < 12; ++i) replaced += ".replace('a', 'aaaaaaaaaaaaaaaa')";
  CHECK(outcome(replaced) == Code::resource_exhausted);
}

TEST_CASE("depth is refused, never a stack overflow") {
  for (const int depth : {10'000, 30'000}) {
    CHECK(outcome(repeated("(", depth) + "1" + repeated(")", depth)) == Code::invalid_argument);
    CHECK(outcome(repeated("[", depth) + "1" + repeated("]", depth)) == Code::invalid_argument);
    CHECK(outcome(repeated("{1:", depth) + "1" + repeated("}", depth)) == Code::invalid_argument);
    CHECK(outcome(repeated("!", depth) + "true") == Code::invalid_argument);
    CHECK(outcome(repeated("-", depth) + "1") == Code::invalid_argument);
    CHECK(outcome(repeated("f(", depth)) == Code::invalid_argument);
    CHECK(outcome("1" + repeated("+1", depth)) == Code::invalid_argument);
    CHECK(outcome("a" + repeated(".a", depth)) == Code::invalid_argument);
    CHECK(outcome(repeated("true?1:", depth / 2) + "1") == Code::invalid_argument);
  }
  // What CEL asks every implementation to take, several times over.
  CHECK(outcome(repeated("(", 200) + "1" + repeated(")", 200)) == Code::ok);
  CHECK(outcome("1" + repeated("+1", 200)) == Code::ok);
  CHECK(outcome("true" + repeated("&&true", 5'000)) == Code::ok);
  CHECK(outcome("false" + repeated("||false", 5'000)) == Code::ok);
  CHECK(outcome(std::string(200'000, '1')) == Code::invalid_argument);
}

TEST_CASE("patterns that ruin backtracking engines take linear time, oversized ones are refused") {
  const std::string text = "'" + std::string(20'000, 'a') + "!'";
  CHECK(outcome(text + ".matches('(a+)+$')") == Code::ok);
  CHECK(outcome(text + ".matches('(a|aa)+$')") == Code::ok);
  CHECK(outcome(text + ".matches('(.*a){20}$')", 10'000'000) == Code::ok);
  CHECK(outcome("'a'.matches('((a{100}){100}){100}')") == Code::invalid_argument);
  CHECK(outcome("'a'.matches('" + std::string(20'000, 'a') + "')") == Code::invalid_argument);
  CHECK(outcome("lists.range(1000).exists(x, 'aaa'.matches('b' + string(x)))") == Code::resource_exhausted);
}

TEST_CASE("a stop and a deadline reach the innermost loop within 1,000 steps") {
  VirtualClock clock;
  const Context context(clock);
  const std::string endless = "lists.range(400).all(a, lists.range(400).all(b, true))";
  CHECK(outcome(endless, 100'000'000, &context) == Code::ok);
  std::stop_source stop;
  stop.request_stop();
  const Context stopped = context.with_stop(stop.get_token());
  CHECK(outcome(endless, 100'000'000, &stopped) == Code::cancelled);
  const Context late = context.with_deadline(clock.now());
  CHECK(outcome(endless, 100'000'000, &late) == Code::deadline_exceeded);
  CHECK(outcome(endless + " || true", 100'000'000, &late) == Code::deadline_exceeded);
}

TEST_CASE("the steps of a frame add up over evaluations") {
  const Expression sum = compile_expression("lists.range(10 + size(x)).map(i, i)",
                                            [] {
                                              Scope scope;
                                              scope.add("x");
                                              return scope;
                                            }())
                             .value();
  const Value text("abc");
  const Value* slots[] = {&text};
  Frame frame{.slots = slots, .cost_limit = 200};
  int runs = 0;
  while (runs < 100 && sum.evaluate(frame)) ++runs;
  CHECK(runs > 1);
  CHECK(runs < 20);
}

TEST_CASE("templates are held to the same limits") {
  CHECK(rendered("{% for a in lists.range(1000) %}{% for b in lists.range(1000) %}x{% endfor %}{% endfor %}") ==
        Code::resource_exhausted);
  CHECK(rendered("{% set s = 'abcdefghijklmnop' %}{% for i in lists.range(40) %}{% set t = s %}{% endfor %}{{ s }}") == Code::ok);
  std::string doubling = "{% set a = [1] %}";
  for (int i = 0; i < 60; ++i) doubling += "{% set a = [a, a] %}";
  CHECK(rendered(doubling + "{{ a }}") == Code::resource_exhausted);
  CHECK(rendered(doubling + "{{ size(a) }}") == Code::ok);
  CHECK(rendered(repeated("{% if true %}", 10'000)) == Code::invalid_argument);
  CHECK(rendered(repeated("{% if true %}", 40) + "x" + repeated("{% endif %}", 40)) == Code::ok);
  CHECK(rendered("{{ " + repeated("(", 10'000) + " }}") == Code::invalid_argument);
  CHECK(rendered(std::string(2 << 20, 'x')) == Code::invalid_argument);
  CHECK(rendered("\xff") == Code::invalid_argument);
}

TEST_CASE("text that is no UTF-8 is refused with its offset") {
  const auto wrong = compile_expression("'a\xff'", Scope());
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().message().find("byte 2 is no UTF-8") != std::string::npos);
}
