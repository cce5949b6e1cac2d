#include <doctest/doctest.h>

#include "engine/definition.h"

using namespace thalweg;

namespace {

Node parse(std::string text) {
  auto definition = parse_definition("d.yaml", std::move(text));
  REQUIRE_MESSAGE(definition.has_value(), definition.error().text());
  REQUIRE(definition->problems.empty());
  return std::move(definition->root);
}

Value value_of(const std::string& text) { return parse("v: " + text).find("v")->to_value(); }

std::string problem(std::string text) {
  auto definition = parse_definition("d.yaml", std::move(text));
  if (definition) {
    REQUIRE_FALSE(definition->problems.empty());
    return problems_error("d.yaml", definition->problems).text();
  }
  CHECK(definition.error().code() == Code::invalid_argument);
  return definition.error().text();
}

std::string repeat(std::string_view text, std::size_t n) {
  std::string all;
  for (std::size_t i = 0; i < n; ++i) all += text;
  return all;
}

}  // namespace

TEST_CASE("plain scalars follow the core schema of YAML 1.2 (spec 10.3.2)") {
  for (const char* text : {"", "~", "null", "Null", "NULL"}) CHECK_MESSAGE(value_of(text).is_null(), text);
  for (const char* text : {"true", "True", "TRUE"}) CHECK(value_of(text) == Value(true));
  for (const char* text : {"false", "False", "FALSE"}) CHECK(value_of(text) == Value(false));
  // Words and forms that only YAML 1.1 reads otherwise are text.
  for (const char* text : {"no",       "yes",        "on", "off", "y", "N",  "nUll", "tRUE", "1_000", "0b11",
                           "12:30:45", "2001-12-14", "1e", "+",   ".", "0x", "0xg",  "0o8",  "1.2.3", "<<"}) {
    const Value value = value_of(text);
    CHECK_MESSAGE(value.is_string(), text);
    CHECK(value == Value(text));
  }
  CHECK(value_of("0x1F") == Value(31));
  CHECK(value_of("0o17") == Value(15));
  CHECK(value_of("017") == Value(17));
  CHECK(value_of("+7") == Value(7));
  CHECK(value_of("-0").is_int());
  CHECK(value_of("685.230_15e+03").is_string());
  CHECK(value_of("6.8523015e+5") == Value(685230.15));
  CHECK(value_of("1e3").is_real());
  CHECK(value_of(".5") == Value(0.5));
  CHECK(value_of("5.").is_real());
  CHECK(value_of("-.inf").as_real() < -1e308);
  CHECK(value_of(".NaN").as_real() != value_of(".NaN").as_real());
  for (const char* text : {"'12'", "\"12\"", "!!str 12", "! 12"}) CHECK_MESSAGE(value_of(text) == Value("12"), text);
  CHECK(value_of("!!float 12").is_real());
}

TEST_CASE("YAML's own tags say what a scalar is") {
  CHECK(value_of("!!int \"7\"") == Value(7));
  CHECK(value_of("!!float '1'").is_real());
  CHECK(value_of("!!bool \"true\"") == Value(true));
  CHECK(value_of("!!null ''").is_null());
  CHECK(value_of("!!map {a: !!seq [!!str 1]}").find("a")->items()[0] == Value("1"));
  CHECK(problem("v: !!int seven") == "d.yaml:1:10: 'seven' is no int, which its tag says");
  CHECK(problem("v: !!bool 1") == "d.yaml:1:11: '1' is no bool, which its tag says");
  CHECK(problem("v: !!seq {}") == "d.yaml:1:10: a map is no seq, which its tag says");
  CHECK(problem("v: !mine 1").starts_with("d.yaml:1:10: unknown tag !mine; only"));
}

TEST_CASE("characters that YAML does not allow are refused with their place") {
  using namespace std::string_literals;
  CHECK(problem("a: 1\n\0b: 2\n"s) ==
        "d.yaml:2:1: the control character U+0000 cannot stand in a definition; in a string in double quotes write \\u0000");
  CHECK(problem("a: \"\xC3\xA9\x07\"").starts_with("d.yaml:1:6: the control character U+0007"));
  CHECK(problem("{\"a\": \"\x1b[2J\"}").starts_with("d.yaml:1:8: the control character U+001B"));
  CHECK(problem("a: \xC2\x9B\n").starts_with("d.yaml:1:4: the control character U+009B"));
  CHECK(problem("a: \xEF\xBF\xBE\n").starts_with("d.yaml:1:4: the control character U+FFFE"));
  CHECK(problem("a: |\n  x\x7F\n").starts_with("d.yaml:2:3: the control character U+007F cannot stand here"));
  CHECK(value_of("\"\x7F\xC2\x9B\"") == Value("\x7F\xC2\x9B"));  // JSON has them
  CHECK(value_of("\"\\a\\0\\u009b\"") == Value("\a\0\xC2\x9B"s));
  CHECK(value_of("a\tb") == Value("a\tb"));
}

