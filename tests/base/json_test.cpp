#include "thalweg/json.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "base/error.h"
#include "base/format.h"
#include "thalweg/random.h"

using namespace thalweg;
using namespace std::string_view_literals;

namespace {
std::string problem(std::string_view text, const JsonLimits& limits = {}) {
  const auto parsed = parse_json(text, limits);
  REQUIRE_FALSE(parsed);
  CHECK(parsed.error().code() == Code::invalid_argument);
  return parsed.error().text();
}
Value read(std::string_view text) {
  auto parsed = parse_json(text);
  REQUIRE_MESSAGE(parsed, (parsed ? "" : parsed.error().text()));
  return *parsed;
}
}  // namespace

TEST_CASE("whole numbers come in exactly, as int, then uint, then an error with its place") {
  CHECK(read("0").is_int());
  CHECK(read("-0").is_int());
  CHECK(read("-1").as_int() == -1);
  CHECK(read("9223372036854775807").as_int() == INT64_MAX);
  CHECK(read("-9223372036854775808").as_int() == INT64_MIN);
  CHECK(read("9223372036854775808").is_uint());
  CHECK(read("9999999999999999999").as_uint() == 9'999'999'999'999'999'999U);
  CHECK(read("18446744073709551615").as_uint() == UINT64_MAX);
  CHECK(problem("[1, 18446744073709551616]") ==
        "invalid JSON at byte 4 (line 1, column 5): the integer 18446744073709551616 is beyond 64 bits; write it with '.0' to "
        "get the nearest "
        "double, or as a string");
  CHECK(problem("-9223372036854775809").find("beyond 64 bits") != std::string::npos);
  CHECK(problem("100000000000000000000000000000").find("beyond 64 bits") != std::string::npos);
  CHECK(problem("-18446744073709551616").find("beyond 64 bits") != std::string::npos);
}

TEST_CASE("other numbers are the nearest double") {
  CHECK(read("1.0").is_real());
  CHECK(read("1e2").as_real() == 100.0);
  CHECK(read("-0.0").as_real() == 0.0);
  CHECK(std::signbit(read("-0.0").as_real()));
  // Rounding cases: halfway, near halfway (Gay's and Lemire's well-known ones), the ends of the range.
  CHECK(read("9007199254740993.0").as_real() == 9007199254740992.0);
  CHECK(read("9007199254740993.00000000000000000000000000000000000001").as_real() == 9007199254740994.0);
  CHECK(read("2.2250738585072011e-308").as_real() == 0x0.fffffffffffffp-1022);
  CHECK(read("1.7976931348623157e308").as_real() == std::numeric_limits<double>::max());
  CHECK(read("5e-324").as_real() == 0x1p-1074);
  CHECK(read("2.5e-324").as_real() == 0x1p-1074);
  CHECK(read("2.4e-324").as_real() == 0.0);
  CHECK(read("1e-400").as_real() == 0.0);
  CHECK(std::signbit(read("-1e-400").as_real()));
  CHECK(read("0e999999999999999999999").as_real() == 0.0);
  CHECK(read("1e-999999999999999999999").as_real() == 0.0);
  CHECK(read("0." + std::string(400, '0') + "1").as_real() == 0.0);
  CHECK(read("0." + std::string(400, '0') + "1e401").as_real() == 1.0);
  CHECK(problem(" 1e400") == "invalid JSON at byte 1 (line 1, column 2): the number 1e400 is beyond what a double holds");
  CHECK(problem("-1" + std::string(400, '0') + ".0").find("beyond what a double holds") != std::string::npos);
  CHECK(problem("1e999999999999999999999").find("beyond what a double holds") != std::string::npos);
  CHECK(problem("4611686018E+9223372036854775807").find("beyond what a double holds") != std::string::npos);
  CHECK(read("0.0004e-9223372036854775808").as_real() == 0);
  CHECK(problem("0.1e400").find("beyond what a double holds") != std::string::npos);
}

