// JSON: parse and print over documents of several shapes, made here and the same every time; and what values cost.
#include "thalweg/json.h"

#include <string>

#include "base/utf8.h"
#include "bench/json.h"
#include "thalweg/random.h"

namespace thalweg::bench {

namespace {

std::string words(Random& random, std::uint64_t count) {
  static constexpr std::string_view kWords[] = {"valley", "river",  "runs", "deepest", "with",  "the",
                                                "least",  "effort", "a",    "stone's", "water", "and"};
  std::string out;
  for (std::uint64_t i = 0; i < count; ++i) {
    if (i > 0) out.push_back(' ');
    out += kWords[random.below(std::size(kWords))];
  }
  return out;
}

// As an API of posts gives them: nested maps of some twenty keys, texts with escapes and other scripts, links, counts.
Value posts(std::size_t count) {
  Random random(1);
  std::vector<Value> items;
  for (std::size_t i = 0; i < count; ++i) {
    Value user = Value::map({{"id", static_cast<std::int64_t>(random.below(1U << 31))},
                             {"name", words(random, 2)},
                             {"screen_name", words(random, 1)},
                             {"location", random.below(2) == 0 ? Value("\u6771\u4eac \u5343\u4ee3\u7530") : Value("")},
                             {"url", Value()},
                             {"followers_count", static_cast<std::int64_t>(random.below(10'000))},
                             {"friends_count", static_cast<std::int64_t>(random.below(1'000))},
                             {"created_at", "Sun Aug 31 00:29:15 +0000 2014"},
                             {"verified", false},
                             {"lang", "en"},
                             {"profile_image_url", "http://pictures.example/profile_images/497760886795153410/normal.jpeg"}});
    items.push_back(
        Value::map({{"created_at", "Sun Aug 31 00:29:15 +0000 2014"},
                    {"id", static_cast<std::int64_t>(505'874'924'095'815'681 + i)},
                    {"text", words(random, 12) + "\n\"" + words(random, 3) + "\" \u3053\u3093\u306b\u3061\u306f"},
                    {"source", "<a href=\"http://client.example\" rel=\"nofollow\">a client</a>"},
                    {"truncated", false},
                    {"in_reply_to", Value()},
                    {"user", std::move(user)},
                    {"retweet_count", static_cast<std::int64_t>(random.below(100))},
                    {"favorited", random.below(2) == 0},
                    {"entities", Value::map({{"hashtags", Value::list()}, {"urls", Value::list({Value(words(random, 1))})}})},
                    {"lang", "ja"}}));
  }
  return Value::map({{"statuses", Value::list(std::move(items))}});
}

Value numbers(std::size_t count) {
  Random random(2);
  std::vector<Value> items;
  for (std::size_t i = 0; i < count; ++i) {
    items.push_back(Value::list(
        {Value(random.uniform() * 360 - 180), Value(random.uniform() * 180 - 90), Value(static_cast<std::int64_t>(i))}));
  }
  return Value::map({{"coordinates", Value::list(std::move(items))}});
}

Value records(std::size_t count) {
  Random random(3);
  std::vector<Value> items;
  for (std::size_t i = 0; i < count; ++i) {
    items.push_back(Value::map({{"id", static_cast<std::int64_t>(i)},
                                {"score", static_cast<double>(random.below(1'000)) / 8},
                                {"title", words(random, 4)}}));
  }
  return Value::list(std::move(items));
}

Value deep(std::size_t levels) {
  Value value("bottom");
  for (std::size_t i = 0; i < levels; ++i) value = i % 2 == 0 ? Value::list({value}) : Value::map({{"next", value}});
  return value;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> json_documents() {
  std::vector<std::pair<std::string, std::string>> made;
  const auto add = [&made](std::string name, const Value& value) {
    made.emplace_back(std::move(name), to_json(value).value_or(""));
  };
  add("posts", posts(400));
  add("numbers", numbers(10'000));
  add("records", records(5'000));
  add("deep", deep(500));
  return made;
}

void bench_json(Report& report) {
  for (const auto& [name, text] : json_documents()) {
    const double megabytes = static_cast<double>(text.size()) / 1e6;
    const Value value = parse_json(text).value();
    report.rate("json.parse." + name, "MB/s", megabytes, [&] { keep(parse_json(text)); });
    report.rate("json.print." + name, "MB/s", megabytes, [&] { keep(to_json(value)); });
    report.rate("utf8.check." + name, "MB/s", megabytes, [&] { keep(utf8::invalid_at(text)); });
  }
}

void bench_value(Report& report) {
  const Value text("a text of usual length");
  const Value map = posts(1).find("statuses")->items()[0];
  report.time("value.copy.string", [&] { keep(Value(text)); });
  report.time("value.make.string", [&] { keep(Value("a text of usual length")); });
  report.time("value.find.11keys", [&] { keep(map.find("retweet_count")); });
  report.time("value.find.3keys", [small = records(1).items()[0]] { keep(small.find("title")); });
  report.time("value.set.shared", [&] { keep(Value(map).set("lang", "en")); });
  const Value many = records(1'000);
  report.time(
      "value.copy_each",
      [&] {
        std::vector<Value> copies(many.items().begin(), many.items().end());
        keep(copies);
      },
      1'000);
}

}  // namespace thalweg::bench
