#include "engine/expectation.h"

#include <doctest/doctest.h>

#include "thalweg/json.h"

using namespace thalweg;

namespace {

std::string differences(std::string_view expect, std::string_view actual) {
  return differences_text(check_expectation(parse_json(expect).value(), parse_json(actual).value()));
}

std::string problem(std::string expect) {
  const auto definition = parse_definition("e", std::move(expect));
  REQUIRE(definition.has_value());
  const auto found = expectation_problems(definition->root);
  return found.empty() ? "" : found.front().message;
}

}  // namespace

TEST_CASE("values, lists and maps are compared; a map may leave fields out") {
  CHECK(differences("1", "1.0") == "");
  CHECK(differences("\"a\"", "\"b\"") == "output: expected 'a', got 'b'");
  CHECK(differences(R"({"a": 1})", R"({"a": 1, "b": 2})") == "");
  CHECK(differences(R"({"a": 1, "c": 3})", R"({"a": 2})") == "a: expected 1, got 2\nc: is missing");
  CHECK(differences(R"([1, {"x": [true]}])", R"([1, {"x": [false]}])") == "[1].x[0]: expected true, got false");
  CHECK(differences("[1, 2]", "[1]") == "output: expected 2 items, got 1");
  CHECK(differences("[]", "{}") == "output: expected a list, got a map of 0");
  CHECK(differences("{}", "[]") == "output: expected a map, got a list of 0");
  CHECK(differences("null", "0") == "output: expected null, got 0");
}

TEST_CASE("matchers hold or say why not") {
  const auto met = [](std::string_view expect, std::string_view actual) {
    const std::string text = differences(expect, actual);
    CHECK_MESSAGE(text == "", text);
  };
  const auto unmet = [](std::string_view expect, std::string_view actual) { CHECK(differences(expect, actual) != ""); };
  met(R"({"contains": "all"})", R"("valley")");
  unmet(R"({"contains": "hill"})", R"("valley")");
  met(R"({"contains": {"n": 2}})", R"([{"n": 1}, {"n": 2, "m": 3}])");
  unmet(R"({"contains": {"n": 3}})", R"([{"n": 1}])");
  unmet(R"({"contains": "a"})", "1");
  met(R"({"equals": {"contains": 1}})", R"({"contains": 1})");
  unmet(R"({"equals": {"a": 1}})", R"({"a": 1, "b": 2})");
  met(R"({"approx": 0.3})", "0.30000000000000004");
  unmet(R"({"approx": 0.3})", "0.301");
  met(R"({"approx": 0.3, "within": 0.01})", "0.301");
  unmet(R"({"approx": 0.3})", R"("0.3")");
  met(R"({"matches": "^v.l+ey$"})", R"("valley")");
  unmet(R"({"matches": "^all"})", R"("valley")");
  met(R"({"type": "list<int>"})", "[1, 2]");
  unmet(R"({"type": "list<int>"})", "[1, 2.5]");
  met(R"({"size": 3})", R"("äöü")");
  met(R"({"size": {"at_least": 1, "at_most": 2}})", "[1, 2]");
  unmet(R"({"size": {"at_least": 3}})", "[1, 2]");
  unmet(R"({"size": 1})", "1");
  met(R"({"each": {"at_least": 1}})", "[1, 2]");
  CHECK(differences(R"({"each": {"at_least": 2}})", "[1, 2]") == "[0]: expected at least 2, got 1");
  met(R"({"not": {"contains": "x"}})", R"("abc")");
  unmet(R"({"not": "abc"})", R"("abc")");
  met(R"({"one_of": ["a", {"contains": "b"}]})", R"("abc")");
  unmet(R"({"one_of": ["a", "b"]})", R"("abc")");
  met(R"({"x": {"absent": true}})", "{}");
  met(R"({"x": {"absent": true}})", R"({"x": null})");
  unmet(R"({"x": {"absent": true}})", R"({"x": 1})");
  unmet(R"({"x": {"absent": false}})", R"({"x": null})");
  // All of several matchers must hold.
  unmet(R"({"contains": "a", "size": 2})", R"("abc")");
  // Some other key beside it: a plain map.
  unmet(R"({"contains": "a", "other": 2})", R"("abc")");
}

TEST_CASE("texts stand for what YAML has no form for") {
  const Value actual = Value::map({{"at", Timestamp{1'767'319'445, 0}},
                                   {"took", Duration{90, 0}},
                                   {"raw", Value::bytes(std::string_view("\0\xff", 2))},
                                   {"by", Value::map({{7, "seven"}, {true, Duration{1, 0}}})}});
  const auto told = [&](std::string_view expect) {
    return differences_text(check_expectation(parse_json(expect).value(), actual));
  };
  CHECK(told(R"({"at": "2026-01-02T03:04:05Z", "took": "1m30s", "raw": "AP8=", "by": {"7": "seven", "true": "1s"}})") ==
        "at: expected '2026-01-02T03:04:05Z', got 2026-01-02T02:04:05Z");
  CHECK(told(R"({"at": "2026-01-02T03:04:05+01:00", "took": "90s", "by": {"equals": {"7": "seven", "true": "1000ms"}}})") == "");
  CHECK(told(R"({"took": {"at_least": "1m", "at_most": "0.1h"}, "at": {"at_most": "2027-01-01T00:00:00Z"}})") == "");
  CHECK(told(R"({"took": {"at_least": "2m"}})") == "took: expected at least '2m', got 90s");
  CHECK(told(R"({"took": {"at_most": "soon"}})") == "took: expected at most 'soon', got 90s");
  CHECK(told(R"({"took": "soon"})") == "took: expected 'soon', got 90s");
  CHECK(told(R"({"raw": "?"})") == "raw: expected '?', got a bytes");
  CHECK(told(R"({"by": {"8": "seven"}})") == "by.8: is missing");
  CHECK(told(R"({"by": {"equals": {"7": "seven"}}})") == "by: expected exactly a map of 1, got a map of 2");
}

TEST_CASE("an expectation that can never be met is told before") {
  CHECK(problem("{a: [{matches: '('}]}") == "matches: the pattern '(' is wrong: missing ): (");
  CHECK(problem("{type: lst}").starts_with("type: "));
  CHECK(problem("{approx: x}") == "approx: must be a number");
  CHECK(problem("{within: 1}") == "within: belongs to approx");
  CHECK(problem("{one_of: []}") == "one_of: must be a list of alternatives");
  CHECK(problem("{at_least: [1]}") == "at_least: must be a number or a string");
  CHECK(problem("{absent: 1}") == "absent: must be true or false");
  CHECK(problem("{equals: {matches: '('}}") == "");
  CHECK(problem("{a: {contains: b}, b: 1}") == "");
}
