// Invariants over random input, against independent arithmetic and models.

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "base/utf8.h"
#include "lang/expression.h"
#include "lang/type.h"

using namespace thalweg;
using namespace thalweg::lang;

namespace {
Result<Value> evaluated(const std::string& source, const std::vector<Value>& values = {}) {
  Scope scope;
  for (const char* name : {"a", "b", "c"}) scope.add(name);
  const Expression compiled = TRY(compile_expression(source, scope, {.checked = false, .container = {}}));
  std::vector<const Value*> slots;
  for (const Value& value : values) slots.push_back(&value);
  Frame frame{.slots = slots};
  return compiled.evaluate(frame);
}

// Code points as numbers: the model that string functions are held against.
using Points = std::vector<char32_t>;

std::string encoded(const Points& points) {
  std::string out;
  for (const char32_t point : points) utf8::append(out, point);
  return out;
}

rc::Gen<Points> texts() {
  // Few different characters, of one to four bytes, so that parts are found again.
  return rc::gen::container<Points>(rc::gen::element<char32_t>('a', 'b', U'é', U'€', U'😀'));
}

std::int64_t model_find(const Points& text, const Points& part) {
  for (std::size_t i = 0; i + part.size() <= text.size(); ++i) {
    if (std::equal(part.begin(), part.end(), text.begin() + static_cast<std::ptrdiff_t>(i))) return static_cast<std::int64_t>(i);
  }
  return -1;
}

template <class Wide>
bool agrees(const Result<Value>& result, Wide exact, Wide least, Wide most) {
  if (exact < least || exact > most) return !result && result.error().code() == Code::out_of_range;
  return result && static_cast<Wide>(result->as_int()) == exact;
}

// Interesting integers: small ones and those at the edges.
rc::Gen<std::int64_t> integers() {
  return rc::gen::oneOf(
      rc::gen::arbitrary<std::int64_t>(), rc::gen::inRange<std::int64_t>(-9, 9),
      rc::gen::element<std::int64_t>(INT64_MIN, INT64_MIN + 1, INT64_MAX, INT64_MAX - 1, 3037000500, -3037000500));
}
}  // namespace

TEST_CASE("integer arithmetic is exact or an error, against 128 bits") {
  CHECK(rc::check([] {
    const std::int64_t a = *integers(), b = *integers();
    const __int128 x = a, y = b;
    const std::vector<Value> values{Value(a), Value(b)};
    RC_ASSERT(agrees<__int128>(evaluated("a + b", values), x + y, INT64_MIN, INT64_MAX));
    RC_ASSERT(agrees<__int128>(evaluated("a - b", values), x - y, INT64_MIN, INT64_MAX));
    RC_ASSERT(agrees<__int128>(evaluated("a * b", values), x * y, INT64_MIN, INT64_MAX));
    RC_ASSERT(agrees<__int128>(evaluated("-a", values), -x, INT64_MIN, INT64_MAX));
    if (b != 0) {
      RC_ASSERT(agrees<__int128>(evaluated("a / b", values), x / y, INT64_MIN, INT64_MAX));
      if (b != -1) RC_ASSERT(evaluated("a / b * b + a % b == a", values).value().as_bool());
    } else {
      RC_ASSERT(evaluated("a / b", values).error().code() == Code::invalid_argument);
    }
  }));
}

TEST_CASE("order and equality of integers of both kinds agree with 128 bits") {
  CHECK(rc::check([] {
    const std::int64_t a = *integers();
    const auto b = static_cast<std::uint64_t>(*integers());
    const __int128 x = a, y = b;
    const std::vector<Value> values{Value(a), Value(b)};
    RC_ASSERT(evaluated("a < b", values).value().as_bool() == (x < y));
    RC_ASSERT(evaluated("a >= b", values).value().as_bool() == (x >= y));
    RC_ASSERT(evaluated("a == b", values).value().as_bool() == (x == y));
    RC_ASSERT(evaluated("a in [b]", values).value().as_bool() == (x == y));
  }));
}

