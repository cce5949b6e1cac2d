// The one file that knows the TOML library; it is built without exceptions, and text that could nest tables too deep for its
// recursion is refused before it sees it.

#include "config/toml.h"

#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#define TOML_ENABLE_UNRELEASED_FEATURES 0
#define TOML_MAX_NESTED_VALUES 64
#include <toml++/toml.h>

#include <algorithm>
#include <chrono>

#include "base/utf8.h"

namespace thalweg::config {

namespace {

constexpr std::size_t kMaxDots = 32;                    // in one dotted key
constexpr std::int64_t kFirstSecond = -62'135'596'800;  // 0001-01-01T00:00:00Z
constexpr std::int64_t kLastSecond = 253'402'300'799;   // 9999-12-31T23:59:59Z

Place place_of(const toml::source_region& region) { return {std::max(region.begin.line, 1U), std::max(region.begin.column, 1U)}; }

std::unexpected<Error> wrong(std::string_view file, Place place, std::string message) {
  return std::unexpected(problems_error(file, {{.place = place, .path = {}, .message = std::move(message)}}));
}

Place place_at(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, offset);
  const std::size_t line = before.rfind('\n') + 1;  // npos + 1 is 0
  return {static_cast<std::uint32_t>(std::ranges::count(before, '\n') + 1),
          static_cast<std::uint32_t>(utf8::count(before.substr(line)) + 1)};
}

// Behind the string that begins at `at`; a string that does not end on its line ends there, where the library stops too.
std::size_t behind_string(std::string_view text, std::size_t at) {
  const char quote = text[at];
  const std::string triple(3, quote);
  if (text.substr(at).starts_with(triple)) {
    for (at += 3; at < text.size() && !text.substr(at).starts_with(triple); ++at) {
      if (quote == '"' && text[at] == '\\') ++at;
    }
    for (std::size_t most = 5; most > 0 && at < text.size() && text[at] == quote; --most) ++at;
    return std::min(at, text.size());
  }
  for (++at; at < text.size() && text[at] != quote && text[at] != '\n'; ++at) {
    if (quote == '"' && text[at] == '\\') ++at;
  }
  return std::min(at + 1, text.size());
}

// The offset of the dot too many in a dotted key, or npos.
std::size_t too_many_dots(std::string_view text) {
  std::size_t dots = 0;
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    if (c == '"' || c == '\'') {
      at = behind_string(text, at);
      continue;
    }
    if (c == '#') {
      at = std::min(text.find('\n', at), text.size());
      continue;
    }
    if (c == '.' && ++dots > kMaxDots) return at;
    if (c == '\n' || c == '=' || c == ',' || c == '[' || c == ']' || c == '{' || c == '}') dots = 0;
    ++at;
  }
  return std::string_view::npos;
}

Timestamp timestamp(const toml::date_time& from) {
  namespace chrono = std::chrono;
  const chrono::sys_days day = chrono::year(from.date.year) / chrono::month(from.date.month) / chrono::day(from.date.day);
  const auto seconds = chrono::seconds(day.time_since_epoch()) + chrono::hours(from.time.hour) +
                       chrono::minutes(from.time.minute) + chrono::seconds(from.time.second) -
                       chrono::minutes(from.offset->minutes);
  return {.seconds = seconds.count(), .nanos = static_cast<std::int32_t>(from.time.nanosecond)};
}

class Converter {
 public:
  explicit Converter(std::vector<Problem>& problems) : problems_(problems) {}

  Node node(const toml::node& from, std::size_t depth) {
    Node made;
    made.place = place_of(from.source());
    if (depth > kMaxDefinitionDepth) {
      problem(made.place, fmt::format("nested deeper than {} levels", kMaxDefinitionDepth));
    } else if (const toml::table* table = from.as_table()) {
      made.kind = Node::Kind::map;
      for (const auto& [key, value] : *table) {
        made.members.push_back({std::string(key.str()), place_of(key.source()), node(value, depth + 1)});
      }
      // The library orders keys by name.
      std::ranges::sort(made.members, {}, [](const Node::Member& member) { return std::pair(member.place, member.key); });
    } else if (const toml::array* array = from.as_array()) {
      made.kind = Node::Kind::list;
      for (const toml::node& item : *array) made.items.push_back(node(item, depth + 1));
    } else {
      made.value = scalar(from);
      if (made.value.is_string()) made.style = Node::Style::double_quoted;
    }
    return made;
  }

 private:
  void problem(Place place, std::string message) { problems_.push_back({place, {}, std::move(message)}); }

  Value scalar(const toml::node& from) {
    if (const auto* text = from.as_string()) return Value(text->get());
    if (const auto* whole = from.as_integer()) return Value(whole->get());
    if (const auto* real = from.as_floating_point()) return Value(real->get());
    if (const auto* boolean = from.as_boolean()) return Value(boolean->get());
    const toml::date_time& written = from.as_date_time() == nullptr ? toml::date_time() : from.as_date_time()->get();
    if (!written.offset) {
      problem(place_of(from.source()),
              "a date or time without an offset is no point in time; add one (Z, +02:00), or write it in quotes");
      return {};
    }
    const Timestamp point = timestamp(written);
    if (point.seconds >= kFirstSecond && point.seconds <= kLastSecond) return Value(point);
    problem(place_of(from.source()), "the years of a date-time are 1 to 9999 (in UTC)");
    return {};
  }

  std::vector<Problem>& problems_;
};

}  // namespace

Result<Definition> parse_toml(std::string_view file_name, std::string text) {
  if (const std::size_t at = utf8::invalid_at(text); at != std::string_view::npos) {
    return wrong(file_name, place_at(text, at), fmt::format("byte {} is no UTF-8; save the file as UTF-8", at));
  }
  if (const std::size_t at = too_many_dots(text); at != std::string_view::npos) {
    return wrong(file_name, place_at(text, at), fmt::format("a key of more than {} names", kMaxDots + 1));
  }
  const toml::parse_result read = toml::parse(std::string_view(text));
  if (!read) {
    return wrong(file_name, place_of(read.error().source()), fmt::format("this is no TOML: {}", read.error().description()));
  }
  Definition made{.file = std::string(file_name), .text = std::move(text), .root = {}};
  made.root = Converter(made.problems).node(read.table(), 0);
  made.root.place = {1, 1};
  if (!made.problems.empty()) return std::unexpected(problems_error(file_name, std::move(made.problems)));
  return made;
}

}  // namespace thalweg::config