TEST_CASE("strings with every escape") {
  CHECK(read(R"("\"\\\/\b\f\n\r\t")").as_string() == "\"\\/\b\f\n\r\t");
  CHECK(read(R"("a\u0000b")").as_string() == "a\0b"sv);
  CHECK(read(R"("\u00e9\u20AC\ud83d\ude00")").as_string() == "\u00e9\u20ac\U0001F600");
  CHECK(read("\"long enough to be read in blocks, then \u00e9, then \\n and on\"").as_string() ==
        "long enough to be read in blocks, then \u00e9, then \n and on");
  CHECK(read("\xEF\xBB\xBF\"behind a byte order mark\"").as_string() == "behind a byte order mark");
}

TEST_CASE("what is no JSON is refused with its place") {
  CHECK(problem("") == "invalid JSON at byte 0 (line 1, column 1): a value is missing: the document ends");
  CHECK(problem(" \n ") == "invalid JSON at byte 3 (line 2, column 2): a value is missing: the document ends");
  CHECK(
      problem("[1,\n 2,\n \"\u00e9\u00e9\" 3]") ==
      "invalid JSON at byte 16 (line 3, column 7): expected ',' or ']' of the list begun at line 1, column 1, but there is '3'");
  CHECK(problem("{\"a\":1") ==
        "invalid JSON at byte 6 (line 1, column 7): expected ',' or '}' of the map begun at line 1, column 1, but the document "
        "ends");
  CHECK(problem("{} x") == "invalid JSON at byte 3 (line 1, column 4): the document is complete, but then there is 'x'");
  CHECK(problem("[1,]") == "invalid JSON at byte 3 (line 1, column 4): a value is missing: there is ']'");
  CHECK(problem("{\"a\":1,}") == "invalid JSON at byte 7 (line 1, column 8): a key in quotes is missing: there is '}'");
  CHECK(problem("{a:1}") == "invalid JSON at byte 1 (line 1, column 2): a key in quotes is missing: there is 'a'");
  CHECK(problem("{\"a\" 1}") == "invalid JSON at byte 5 (line 1, column 6): ':' is missing behind the key 'a': there is '1'");
  CHECK(problem("tru") == "invalid JSON at byte 3 (line 1, column 4): expected true, but the document ends");
  CHECK(problem("\"\x01\"") == "invalid JSON at byte 1 (line 1, column 2): in a string there is the control character U+0001");
  CHECK(problem("\"abc") == "invalid JSON at byte 0 (line 1, column 1): this string never ends");
  CHECK(problem("\"a\\n") == "invalid JSON at byte 0 (line 1, column 1): this string never ends");
  CHECK(problem("\"a\\") == "invalid JSON at byte 2 (line 1, column 3): an escape is cut off: the document ends");
  CHECK(problem("\"\\x\"") ==
        "invalid JSON at byte 2 (line 1, column 3): an escape is expected behind a backslash, but there is 'x'");
  CHECK(problem("\"\\u12g4\"") ==
        "invalid JSON at byte 5 (line 1, column 6): \\u wants four hexadecimal digits, but there is 'g'");
  CHECK(problem("\"\\ud800\"") == "invalid JSON at byte 1 (line 1, column 2): a high surrogate without a low one behind it");
  CHECK(problem("\"\\ud800\\u0041\"") ==
        "invalid JSON at byte 1 (line 1, column 2): a high surrogate without a low one behind it");
  CHECK(problem("\"\\ud800\\u00\"") ==
        "invalid JSON at byte 11 (line 1, column 12): \\u wants four hexadecimal digits, but there is '\"'");
  CHECK(problem("\"\\udc00\"") == "invalid JSON at byte 1 (line 1, column 2): a low surrogate without a high one before it");
  CHECK(problem("01") == "invalid JSON at byte 0 (line 1, column 1): a number must not begin with 0");
  CHECK(problem("-") == "invalid JSON at byte 0 (line 1, column 1): a digit is missing behind '-': the document ends");
  CHECK(problem("1.") == "invalid JSON at byte 0 (line 1, column 1): a digit is missing behind '.': the document ends");
  CHECK(problem("1e+") == "invalid JSON at byte 0 (line 1, column 1): a digit is missing in the exponent: the document ends");
  CHECK(problem("NaN") == "invalid JSON at byte 0 (line 1, column 1): a value is missing: there is 'N'");
  CHECK(problem("[\x80]") ==
        "invalid JSON at byte 1 (line 1, column 2): a value is missing: there is the byte 0x80, which is not UTF-8");
  for (const std::string_view bad :
       {"+1", ".5", "'a'", "[1 2]", "[,1]", "{,}", "// x\n1", "1 /* x */", "]", "nul", "TRUE", "0x10", "1_000", "--1"}) {
    CHECK_FALSE(parse_json(bad));
  }
}