TEST_CASE("string functions agree with a model over code points") {
  CHECK(rc::check([] {
    const Points text = *texts(), part = *texts();
    const std::vector<Value> values{Value(encoded(text)), Value(encoded(part))};
    RC_ASSERT(evaluated("size(a)", values).value().as_int() == static_cast<std::int64_t>(text.size()));
    RC_ASSERT(evaluated("a.indexOf(b)", values).value().as_int() == model_find(text, part));
    RC_ASSERT(evaluated("a.contains(b)", values).value().as_bool() == (model_find(text, part) >= 0));
    RC_ASSERT(evaluated("a.reverse()", values).value().as_string() == encoded(Points(text.rbegin(), text.rend())));
    RC_ASSERT(evaluated("a.reverse().reverse() == a && size(a + b) == size(a) + size(b)", values).value().as_bool());
    RC_ASSERT(evaluated("a.split('').join() == a", values).value().as_bool());
    if (!part.empty()) {
      RC_ASSERT(evaluated("a.split(b).join(b) == a", values).value().as_bool());
      RC_ASSERT(evaluated("a.replace(b, b) == a", values).value().as_bool());
      RC_ASSERT(evaluated("!a.replace(b, '').contains(b) || a.replace(b, '') != a", values).value().as_bool());
    }
    const auto from = *rc::gen::inRange<std::size_t>(0, text.size() + 1);
    const auto to = *rc::gen::inRange<std::size_t>(from, text.size() + 1);
    const Points inside(text.begin() + static_cast<std::ptrdiff_t>(from), text.begin() + static_cast<std::ptrdiff_t>(to));
    const std::vector<Value> with{values[0], Value(static_cast<std::int64_t>(from)), Value(static_cast<std::int64_t>(to))};
    RC_ASSERT(evaluated("a.substring(b, c)", with).value().as_string() == encoded(inside));
    const auto reversed_find = model_find(Points(text.rbegin(), text.rend()), Points(part.rbegin(), part.rend()));
    const auto last = reversed_find < 0 ? -1 : static_cast<std::int64_t>(text.size() - part.size()) - reversed_find;
    RC_ASSERT(evaluated("a.lastIndexOf(b)", values).value().as_int() == last);
  }));
}

