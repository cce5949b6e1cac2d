#include "lang/answer.h"

#include <doctest/doctest.h>

#include "thalweg/json.h"

using namespace thalweg;
using namespace thalweg::lang;

namespace {
// The answer to a question, as compact JSON.
std::string answer(std::string_view question) {
  VirtualClock clock;
  return answer_line(question, Context(clock), Timestamp{1'700'000'000, 0});
}
}  // namespace

TEST_CASE("answers carry the value and CEL's type name") {
  const std::pair<const char*, const char*> rows[] = {
      {R"j({"expr": "1 + 1"})j", R"j({"value":2,"type":"int"})j"},
      {R"j({"expr": "9223372036854775807"})j", R"j({"value":9223372036854775807,"type":"int"})j"},
      {R"j({"expr": "18446744073709551615u"})j", R"j({"value":18446744073709551615,"type":"uint"})j"},
      {R"j({"expr": "0.5"})j", R"j({"value":0.5,"type":"double"})j"},
      {R"j({"expr": "0.0 / 0.0"})j", R"j({"value":"NaN","type":"double"})j"},
      {R"j({"expr": "[1.0 / 0.0, -1.0 / 0.0]"})j", R"j({"value":["Infinity","-Infinity"],"type":"list"})j"},
      {R"j({"expr": "b'\\x00\\xff'"})j", R"j({"value":"00ff","type":"bytes"})j"},
      {R"j({"expr": "'é'"})j", R"j({"value":"é","type":"string"})j"},
      {R"j({"expr": "null"})j", R"j({"value":null,"type":"null_type"})j"},
      {R"j({"expr": "timestamp(0)"})j", R"j({"value":"1970-01-01T00:00:00Z","type":"google.protobuf.Timestamp"})j"},
      {R"j({"expr": "duration('1.5s')"})j", R"j({"value":"1.5s","type":"google.protobuf.Duration"})j"},
      {R"j({"expr": "type(1u)"})j", R"j({"value":"uint","type":"type"})j"},
      {R"j({"expr": "{'a': b'a'}"})j", R"j({"value":{"a":"61"},"type":"map"})j"},
      {R"j({"expr": "{1: 'a', true: 2u}"})j", R"j({"value":[[1,"a"],[true,2]],"type":"map"})j"},
      {R"j({"expr": "now"})j", R"j({"value":"2023-11-14T22:13:20Z","type":"google.protobuf.Timestamp"})j"},
  };
  for (const auto& [question, expected] : rows) CHECK(answer(question) == expected);
}

TEST_CASE("variables are plain or typed") {
  const std::pair<const char*, const char*> rows[] = {
      {R"j({"expr": "x + 1", "vars": {"x": 2}})j", R"j({"value":3,"type":"int"})j"},
      {R"j({"expr": "x", "vars": {"x": 2.0}})j", R"j({"value":2.0,"type":"double"})j"},
      {R"j({"expr": "x", "vars": {"x": {"type": "int", "value": "-9223372036854775808"}}})j",
       R"j({"value":-9223372036854775808,"type":"int"})j"},
      {R"j({"expr": "x", "vars": {"x": {"type": "uint", "value": 7}}})j", R"j({"value":7,"type":"uint"})j"},
      {R"j({"expr": "x", "vars": {"x": {"type": "uint", "value": "18446744073709551615"}}})j",
       R"j({"value":18446744073709551615,"type":"uint"})j"},
      {R"j({"expr": "x", "vars": {"x": {"type": "double", "value": 3}}})j", R"j({"value":3.0,"type":"double"})j"},
      {R"j({"expr": "x != x", "vars": {"x": {"type": "double", "value": "NaN"}}})j", R"j({"value":true,"type":"bool"})j"},
      {R"j({"expr": "x", "vars": {"x": {"type": "double", "value": "-Infinity"}}})j",
       R"j({"value":"-Infinity","type":"double"})j"},
      {R"j({"expr": "x + b'!'", "vars": {"x": {"type": "bytes", "value": "FFfe"}}})j", R"j({"value":"fffe21","type":"bytes"})j"},
      {R"j({"expr": "x", "vars": {"x": {"type": "google.protobuf.Timestamp", "value": "1970-01-01T00:00:01Z"}}})j",
       R"j({"value":"1970-01-01T00:00:01Z","type":"google.protobuf.Timestamp"})j"},
      {R"j({"expr": "x.getSeconds()", "vars": {"x": {"type": "duration", "value": "90s"}}})j", R"j({"value":90,"type":"int"})j"},
      {R"j({"expr": "x", "vars": {"x": {"type": "list<uint>", "value": [1, "2"]}}})j", R"j({"value":[1,2],"type":"list"})j"},
      {R"j({"expr": "x[0]", "vars": {"x": [{"type": "uint", "value": 5}]}})j", R"j({"value":5,"type":"uint"})j"},
      {R"j({"expr": "x[2]", "vars": {"x": {"type": "map<int, string>", "value": {"2": "b"}}}})j",
       R"j({"value":"b","type":"string"})j"},
      {R"j({"expr": "x[2]", "vars": {"x": {"type": "map", "value": [[2, "b"]]}}})j", R"j({"value":"b","type":"string"})j"},
      {R"j({"expr": "x[true]", "vars": {"x": {"type": "map<bool, int>", "value": {"true": 1}}}})j",
       R"j({"value":1,"type":"int"})j"},
      {R"j({"expr": "x == int", "vars": {"x": {"type": "type", "value": "int"}}})j", R"j({"value":true,"type":"bool"})j"},
      {R"j({"expr": "x", "vars": {"x": {"type": "null_type", "value": null}}})j", R"j({"value":null,"type":"null_type"})j"},
      {R"j({"expr": "x.y", "vars": {"x.y": 1}})j", R"j({"value":1,"type":"int"})j"},
      {R"j({"expr": "y", "vars": {"x.y": 1, "y": 2}, "container": "x"})j", R"j({"value":1,"type":"int"})j"},
      {R"j({"expr": "x.type", "vars": {"x": {"type": "a", "value": 1, "more": 2}}})j", R"j({"value":"a","type":"string"})j"},
      {R"j({"expr": "size(x)", "vars": {"x": {"type": "floats", "value": [1, 2.5]}}})j", R"j({"value":2,"type":"int"})j"},
      {R"j({"expr": "x.a", "vars": {"x": {"type": "{a: uint}", "value": {"a": 1}}}})j", R"j({"value":1,"type":"uint"})j"},
  };
  for (const auto& [question, expected] : rows) CHECK(answer(question) == expected);
}

TEST_CASE("what is wrong with a question is its answer") {
  const std::pair<const char*, const char*> rows[] = {
      {"", "error"},
      {"{", "error"},
      {"[]", "a question is an object"},
      {R"j({"vars": {}})j", "'expr' is missing"},
      {R"j({"expr": 1})j", "'expr' must be a string"},
      {R"j({"expr": "1", "var": {}})j", "unknown key 'var'; did you mean 'vars'?"},
      {R"j({"expr": "1", "check": 1})j", "'check' must be true or false"},
      {R"j({"expr": "1", "vars": []})j", "'vars' must be an object"},
      {R"j({"expr": "1 / 0"})j", "division by zero (column 3)"},
      {R"j({"expr": "x", "vars": {"x": {"type": "integer", "value": 1}}})j",
       "vars.x: column 1 of the type 'integer': no type 'integer'"},
      {R"j({"expr": "x", "vars": {"x": {"type": "int", "value": 1.5}}})j", "vars.x: 1.5 is no int"},
      {R"j({"expr": "x", "vars": {"x": {"type": "int", "value": "a"}}})j", "'a' is no int"},
      {R"j({"expr": "x", "vars": {"x": {"type": "uint", "value": -1}}})j", "-1 is no uint"},
      {R"j({"expr": "x", "vars": {"x": {"type": "bytes", "value": "f"}}})j", "in hexadecimal"},
      {R"j({"expr": "x", "vars": {"x": {"type": "bytes", "value": "zz"}}})j", "in hexadecimal"},
      {R"j({"expr": "x", "vars": {"x": {"type": "double", "value": "1,5"}}})j", "'1,5' is no double"},
      {R"j({"expr": "x", "vars": {"x": {"type": "bool", "value": 1}}})j", "an int is no bool"},
      {R"j({"expr": "x", "vars": {"x": {"type": "timestamp", "value": "yesterday"}}})j", "is no timestamp"},
      {R"j({"expr": "x", "vars": {"x": {"type": "list", "value": 1}}})j", "is no list"},
      {R"j({"expr": "x", "vars": {"x": {"type": "map", "value": [1]}}})j", "a list of [key, value]"},
      {R"j({"expr": "x + 'a'", "vars": {"x": {"type": "int", "value": 1}}, "check": true})j",
       "no matching overload for '+' applied to (int, string)"},
      {R"j({"expr": "y", "vars": {"x": 1}, "check": true})j", "undeclared reference to 'y'"},
      {R"j({"expr": "n < limit", "vars": {"n": 1, "limit": "3"}, "check": true})j",
       "no matching overload for '<' applied to (int, string)"},
      {R"j({"expr": "hits.map(h, h.titel)", "vars": {"hits": [{"title": "a"}]}, "check": true})j", "did you mean 'title'?"},
      {R"j({"expr": "m.a.b.c", "vars": {"m": {"a": {"b": 1}}}, "check": true})j", "an int has no field 'c'"},
  };
  for (const auto& [question, part] : rows) {
    const std::string text = answer(question);
    INFO(question, " gives ", text);
    const Result<Value> json = parse_json(text);
    REQUIRE(json);
    REQUIRE(json->find("error") != nullptr);
    CHECK((std::string_view(part) == "error" || json->find("error")->as_string().find(part) != std::string_view::npos));
  }
}
