// How types cross.

#include <rapidcheck.h>

#include <limits>

#include "typed/typed.h"

using namespace thalweg;
using namespace std::chrono_literals;

namespace {

struct Hit {
  std::string title;
  std::optional<double> score;
  std::vector<int> pages;
  bool operator==(const Hit&) const = default;
  static constexpr auto fields =
      std::tuple{field("title", &Hit::title), field("score", &Hit::score), field("pages", &Hit::pages)};
};
struct Nested {
  Hit hit;
  std::map<std::string, Hit> more;
  bool operator==(const Nested&) const = default;
  static constexpr auto fields = std::tuple{field("hit", &Nested::hit), field("more", &Nested::more)};
};
enum class Colour : std::uint8_t { red, green };

template <class T>
T back(const T& value) {
  const auto encoded = detail::encode<T>(value);
  REQUIRE_MESSAGE(encoded.has_value(), (encoded ? "" : encoded.error().text()));
  // Also through a pipeline, whose declared types check it.
  const auto through = test::run(pipe<T>(), value);
  REQUIRE_MESSAGE(through.has_value(), (through ? "" : through.error().text()));
  CHECK(*detail::encode<T>(*through) == *encoded);
  const auto decoded = detail::decode<T>(*encoded);
  REQUIRE_MESSAGE(decoded.has_value(), (decoded ? "" : decoded.error().text()));
  return *decoded;
}

template <class T>
std::string error(const Value& value) {
  const auto decoded = detail::decode<T>(value);
  return decoded ? "decoded" : std::string(info(decoded.error().code()).name) + " " + decoded.error().message();
}

}  // namespace

template <>
struct thalweg::Codec<Colour> {
  static std::string type() { return "string"; }
  static Value encode(Colour colour) { return colour == Colour::red ? "red" : "green"; }
  static Result<Colour> decode(const Value& value) {
    if (value == Value("red")) return Colour::red;
    if (value == Value("green")) return Colour::green;
    return std::unexpected(Error(Code::invalid_argument, "no colour"));
  }
};