TEST_CASE("what can be read in spite of a problem is read, and every problem told") {
  CHECK(problem("a: 1\na: 2\nb: {c: 1, c: [1, {d: 2, d: 3}], e: 99999999999999999999}\nc: &m {x: 1}\nd:\n  <<: *m\n") ==
        "d.yaml:2:1: the key 'a' is there twice\n"
        "d.yaml:3:11: the key 'c' is there twice\n"
        "d.yaml:3:25: the key 'd' is there twice\n"
        "d.yaml:3:36: the integer 99999999999999999999 does not fit in 64 bits; write it in quotes to keep it as text\n"
        "d.yaml:6:3: merge keys (<<) are no part of YAML 1.2; write the fields out, or take a whole value by its alias (key: "
        "*name)");
  const auto definition = parse_definition("d.yaml", "a: 1\na: 2\nb: 3\n");
  REQUIRE(definition.has_value());
  CHECK(definition->root.to_value() == Value::map({{"a", 1}, {"b", 3}}));
  CHECK(parse("'<<': 1").find("<<") != nullptr);
}

TEST_CASE("integers are exact or an error") {
  CHECK(value_of("9223372036854775807") == Value(INT64_MAX));
  CHECK(value_of("-9223372036854775808") == Value(INT64_MIN));
  CHECK(value_of("9223372036854775808").is_uint());
  CHECK(value_of("18446744073709551615") == Value(UINT64_MAX));
  CHECK(problem("v: 18446744073709551616").starts_with("d.yaml:1:4: the integer 18446744073709551616 does not fit"));
  CHECK(problem("v: -9223372036854775809").find("does not fit") != std::string::npos);
  CHECK(problem("v: 1e999").starts_with("d.yaml:1:4: the number 1e999 does not fit"));
}

TEST_CASE("YAML and JSON give the same tree") {
  const Value yaml = parse("name: \"a\\u00e9\\ud83d\\ude00\"\nlist:\n  - 1\n  - {x: [true, null, 1.5]}\nempty: {}\n").to_value();
  const Value json =
      parse("{\"name\"\n: \"a\\u00e9\\ud83d\\ude00\",\n\t\"list\":[1,{\"x\":[true,null,1.5]}], \"empty\":{}}").to_value();
  CHECK(yaml == json);
  CHECK(json.find("name")->as_string() == "aé😀");
  CHECK(parse("{\"" + std::string(2000, 'k') + "\": 1}").members.size() == 1);
}

TEST_CASE("every node knows its place") {
  const Node root = parse("# comment\nnäme: x\nlist:\n  - a\n  - 'b'\n  - {k: \"v\"}\n  -\ntext: |\n\n  one\n  two\n");
  CHECK(root.members[0].place == Place{2, 1});
  CHECK(root.members[0].node.place == Place{2, 7});
  const Node& list = *root.find("list");
  CHECK(list.place == Place{4, 3});
  CHECK(list.items[1].place == Place{5, 5});
  CHECK(list.items[2].members[0].node.place == Place{6, 9});
  CHECK(list.items[3].is_null());
  CHECK(root.find("text")->place == Place{10, 3});
}

TEST_CASE("a byte of a string is found in the file through quotes, escapes, folding and indentation") {
  const auto at = [](const std::string& text, std::string_view needle) {
    auto definition = parse_definition("d.yaml", text);
    REQUIRE_MESSAGE(definition.has_value(), definition.error().text());
    const Node& node = *definition->root.find("v");
    const std::size_t offset = node.value.as_string().find(needle);
    REQUIRE(offset != std::string_view::npos);
    return definition->place_in(node, offset);
  };
  CHECK(at("v: ab + cd", "cd") == Place{1, 9});
  CHECK(at("v: 'it''s cd'", "cd") == Place{1, 11});
  CHECK(at("v: \"\\\"ä\\u00e9\\t cd\"", "cd") == Place{1, 17});
  CHECK(at("v: \"\\ud83d\\ude00 cd\"", "cd") == Place{1, 18});
  CHECK(at("v: ab\n   ef\n\n   cd", "cd") == Place{4, 4});
  CHECK(at("v: \"ab   \n   ef \\\n    cd\"", "cd") == Place{3, 5});
  CHECK(at("v: 'ab\n\n\n   cd'", "cd") == Place{4, 4});
  CHECK(at("v: |\n  ab\n   ef\n\n  xcd\n", "cd") == Place{5, 4});
  CHECK(at("v: |\n  ab\n   ef\n\n  xcd\n", " ef") == Place{3, 3});
  CHECK(at("v: >-\n  ab\n  ef\n\n  xcd", "cd") == Place{5, 4});
  CHECK(at("v: >-\r\n  ab\r\n  cd", "cd") == Place{3, 3});
  CHECK(at("a: 1\nv: >\n    ab\n    cd\n", "cd") == Place{4, 5});
}

