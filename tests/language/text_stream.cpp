#include "models/text_stream.h"

#include <doctest/doctest.h>
#include <rapidcheck.h>

#include "base/utf8.h"

namespace thalweg::models {

namespace {
std::string all(std::vector<std::string> stops, const std::vector<std::string>& pieces) {
  TextStream stream(std::move(stops));
  std::string text;
  for (const std::string& piece : pieces) {
    text += stream.push(piece) + "|";
    if (stream.stopped()) return text + "stopped";
  }
  return text + stream.finish();
}
}  // namespace

TEST_CASE("characters split over tokens are told whole") {
  CHECK(all({}, {"a\xF0\x9F", "\x98", "\x80z"}) == "a||\xF0\x9F\x98\x80z|");
  CHECK(all({}, {"\xC3", "\xA9"}) == "|\xC3\xA9|");
}

TEST_CASE("what is ill-formed becomes U+FFFD: in the middle at once, at the end when the text ends") {
  CHECK(all({}, {"a\xFF", "b"}) == "a\xEF\xBF\xBD|b|");
  CHECK(all({}, {"a\xF0\x9F", "b"}) ==
        "a|\xEF\xBF\xBD"
        "b|");
  CHECK(all({}, {"a\xF0\x9F"}) == "a|\xEF\xBF\xBD");
}

TEST_CASE("what may begin a stop string is held back, and told when it does not") {
  CHECK(all({"</s>"}, {"a<", "/", "s>b"}) == "a|||stopped");
  CHECK(all({"</s>"}, {"a<", "/", "t>"}) == "a||</t>|");
  CHECK(all({"</s>"}, {"a</"}) == "a|</");
  CHECK(all({"aab"}, {"a", "a", "a", "b", "c"}) == "||a||stopped");
  CHECK(all({"xyz", "y"}, {"ax", "y", "z"}) == "a|x|stopped");
}

TEST_CASE("any bytes in any pieces give one well-formed text, that of all of them at once up to the first stop string") {
  rc::check([](const std::vector<std::string>& pieces) {
    std::string whole;
    for (const std::string& piece : pieces) whole += piece;
    std::string stop = *rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::element('a', 'b')));
    TextStream stream({stop});
    std::string text;
    for (const std::string& piece : pieces) text += stream.push(piece);
    text += stream.finish();
    const std::string expected = utf8::well_formed(whole);
    RC_ASSERT(text == expected.substr(0, expected.find(stop)));
  });
}

TEST_CASE("random pieces of few letters against the plain search") {
  rc::check([] {
    const auto pieces =
        *rc::gen::container<std::vector<std::string>>(rc::gen::container<std::string>(rc::gen::element('a', 'b', 'c')));
    const auto stops = *rc::gen::container<std::vector<std::string>>(
        rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::element('a', 'b', 'c'))));
    std::string whole;
    for (const std::string& piece : pieces) whole += piece;
    std::size_t shortest_end = std::string::npos;
    TextStream stream(stops);
    std::string text;
    std::size_t given = 0;
    for (const std::string& piece : pieces) {
      if (stream.stopped()) break;
      text += stream.push(piece);
      given += piece.size();
    }
    text += stream.finish();
    for (const std::string& stop : stops) shortest_end = std::min(shortest_end, whole.substr(0, given).find(stop));
    RC_ASSERT(text == whole.substr(0, std::min(shortest_end, given)));
    RC_ASSERT(stream.stopped() == (shortest_end != std::string::npos));
  });
}

}  // namespace thalweg::models
