#include "base/utf8.h"

#include <doctest/doctest.h>

#include <string>

using namespace thalweg;
using namespace std::string_view_literals;

namespace {
constexpr std::size_t kWell = std::string_view::npos;
}

TEST_CASE("well-formed and ill-formed sequences are told apart as in the Unicode standard, table 3-7") {
  for (const std::string_view good :
       {""sv, "a"sv, "\0"sv, "\x7F"sv, "\xC2\x80"sv, "\xDF\xBF"sv, "\xE0\xA0\x80"sv, "\xED\x9F\xBF"sv, "\xEE\x80\x80"sv,
        "\xEF\xBF\xBF"sv, "\xF0\x90\x80\x80"sv, "\xF4\x8F\xBF\xBF"sv, "h\xC3\xA9llo"sv}) {
    CHECK(utf8::invalid_at(good) == kWell);
  }
  for (const std::string_view bad : {"\x80"sv, "\xBF"sv, "\xC0\xAF"sv, "\xC1\xBF"sv, "\xC2"sv, "\xC2\x41"sv, "\xE0\x9F\xBF"sv,
                                     "\xE1\x80"sv, "\xED\xA0\x80"sv, "\xED\xBF\xBF"sv, "\xF0\x8F\xBF\xBF"sv, "\xF1\x80\x80"sv,
                                     "\xF4\x90\x80\x80"sv, "\xF5\x80\x80\x80"sv, "\xFE"sv, "\xFF"sv}) {
    CHECK(utf8::invalid_at(bad) == 0);
    for (const std::size_t before : {1, 7, 8, 31, 32, 33, 70}) {  // around the block sizes
      CHECK(utf8::invalid_at(std::string(before, 'x') + std::string(bad) + "tail") == before);
      CHECK(utf8::invalid_at(std::string(before, 'x') + "\xC3\xA9" + std::string(bad)) == before + 2);
    }
  }
}

TEST_CASE("every code point is written, read back and counted; every surrogate is refused") {
  std::string all;
  std::size_t points = 0;
  for (char32_t code = 0; code <= 0x10FFFF; ++code) {
    std::string one;
    utf8::append(one, code);
    const utf8::Step read = utf8::step(one, 0);
    if (code >= 0xD800 && code <= 0xDFFF) {
      REQUIRE_FALSE(read.valid);
      continue;
    }
    REQUIRE(read.valid);
    REQUIRE(read.code == code);
    REQUIRE(read.length == one.size());
    all += one;
    ++points;
  }
  CHECK(utf8::invalid_at(all) == kWell);
  CHECK(utf8::count(all) == points);
  CHECK(points == 1'112'064);
}

TEST_CASE("ill-formed bytes are stepped over by their longest beginning") {
  // The standard's own example (3.9, table 3-11): 61 F1 80 80 E1 80 C2 62 80 63 80 BF 64.
  const std::string_view text = "\x61\xF1\x80\x80\xE1\x80\xC2\x62\x80\x63\x80\xBF\x64"sv;
  std::u32string read;
  for (std::size_t at = 0; at < text.size();) {
    const utf8::Step next = utf8::step(text, at);
    read.push_back(next.code);
    at += next.length;
  }
  CHECK(read == U"a\uFFFD\uFFFD\uFFFDb\uFFFDc\uFFFD\uFFFDd");
}

TEST_CASE("long texts of others are cut between code points") {
  CHECK(utf8::cut("whole", 5) == "whole");
  CHECK(utf8::cut("longer", 5) == "longe...");
  CHECK(utf8::cut("a\xC3\xA9z", 2) == "a...");
  CHECK(utf8::cut("\x80\x80\x80", 2) == "...");
  CHECK(utf8::cut(std::string(80, 'x')) == std::string(80, 'x'));
}

TEST_CASE("what is ill-formed becomes U+FFFD, the rest stays") {
  CHECK(utf8::well_formed("") == "");
  CHECK(utf8::well_formed("a\u00e9\U0001F600") == "a\u00e9\U0001F600");
  CHECK(utf8::well_formed("a\xFF\xE2\x82z") == "a\uFFFD\uFFFDz");
}

TEST_CASE("code points are found by index") {
  const std::string_view text = "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80z";
  CHECK(utf8::count(text) == 5);
  CHECK(utf8::offset_of(text, 0) == 0);
  CHECK(utf8::offset_of(text, 2) == 3);
  CHECK(utf8::offset_of(text, 4) == 10);
  CHECK(utf8::offset_of(text, 5) == 11);
  CHECK(utf8::offset_of(text, 6) == kWell);
  CHECK(utf8::offset_of("", 0) == 0);
}