TEST_CASE("aliases are expanded, and counted before they are") {
  CHECK(parse("a: &x [1, 2]\nb: *x\nc: &y {k: *x}\nd: *y").to_value() ==
        parse("{a: [1, 2], b: [1, 2], c: {k: [1, 2]}, d: {k: [1, 2]}}").to_value());
  CHECK(problem("a: *x").starts_with("d.yaml:1:4: the alias *x has no anchor"));
  CHECK(problem("a: &x [*x]").find("contains itself") != std::string::npos);
  std::string bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
  for (int i = 1; i < 20; ++i) bomb += fmt::format("a{0}: &a{0} [{1}]\n", i, repeat(fmt::format("*a{},", i - 1), 10));
  CHECK(problem(bomb).find("more than 100000 values once aliases are expanded") != std::string::npos);
  std::string deep = "a0: &a0 [x]\n";
  for (int i = 1; i < 200; ++i) deep += fmt::format("a{0}: &a{0} [*a{1}]\n", i, i - 1);
  CHECK(problem(deep).find("nested deeper than 100 levels") != std::string::npos);
}

TEST_CASE("what is no definition is refused with its place") {
  CHECK(problem("") == "d.yaml:1:1: the definition is empty; it needs at least `name` and `stages`");
  CHECK(problem("# only a comment\n").find("empty") != std::string::npos);
  CHECK(problem("a: 1\nb: 2\na: 3") == "d.yaml:3:1: the key 'a' is there twice");
  std::string many;
  for (int i = 0; i < 100; ++i) many += fmt::format("k{}: 1\n", i);
  CHECK(parse(many).members.size() == 100);
  CHECK(problem(many + "k7: 2\n") == "d.yaml:101:1: the key 'k7' is there twice");
  CHECK(problem("1: a") == "d.yaml:1:1: a key must be a string; write it in quotes");
  CHECK(problem("? [a]\n: b").find("cannot be a key") != std::string::npos);
  CHECK(problem("a: 1\n---\nb: 1").starts_with("d.yaml:2:1: a second document"));
  CHECK(problem("a: !ruby/object x").starts_with("d.yaml:1:17: unknown tag !ruby/object"));
  CHECK(problem("a: !!int x") == "d.yaml:1:10: 'x' is no int, which its tag says");
  CHECK(problem("ok: \xC3\xA9\nb: \"\xC3(\"").starts_with("d.yaml:2:5: byte 11 is no UTF-8"));
  CHECK(problem("a: \xED\xA0\x80").find("byte 3 is no UTF-8") != std::string::npos);
  CHECK(problem("a: [1, 2\n").find("flow sequence without a closing bracket") != std::string::npos);
  CHECK(problem("name: x\nstages:\n  - id: a\n    uses: \"unfinished").starts_with("d.yaml:4:"));
  CHECK(problem("{\"a\": 1").starts_with("d.yaml:"));
  CHECK(problem("a: \"\\ud83d x\"").starts_with("d.yaml:1:"));
}

TEST_CASE("size and depth are limited before the work is done") {
  CHECK(problem(std::string(50'000'000, 'a')).find("more than 1048576 bytes") != std::string::npos);
  CHECK(problem("a: " + repeat("[", 10'000) + repeat("]", 10'000)).find("deeper than 100 levels") != std::string::npos);
  CHECK(problem(repeat("{\"a\":", 10'000) + "1" + repeat("}", 10'000)).find("deeper than 100 levels") != std::string::npos);
  CHECK(problem(repeat("- ", 10'000)).find("deeper than 100 levels") != std::string::npos);
  std::string indented;
  for (std::size_t i = 0; i < 1'000; ++i) indented += std::string(i, ' ') + "a:\n";
  CHECK(problem(indented).find("deeper than 100 levels") != std::string::npos);
  (void)problem(repeat("[", 10'000));  // truncated as well
  CHECK(parse(repeat("[", 100) + repeat("]", 100)).kind == Node::Kind::list);
}

TEST_CASE("a file is read, or the reason is given") {
  CHECK(read_definition("no-such-file.yaml").error().code() == Code::not_found);
  CHECK(read_definition("/dev/zero").error().text().find("more than 1048576 bytes") != std::string::npos);
  CHECK_FALSE(read_definition("/").has_value());
}