TEST_CASE("built in types come back as they were") {
  CHECK(back(true));
  CHECK(back(std::numeric_limits<std::int64_t>::min()) == std::numeric_limits<std::int64_t>::min());
  CHECK(back(std::numeric_limits<std::uint64_t>::max()) == std::numeric_limits<std::uint64_t>::max());
  CHECK(back(std::uint8_t{200}) == 200);
  CHECK(back(1.5F) == 1.5F);
  CHECK(back(std::string("grüße")) == "grüße");
  CHECK(back(std::vector<std::string>{"a", ""}) == std::vector<std::string>{"a", ""});
  CHECK(back(std::vector<bool>{true, false}) == std::vector<bool>{true, false});
  CHECK(back(std::vector<float>{1, 2.5F}) == std::vector<float>{1, 2.5F});
  CHECK(back(std::vector<std::byte>{std::byte{0}, std::byte{255}}) == std::vector<std::byte>{std::byte{0}, std::byte{255}});
  CHECK(back(std::array<int, 3>{1, 2, 3}) == std::array<int, 3>{1, 2, 3});
  CHECK(back(std::optional<int>(3)) == 3);
  CHECK(back(std::optional<int>()) == std::nullopt);
  CHECK(back(std::map<std::string, int>{{"a", 1}, {"b", 2}}) == std::map<std::string, int>{{"a", 1}, {"b", 2}});
  CHECK(back(std::unordered_map<std::string, int>{{"a", 1}}) == std::unordered_map<std::string, int>{{"a", 1}});
  CHECK(back(std::pair(1, std::string("x"))) == std::pair(1, std::string("x")));
  CHECK(back(std::tuple(1, 2.5, true)) == std::tuple(1, 2.5, true));
  CHECK(back(1500ms) == 1500ms);
  CHECK(back(Duration{-3, -500}) == Duration{-3, -500});
  CHECK(back(Timestamp{1'700'000'000, 5}) == Timestamp{1'700'000'000, 5});
  CHECK(back(Value::map({{"a", Value::list({1, "x"})}})) == Value::map({{"a", Value::list({1, "x"})}}));
  CHECK(back(std::vector<std::optional<int>>{1, std::nullopt}) == std::vector<std::optional<int>>{1, std::nullopt});
  CHECK(back(std::map<std::string, std::optional<int>>{{"a", std::nullopt}}) ==
        std::map<std::string, std::optional<int>>{{"a", std::nullopt}});
  CHECK(back(std::numeric_limits<double>::infinity()) == std::numeric_limits<double>::infinity());
  CHECK(back(std::monostate()) == std::monostate());
  CHECK(back(Result<int>(3)) == 3);
  CHECK(back(Result<>()).has_value());
  CHECK(back(Result<std::optional<int>>(std::nullopt))->has_value() == false);
  const auto failed =
      back(Result<int>(std::unexpected(Error(Code::aborted, "no").at("here").because(Error(Code::internal, "why")))));
  REQUIRE_FALSE(failed.has_value());
  CHECK(failed.error().text() == Error(Code::aborted, "no").at("here").because(Error(Code::internal, "why")).text());
}

TEST_CASE("structs by their fields, types by their own codecs") {
  const Hit hit{"Emma", 0.5, {1, 2}};
  CHECK(back(hit) == hit);
  CHECK(back(Hit{"", std::nullopt, {}}) == Hit{"", std::nullopt, {}});
  CHECK(back(Nested{hit, {{"x", hit}}}) == Nested{hit, {{"x", hit}}});
  CHECK(Codec<Hit>::type() == "{title: string, score: double?, pages: list<int>}");
  CHECK(back(Colour::green) == Colour::green);
  CHECK(back(std::vector{Colour::green, Colour::red}) == std::vector{Colour::green, Colour::red});
  CHECK(detail::decode<Hit>(Value::map({{"title", "x"}, {"pages", Value::list({})}}))->score == std::nullopt);
}

TEST_CASE("what does not fit is told with its place") {
  CHECK(error<std::int8_t>(Value(200)).starts_with("OUT_OF_RANGE 200"));
  CHECK(error<unsigned>(Value(-1)).starts_with("OUT_OF_RANGE -1"));
  CHECK(error<std::uint64_t>(Value(-1)).starts_with("OUT_OF_RANGE"));
  CHECK(error<int>(Value("x")) == "INVALID_ARGUMENT a string, not an int");
  CHECK(error<std::vector<int>>(Value::list({1, "x"})) == "INVALID_ARGUMENT [1]: a string, not an int");
  CHECK(error<std::array<int, 2>>(Value::list({1})) == "INVALID_ARGUMENT a list of 1, not of 2");
  CHECK(error<std::pair<int, int>>(Value::list({1, true})) == "INVALID_ARGUMENT [1]: a bool, not an int");
  CHECK(error<Nested>(Value::map({{"hit", Value::map({{"title", 3}})}})) == "INVALID_ARGUMENT .hit.title: an int, not a string");
  CHECK(error<Hit>(Value::map({})) == "INVALID_ARGUMENT there is no field 'title'");
  CHECK(error<std::map<std::string, int>>(Value::map({{"a", "x"}})) == "INVALID_ARGUMENT .a: a string, not an int");
  CHECK(error<Colour>(Value("blue")) == "INVALID_ARGUMENT no colour");
  CHECK_FALSE(detail::encode<std::string>("\xff").has_value());
  CHECK(test::told(test::run(pipe<int>().map([](int) { return std::string("\xff"); }), 1)).contains("UTF-8"));
  CHECK(test::told(
            test::run(pipe<std::vector<int>>().map([](std::vector<int>) { return std::vector<std::string>{"", "\xff"}; }), {1}))
            .contains("[1]"));
}

TEST_CASE("whatever is encoded is decoded as it was") {
  CHECK(rc::check([](const std::map<std::string, std::vector<std::int32_t>>& map, std::uint64_t big, std::int16_t little) {
    std::map<std::string, std::vector<std::int32_t>> ascii;
    for (const auto& [key, items] : map) {
      std::string name;
      for (const char c : key) name += static_cast<char>(c & 0x7F);
      ascii[name] = items;
    }
    const auto value = std::tuple(ascii, big, little);
    RC_ASSERT(*detail::decode<std::remove_const_t<decltype(value)>>(*detail::encode(value)) == value);
    RC_ASSERT(detail::decode<std::int16_t>(Value(std::uint64_t{big})).has_value() == (big <= 32767));
  }));
}