TEST_CASE("texts of values read back as the same values") {
  CHECK(rc::check([] {
    const std::int64_t integer = *integers();
    RC_ASSERT(evaluated("int(string(a)) == a", {Value(integer)}).value().as_bool());
    RC_ASSERT(evaluated(std::to_string(integer)).value().as_int() == integer);
    const auto whole = static_cast<std::uint64_t>(*integers());
    RC_ASSERT(evaluated("uint(string(a)) == a", {Value(whole)}).value().as_bool());
    const double real = *rc::gen::arbitrary<double>();
    RC_ASSERT(evaluated("double(string(a)) == a", {Value(real)}).value().as_bool());
    const Timestamp time{*rc::gen::inRange<std::int64_t>(-62'135'596'800, 253'402'300'800), *rc::gen::inRange(0, 1'000'000'000)};
    RC_ASSERT(evaluated("timestamp(string(a)) == a", {Value(time)}).value().as_bool());
    const auto seconds = *rc::gen::inRange<std::int64_t>(-315'576'000'000, 315'576'000'000);
    const auto nanos = *rc::gen::inRange(0, 1'000'000'000);
    const Duration duration{seconds, seconds < 0 ? -nanos : nanos};
    RC_ASSERT(evaluated("duration(string(a)) == a", {Value(duration)}).value().as_bool());
    RC_ASSERT(evaluated("a - a == duration('0s') && a + b - b == a", {Value(duration), Value(Duration{})}).value().as_bool());
  }));
}

TEST_CASE("a quoted text is a literal of itself") {
  CHECK(rc::check([] {
    const Value text(encoded(*texts()) + *rc::gen::container<std::string>(rc::gen::element('"', '\\', '\n', '\'', '\t', 'x')));
    const std::string literal(evaluated("strings.quote(a)", {text}).value().as_string());
    RC_ASSERT(evaluated(literal).value() == text);
  }));
}

TEST_CASE("base64 and the parts of a time come back") {
  CHECK(rc::check([] {
    const Value data = Value::bytes(*rc::gen::container<std::string>(rc::gen::arbitrary<char>()));
    RC_ASSERT(evaluated("base64.decode(base64.encode(a)) == a", {data}).value().as_bool());
    const Timestamp time{*rc::gen::inRange<std::int64_t>(-62'135'596'800, 253'402'300'800), 0};
    RC_ASSERT(
        evaluated("a - duration(string(a.getHours()) + 'h' + string(a.getMinutes()) + 'm' + string(a.getSeconds()) + 's') == "
                  "timestamp(string(a).substring(0, 10) + 'T00:00:00Z')",
                  {Value(time)})
            .value()
            .as_bool());
  }));
}

TEST_CASE("types are read as they are printed") {
  for (const char* text :
       {"string", "list<int>", "map<string, dyn>", "stream<string>", "string?", "{a: int, b: {c: list<double>?}}", "{}",
        "map<int, list<map<bool, bytes>>>?", "floats", "timestamp", "duration", "type<dyn>", "null"}) {
    CHECK(parse_type(text).value().text() == text);
    CHECK(parse_type(parse_type(text).value().text()).value() == parse_type(text).value());
  }
  const std::pair<const char*, const char*> wrong[] = {
      {"strin", "did you mean 'string'?"},  {"list<", "expected a type"},    {"list<int, int>", "takes 1 type arguments, not 2"},
      {"map<double, int>", "keys are"},     {"{a int}", "expected ':'"},     {"{a: int", "expected '}'"},
      {"{a: int, a: int}", "stands twice"}, {"int int", "expected the end"}, {"", "expected a type"},
  };
  for (const auto& [text, part] : wrong) {
    const auto read = parse_type(text);
    REQUIRE_FALSE(read);
    CHECK(read.error().message().find(part) != std::string::npos);
  }
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += "list<";
  CHECK(parse_type(deep).error().message().find("too deeply") != std::string::npos);
}

TEST_CASE("what fits where") {
  const auto type = [](const char* text) { return parse_type(text).value(); };
  CHECK(accepts(type("int"), type("int")));
  CHECK_FALSE(accepts(type("int"), type("double")));
  CHECK(accepts(type("dyn"), type("int?")));
  CHECK(accepts(type("int"), type("dyn")));
  CHECK_FALSE(accepts(type("int"), type("int?")));
  CHECK(accepts(type("int?"), type("int")));
  CHECK(accepts(type("int?"), type("null")));
  CHECK_FALSE(accepts(type("int"), type("null")));
  CHECK(accepts(type("list<dyn>"), type("list<int>")));
  CHECK_FALSE(accepts(type("list<string>"), type("list<int>")));
  CHECK(accepts(type("{a: int}"), type("{a: int, b: string}")));
  CHECK_FALSE(accepts(type("{a: int, b: string}"), type("{a: int}")));
  CHECK(accepts(type("{a: int, b: string?}"), type("{a: int}")));
  CHECK(accepts(type("map<string, dyn>"), type("{a: int}")));
  CHECK_FALSE(accepts(type("map<string, string>"), type("{a: int}")));
  CHECK(accepts(type("{a: int}"), type("map<string, int>")));
  CHECK_FALSE(accepts(type("{a: int}"), type("map<int, int>")));
  CHECK(join(type("int"), type("int")) == type("int"));
  CHECK(join(type("int"), type("null")) == type("int?"));
  CHECK(join(type("int"), type("string")) == type("dyn"));
  CHECK(join(type("list<int>"), type("list<string?>")) == type("list<dyn?>"));
}

TEST_CASE("values are held against types, the error naming the way") {
  const Type type = parse_type("{name: string, hits: list<{score: double, note: string?}>, by: map<int, bool>?}").value();
  const auto hit = [](Value score) { return Value::map({{"score", std::move(score)}, {"note", Value()}}); };
  CHECK(conforms(type, Value::map({{"name", "n"}, {"hits", Value::list({hit(1.5), hit(2)})}})));
  const auto wrong = [&](const Value& value) { return std::string(conforms(type, value).error().message()); };
  CHECK(wrong(Value::map({{"name", 1}, {"hits", Value::list()}})) == "name is an int, not string");
  CHECK(wrong(Value::map({{"hits", Value::list()}})) == "name is missing, not string");
  CHECK(wrong(Value::map({{"name", "n"}, {"hits", Value::list({hit(1.5), hit("x")})}})) ==
        "hits[1].score is a string, not double");
  CHECK(wrong(Value(1)).starts_with("the value is an int, not {"));
  CHECK(wrong(Value::map({{"name", "n"}, {"hits", Value::list()}, {"by", Value::map({{Value(1), Value(2)}})}})) ==
        "by[0] is an int, not bool");
  CHECK_FALSE(conforms(parse_type("double").value(), Value(1), false));
}