TEST_CASE("a key met twice is refused with its name and place, in small and large maps, however it is written") {
  CHECK(problem("{\"a\":1,\n\"b\":{\"a\":{}},\"a\":2}") ==
        "invalid JSON at byte 21 (line 2, column 14): the key 'a' is in this map already");
  CHECK(problem(R"([{"x\u0061":"{\"a\":1,", "b":[{"b":1}], "xa" :3}])") ==
        "invalid JSON at byte 40 (line 1, column 41): the key 'xa' is in this map already");
  std::string large = "{";
  for (int i = 0; i < 1000; ++i) large += fmt::format("\"key{}\": {}, ", i, i);
  const std::size_t place = large.size();
  CHECK(problem(large + "\"key500\": 1}")
            .starts_with(fmt::format("invalid JSON at byte {} (line 1, column {})", place, place + 1)));
  CHECK(read(large + "\"new\": 1}").size() == 1001);
  CHECK(read(R"({"":1,"a":{"":2}})").find("")->as_int() == 1);
}

TEST_CASE("ill-formed UTF-8 is refused at its first byte, wherever it stands") {
  const std::string text = "{\"key\": [\"some text\", \"esc\\n more\", 12]}";
  for (std::size_t at = 0; at <= text.size(); ++at) {
    for (const std::string_view bad : {"\xFF"sv, "\xC3"sv, "\xE2\x82"sv, "\xED\xA0\x80"sv}) {
      std::string broken = text;
      broken.insert(at, bad);
      const std::string told = problem(broken);
      CHECK_MESSAGE(told.starts_with(fmt::format("invalid JSON at byte {} ", at)), told);
    }
  }
}

TEST_CASE("every truncation of a document is an error, never a value") {
  const std::string text = R"({"a": [1, 2.5e1, "x\u00e9\n", true, null, {"b": {}}], "c": false})";
  REQUIRE(parse_json(text));
  for (std::size_t size = 0; size < text.size(); ++size) {
    const std::string exact = text.substr(0, size);  // of its own size: reading past the end is seen by the sanitizer
    CHECK_FALSE(parse_json(std::string_view(exact.data(), size)));
  }
}

