// JSON against simdjson, an independent reader, and against itself.
#include <doctest/doctest.h>
#include <rapidcheck.h>
#include <simdjson.h>

#include "base/utf8.h"
#include "base/value_arbitrary.h"
#include "thalweg/json.h"
#include "thalweg/random.h"

using namespace thalweg;

namespace {

bool same(const simdjson::dom::element& theirs, const Value& ours) {
  using simdjson::dom::element_type;
  switch (theirs.type()) {
    case element_type::ARRAY: {
      const simdjson::dom::array items = theirs;
      if (!ours.is_list() || items.size() != ours.size()) return false;
      std::size_t at = 0;
      for (const auto item : items) {
        if (!same(item, ours.items()[at++])) return false;
      }
      return true;
    }
    case element_type::OBJECT: {
      const simdjson::dom::object fields = theirs;
      if (!ours.is_map() || fields.size() != ours.size()) return false;
      std::size_t at = 0;
      for (const auto field : fields) {
        const Entry& entry = ours.entries()[at++];
        if (entry.key.as_string() != field.key || !same(field.value, entry.value)) return false;
      }
      return true;
    }
    case element_type::INT64:
      return ours.is_int() && ours.as_int() == std::int64_t{theirs};
    case element_type::UINT64:
      return ours.is_uint() && ours.as_uint() == std::uint64_t{theirs};
    case element_type::DOUBLE:
      return ours.is_real() && std::bit_cast<std::uint64_t>(ours.as_real()) == std::bit_cast<std::uint64_t>(double{theirs});
    case element_type::STRING:
      return ours.is_string() && ours.as_string() == std::string_view{theirs};
    case element_type::BOOL:
      return ours.is_bool() && ours.as_bool() == bool{theirs};
    case element_type::NULL_VALUE:
      return ours.is_null();
  }
  return false;
}

// Both readers say the same; simdjson knows neither duplicate keys nor a byte order mark.
void agree(simdjson::dom::parser& parser, const std::string& text) {
  const auto ours = parse_json(text);
  const simdjson::padded_string padded(text);
  simdjson::dom::element theirs;
  const bool accepted = parser.parse(padded).get(theirs) == simdjson::SUCCESS;
  if (!ours && (ours.error().message().find("is in this map already") != std::string::npos || text.size() > 400)) return;
  if (text.starts_with("\xEF\xBB\xBF")) return;
  CAPTURE(text);
  REQUIRE(ours.has_value() == accepted);
  if (accepted) REQUIRE(same(theirs, *ours));
}

}  // namespace

TEST_CASE("simdjson agrees on documents with random damage") {
  const std::vector<std::string> seeds{
      R"({"a": [1, -2.5e1, "x\u00e9\n\ud83d\ude00", true, null, {"b": {}}], "c": false, "": 0})",
      R"([0, -0, 0.0, 1e5, 1E-5, 12345678901234567890, 0.1, 1.7976931348623157e308, 4.9e-324, [[[]]], "long text in here, \\ \" \/"])",
      "  {\"\xC3\xA9\" : \"\xE2\x82\xAC \xF0\x9F\x98\x80\",\t\"k\"\r\n: [ ] }  "};
  constexpr std::string_view kParts = "{}[]:,\"\\/0123456789.eE+-tfnu \n\t\xC3\xA9\xFF\x01";
  simdjson::dom::parser parser;
  Random random(11);
  for (int round = 0; round < 60'000; ++round) {
    std::string text = seeds[random.below(seeds.size())];
    for (std::uint64_t change = random.below(3) + (round % 7 == 0 ? 0 : 1); change > 0; --change) {
      const std::size_t at = random.below(text.size());
      switch (random.below(4)) {
        case 0:
          text.erase(at, 1 + random.below(3));
          break;
        case 1:
          text.insert(at, 1, kParts[random.below(kParts.size())]);
          break;
        case 2:
          text[at] = kParts[random.below(kParts.size())];
          break;
        default:
          text = text.substr(0, at) + text.substr(random.below(text.size()));
      }
      if (text.empty()) break;
    }
    agree(parser, text);
  }
}

TEST_CASE("simdjson agrees on random numbers, digit by digit") {
  simdjson::dom::parser parser;
  Random random(12);
  for (int round = 0; round < 60'000; ++round) {
    std::string text = random.below(2) == 0 ? "-" : "";
    const auto digits = [&](std::uint64_t most) {
      for (std::uint64_t n = 1 + random.below(most); n > 0; --n) text.push_back(static_cast<char>('0' + random.below(10)));
    };
    digits(22);
    if (random.below(2) == 0) {
      text.push_back('.');
      digits(20);
    }
    if (random.below(2) == 0) {
      text += random.below(2) == 0 ? "e" : "E-";
      digits(3);
    }
    agree(parser, text);
  }
}

TEST_CASE("what is printed reads back as the same, compact and pretty") {
  CHECK(rc::check([] {
    const Value value = *testing::json_value(4);
    for (const JsonStyle style : {JsonStyle::compact, JsonStyle::pretty}) {
      const auto text = to_json(value, style);
      RC_ASSERT(text.has_value());
      const auto back = parse_json(*text);
      RC_ASSERT(back.has_value());
      RC_ASSERT(*back == value);
      RC_ASSERT(to_json(*back, style).value() == *text);  // also kinds and signs
    }
  }));
}

TEST_CASE("random doubles print as simdjson reads them: the very same bits") {
  simdjson::dom::parser parser;
  Random random(13);
  for (int round = 0; round < 100'000; ++round) {
    const double number = std::bit_cast<double>(random.next());
    if (!std::isfinite(number)) continue;
    const std::string text = to_json(Value(number)).value();
    const double theirs = parser.parse(simdjson::padded_string(text));
    REQUIRE(std::bit_cast<std::uint64_t>(theirs) == std::bit_cast<std::uint64_t>(number));
  }
}