TEST_CASE("depth and size have limits, and depth costs no stack") {
  const auto deep = [](std::size_t levels) { return std::string(levels, '[') + std::string(levels, ']'); };
  CHECK(parse_json(deep(512)));
  CHECK(problem(deep(513)) ==
        "invalid JSON at byte 512 (line 1, column 513): lists and maps are nested deeper than the 512 levels allowed");
  CHECK_FALSE(parse_json(deep(10'000)));
  const std::string tower = deep(1'000'000);
  const auto high = parse_json(tower, {.max_depth = 1'000'000});
  REQUIRE(high);
  CHECK(to_json(*high).value() == tower);
  CHECK(problem("[1,2,3]", {.max_bytes = 6}) ==
        "invalid JSON at byte 6 (line 1, column 7): the document has 7 bytes, more than the 6 allowed");
  CHECK(parse_json("[1,2,3]", {.max_bytes = 7}));
}

TEST_CASE("fifty megabytes are read and written") {
  std::string text = "[";
  while (text.size() < 50'000'000) text += R"({"id":123456,"name":"a name","tags":["x","y"],"score":0.25},)";
  text.back() = ']';
  const auto value = parse_json(text);
  REQUIRE(value);
  CHECK(to_json(*value).value() == text);
}

TEST_CASE("doubles print in the shortest form that reads back, and as doubles") {
  CHECK(to_json(Value(1.0)).value() == "1.0");
  CHECK(to_json(Value(-0.0)).value() == "-0.0");
  CHECK(to_json(Value(0.1)).value() == "0.1");
  CHECK(to_json(Value(1e22)).value() == "1e+22");
  CHECK(to_json(Value(123456789012345680.0)).value() == "1.2345678901234568e+17");
  CHECK(to_json(Value(5e-324)).value() == "5e-324");
  CHECK(to_json(Value(1e15)).value() == "1000000000000000.0");
}

TEST_CASE("doubles of few decimals and of any print as the formatting library writes them") {
  Random random(21);
  for (int round = 0; round < 200'000; ++round) {
    const double number = (random.uniform() - 0.5) * std::pow(10.0, static_cast<double>(random.below(30)) - 10);
    const std::string plain = fmt::to_string(number);
    REQUIRE(to_json(Value(number)).value() == (plain.find_first_of(".e") == std::string::npos ? plain + ".0" : plain));
    const auto narrow = static_cast<float>(number);
    const std::string text = fmt::to_string(narrow);
    REQUIRE(to_json(Value::floats(std::span(&narrow, 1))).value() ==
            fmt::format("[{}]", text.find_first_of(".e") == std::string::npos ? text + ".0" : text));
  }
  for (int round = 0; round < 200'000; ++round) {
    const std::uint64_t bound = std::uint64_t{1} << (1 + random.below(52));
    const double number = static_cast<double>(random.below(bound)) / (random.below(2) == 0 ? 1000.0 : 64.0);
    const std::string plain = fmt::to_string(number);
    const std::string expected = plain.find_first_of(".e") == std::string::npos ? plain + ".0" : plain;
    REQUIRE(to_json(Value(number)).value() == expected);
    REQUIRE(to_json(Value(-number)).value() == "-" + expected);
  }
}

TEST_CASE("texts of every length and with a special byte at every place print, and into a string without room to spare") {
  for (std::size_t size = 0; size < 40; ++size) {
    for (const std::string_view special : {"", "\"", "\\", "\x01", "\n", "\u00e9", "\U0001F600"}) {
      for (std::size_t at = 0; at <= size; ++at) {
        std::string text(size, 'a');
        text.insert(at, special);
        const std::string printed = to_json(Value(text)).value();
        CHECK(parse_json(printed).value() == Value(text));
        std::string more(at, ' ');
        more.shrink_to_fit();
        CHECK(append_json(more, Value(text + special.data() + special.data()), JsonStyle::compact).has_value());
      }
    }
  }
  const std::string controls(1000, '\x01');
  CHECK(to_json(Value(controls)).value().size() == 6 * controls.size() + 2);
}

TEST_CASE("maps of the same keys one behind the other are found in by key, and a key twice is seen in any of them") {
  for (const std::size_t size : {1U, 2U, 8U, 9U, 40U}) {
    std::string one;
    for (std::size_t i = 0; i < size; ++i) one += fmt::format("{}\"a key {}\": {}", i == 0 ? "" : ", ", i, i);
    const Value read_back = read(fmt::format("[{{{0}}}, {{{0}}}, {{{0}, \"more\": 1}}, {{\"less\": 2}}, {{{0}}}]", one));
    for (const std::size_t which : {0U, 1U, 2U, 4U}) {
      const Value& map = read_back.items()[which];
      for (std::size_t i = 0; i < size; ++i)
        CHECK(map.find(fmt::format("a key {}", i))->as_int() == static_cast<std::int64_t>(i));
      CHECK(map.find("a key") == nullptr);
      CHECK(map.with({Value("a key 0")}, Value("new")).value().find("a key 0")->as_string() == "new");
    }
    CHECK(problem(fmt::format("[{{{0}}}, {{{0}}}, {{{0}, \"a key 0\": 1}}]", one)).find("the key 'a key 0'") !=
          std::string::npos);
  }
}

TEST_CASE("every kind has its JSON form") {
  const std::vector<float> numbers{0.1F, 2.0F};
  const Value all = Value::map({{"null", nullptr},
                                {"uint", UINT64_MAX},
                                {"int", INT64_MIN},
                                {"text", "a\"\\\n\t\r\b\f\x01\x7F\u00e9/"},
                                {"bytes", Value::list({Value::bytes(""), Value::bytes("f"), Value::bytes("fo"),
                                                       Value::bytes("foo"), Value::bytes("\xFF\xFE")})},
                                {"time", Timestamp{.seconds = 1'767'323'045, .nanos = 500'000'000}},
                                {"span", Duration{.seconds = 1, .nanos = 500'000'000}},
                                {"back", Duration{.seconds = 0, .nanos = -1}},
                                {"type", Value::type("int")},
                                {"floats", Value::floats(numbers)},
                                {"empty", Value::list({Value::list(), Value::map()})}});
  CHECK(to_json(all).value() ==
        "{\"null\":null,\"uint\":18446744073709551615,\"int\":-9223372036854775808,"
        "\"text\":\"a\\\"\\\\\\n\\t\\r\\b\\f\\u0001\x7F\u00e9/\",\"bytes\":[\"\",\"Zg==\",\"Zm8=\",\"Zm9v\",\"//4=\"],"
        "\"time\":\"2026-01-02T03:04:05.5Z\",\"span\":\"1.5s\",\"back\":\"-0.000000001s\",\"type\":\"int\",\"floats\":[0.1,2.0],"
        "\"empty\":[[],{}]}");
  CHECK(to_json(Value(Timestamp{.seconds = -62'135'596'800, .nanos = 0})).value() == "\"0001-01-01T00:00:00Z\"");
  CHECK(to_json(Value(Timestamp{.seconds = 253'402'300'799, .nanos = 999'999'999})).value() ==
        "\"9999-12-31T23:59:59.999999999Z\"");
  CHECK(to_json(Value(Duration{.seconds = INT64_MIN, .nanos = 0})).value() == "\"-9223372036854775808s\"");
  CHECK(to_json(Value::map({{"a", Value::list({Value(1), Value::map()})}, {"b", true}}), JsonStyle::pretty).value() ==
        "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": true\n}");
}

TEST_CASE("what JSON cannot hold is refused by its path, and nothing is written") {
  std::string out = "before";
  const auto told = [&out](const Value& value) {
    const auto done = append_json(out, value);
    REQUIRE_FALSE(done);
    CHECK(done.error().code() == Code::invalid_argument);
    CHECK(out == "before");
    return done.error().text();
  };
  const double nan = std::numeric_limits<double>::quiet_NaN(), infinity = std::numeric_limits<double>::infinity();
  CHECK(told(Value(nan)) == "JSON cannot hold NaN");
  CHECK(told(Value::map({{"hits", Value::list({Value(1), Value::map({{"score", infinity}})})}})) ==
        "hits[1].score: JSON cannot hold infinity");
  CHECK(told(Value::list({Value::list({Value(-infinity)})})) == "[0][0]: JSON cannot hold -infinity");
  CHECK(told(Value::map({{"a", Value::map({{Value(7), 1}})}})) ==
        "a: JSON cannot hold a map with the key 7 (int): its keys are strings");
  CHECK(told(Value::map({{Value(true), 1}})) == "JSON cannot hold a map with the key true (bool): its keys are strings");
  CHECK(told(Value::map({{Value(std::uint64_t{7}), 1}})) == "JSON cannot hold a map with the key 7 (uint): its keys are strings");
  const std::vector<float> floats{1.0F, std::numeric_limits<float>::quiet_NaN()};
  CHECK(told(Value::map({{"v", Value::floats(floats)}})) == "v: JSON cannot hold NaN (float 1 of an array)");
  CHECK(told(Value::list({Value("ok"), Value("plain text and then \xFF")})) == "[1]: a string is not UTF-8 from its byte 20 on");
  CHECK(told(Value(Timestamp{.seconds = 253'402'300'800, .nanos = 0})) ==
        "the timestamp 253402300800 s is outside the years 1 to 9999");
}

TEST_CASE("an error in one line of many stands at that line") {
  CHECK(parse_json_line("[1]", "in.jsonl", 3).value() == Value::list({Value(1)}));
  CHECK(parse_json_line("[1, \"\u00e9\", x]", "in.jsonl", 3).error().text() ==
        "in.jsonl:3:10: invalid JSON at byte 10: a value is missing: there is 'x'");
}
