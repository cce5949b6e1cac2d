#include "engine/expectation.h"

#include <re2/re2.h>

#include <array>
#include <cmath>

#include "base/time_text.h"
#include "engine/plan.h"
#include "engine/types.h"
#include "lang/print.h"
#include "lang/regex.h"
#include "lang/type.h"

namespace thalweg {

using lang::Type;

namespace {

constexpr std::array<std::string_view, 13> kMatchers{"contains", "equals",   "approx",  "within", "matches", "type",  "size",
                                                     "each",     "at_least", "at_most", "not",    "one_of",  "absent"};

bool is_matcher_name(std::string_view key) { return std::ranges::find(kMatchers, key) != kMatchers.end(); }

bool is_matcher(const Value& value) {
  return value.is_map() && value.size() > 0 && std::ranges::all_of(value.entries(), [](const Entry& entry) {
           return entry.key.is_string() && is_matcher_name(entry.key.as_string());
         });
}

std::string shown(const Value& value) {
  if (value.is_null()) return "null";
  if (value.is_bool()) return value.as_bool() ? "true" : "false";
  if (value.is_int()) return fmt::format("{}", value.as_int());
  if (value.is_uint()) return fmt::format("{}", value.as_uint());
  if (value.is_real()) return fmt::format("{}", value.as_real());
  if (value.is_string()) {
    constexpr std::size_t kMost = 60;
    const std::string_view text = value.as_string();
    if (text.size() <= kMost) return fmt::format("'{}'", text);
    std::size_t end = kMost;
    while ((static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
    return fmt::format("'{}...' ({} bytes)", text.substr(0, end), text.size());
  }
  if (value.is_list()) return fmt::format("a list of {}", value.size());
  if (value.is_map()) return fmt::format("a map of {}", value.size());
  if (value.is(Kind::timestamp) || value.is(Kind::duration)) return lang::plain_text(value);
  return with_article(type_name(value.kind()));
}

// YAML has no times, no bytes and no keys but texts: a text stands for one where the output holds one.
bool same_scalar(const Value& expect, const Value& actual) {
  if (!expect.is_string() || actual.is_string()) return expect == actual;
  const Type type = lang::type_of(actual);
  const auto read = is_read_from_text(type) ? read_text(type, expect.as_string()) : Result<Value>(expect);
  return read && *read == actual;
}

const Value* part_of(const Value& actual, const Value& key) {
  if (const Value* found = actual.find_key(key); found != nullptr || !key.is_string()) return found;
  for (const Type::Kind kind : {Type::Kind::integer, Type::Kind::unsigned_integer, Type::Kind::boolean}) {
    const auto read = read_text(Type(kind), key.as_string());
    if (const Value* found = read ? actual.find_key(*read) : nullptr) return found;
  }
  return nullptr;
}

bool same(const Value& expect, const Value& actual) {
  if (expect.is_list() && actual.is_list()) return std::ranges::equal(expect.items(), actual.items(), same);
  if (!expect.is_map() || !actual.is_map()) return same_scalar(expect, actual);
  return expect.size() == actual.size() && std::ranges::all_of(expect.entries(), [&](const Entry& entry) {
           const Value* part = part_of(actual, entry.key);
           return part != nullptr && same(entry.value, *part);
         });
}

class Comparison {
 public:
  std::vector<Difference> found;

  void check(const Value& expect, const Value& actual, const std::string& path) {
    if (is_matcher(expect)) return matchers(expect, actual, path);
    if (expect.is_map()) return map(expect, actual, path);
    if (expect.is_list()) return list(expect, actual, path);
    if (!same_scalar(expect, actual)) differ(path, "expected {}, got {}", shown(expect), shown(actual));
  }

 private:
  template <class... Args>
  void differ(const std::string& path, fmt::format_string<Args...> format, Args&&... args) {
    found.push_back({path, fmt::format(format, std::forward<Args>(args)...)});
  }

  static bool meets(const Value& expect, const Value& actual) {
    Comparison inner;
    inner.check(expect, actual, {});
    return inner.found.empty();
  }

  void map(const Value& expect, const Value& actual, const std::string& path) {
    if (!actual.is_map()) return differ(path, "expected a map, got {}", shown(actual));
    for (const Entry& entry : expect.entries()) {
      const std::string name = entry.key.is_string() ? std::string(entry.key.as_string()) : shown(entry.key);
      const std::string inner = path.empty() ? name : path + "." + name;
      const Value* part = part_of(actual, entry.key);
      const Value* absent = is_matcher(entry.value) ? entry.value.find("absent") : nullptr;
      if (absent != nullptr && *absent == Value(true)) {
        if (part != nullptr && !part->is_null()) differ(inner, "expected to be absent, got {}", shown(*part));
      } else if (part == nullptr) {
        differ(inner, "is missing");
      } else {
        check(entry.value, *part, inner);
      }
    }
  }

  void list(const Value& expect, const Value& actual, const std::string& path) {
    if (!actual.is_list()) return differ(path, "expected a list, got {}", shown(actual));
    if (expect.size() != actual.size()) differ(path, "expected {} items, got {}", expect.size(), actual.size());
    for (std::size_t i = 0; i < std::min(expect.size(), actual.size()); ++i) {
      check(expect.items()[i], actual.items()[i], fmt::format("{}[{}]", path, i));
    }
  }

  void matchers(const Value& expect, const Value& actual, const std::string& path) {
    for (const Entry& entry : expect.entries()) {
      const std::string_view name = entry.key.as_string();
      const Value& want = entry.value;
      if (name == "contains") contains(want, actual, path);
      if (name == "equals" && !same(want, actual)) differ(path, "expected exactly {}, got {}", shown(want), shown(actual));
      if (name == "approx") approx(want, expect.find("within"), actual, path);
      if (name == "matches") pattern(want, actual, path);
      if (name == "type") type(want, actual, path);
      if (name == "size") size(want, actual, path);
      if (name == "each") each(want, actual, path);
      if (name == "at_least" || name == "at_most") bound(name, want, actual, path);
      if (name == "not" && meets(want, actual)) differ(path, "expected something else than {}", shown(actual));
      if (name == "one_of") one_of(want, actual, path);
      if (name == "absent" && want == Value(true) && !actual.is_null())
        differ(path, "expected to be absent, got {}", shown(actual));
      if (name == "absent" && want == Value(false) && actual.is_null()) differ(path, "expected to be there");
    }
  }

  void contains(const Value& want, const Value& actual, const std::string& path) {
    if (actual.is_string() && want.is_string()) {
      if (!actual.as_string().contains(want.as_string()))
        differ(path, "expected to contain {}, got {}", shown(want), shown(actual));
      return;
    }
    if (!actual.is_list()) return differ(path, "expected a string or list that contains {}, got {}", shown(want), shown(actual));
    if (std::ranges::none_of(actual.items(), [&](const Value& item) { return meets(want, item); })) {
      differ(path, "expected an item that is {}; none of {} is", shown(want), actual.size());
    }
  }

  void approx(const Value& want, const Value* within, const Value& actual, const std::string& path) {
    if (!actual.is_number()) return differ(path, "expected about {}, got {}", shown(want), shown(actual));
    const double wanted = want.is_number() ? want.as_number() : std::nan("");
    const double most = within != nullptr && within->is_number() ? within->as_number() : std::max(1e-9, 1e-6 * std::abs(wanted));
    const double is = actual.as_number();
    if (is == wanted || std::abs(is - wanted) <= most) return;
    differ(path, "expected {} within {}, got {}", shown(want), most, shown(actual));
  }

  void pattern(const Value& want, const Value& actual, const std::string& path) {
    if (!actual.is_string() || !want.is_string()) return differ(path, "expected a string, got {}", shown(actual));
    const auto compiled = lang::compile_pattern(want.as_string());
    if (!compiled) return differ(path, "{}", compiled.error().text());
    const std::string_view text = actual.as_string();
    if (!re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), **compiled)) {
      differ(path, "expected to match {}, got {}", shown(want), shown(actual));
    }
  }

  void type(const Value& want, const Value& actual, const std::string& path) {
    const auto type = lang::parse_type(want.is_string() ? want.as_string() : std::string_view());
    if (!type) return differ(path, "{}", type.error().text());
    if (const auto good = lang::conforms(*type, actual, false); !good)
      differ(path, "expected {}: {}", type->text(), good.error().message());
  }

  void size(const Value& want, const Value& actual, const std::string& path) {
    if (!actual.is_string() && !actual.is_list() && !actual.is_map() && !actual.is_bytes()) {
      return differ(path, "expected something with a size, got {}", shown(actual));
    }
    std::size_t n = actual.size();
    if (actual.is_string()) {
      n = static_cast<std::size_t>(
          std::ranges::count_if(actual.as_string(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
    }
    check(want, Value(static_cast<std::int64_t>(n)), path.empty() ? "size" : path + ".size");
  }

  void each(const Value& want, const Value& actual, const std::string& path) {
    if (!actual.is_list()) return differ(path, "expected a list, got {}", shown(actual));
    for (std::size_t i = 0; i < actual.size(); ++i) check(want, actual.items()[i], fmt::format("{}[{}]", path, i));
  }

  void bound(std::string_view name, const Value& want, const Value& actual, const std::string& path) {
    bool good = false;
    if (want.is_number() && actual.is_number()) {
      const auto order = compare_numbers(actual, want);
      good = name == "at_least" ? order >= 0 : order <= 0;
    } else if (want.is_string() && actual.is_string()) {
      good = name == "at_least" ? actual.as_string() >= want.as_string() : actual.as_string() <= want.as_string();
    } else if (want.is_string() && actual.is(Kind::duration)) {
      const auto read = parse_duration(want.as_string(), DurationUnits::with_days);
      good = read && (name == "at_least" ? actual.as_duration() >= *read : actual.as_duration() <= *read);
    } else if (want.is_string() && actual.is(Kind::timestamp)) {
      const auto read = parse_timestamp(want.as_string());
      good = read && (name == "at_least" ? actual.as_timestamp() >= *read : actual.as_timestamp() <= *read);
    }
    if (!good) differ(path, "expected {} {}, got {}", name == "at_least" ? "at least" : "at most", shown(want), shown(actual));
  }

  void one_of(const Value& want, const Value& actual, const std::string& path) {
    const auto fits = [&](const Value& choice) { return meets(choice, actual); };
    if (want.is_list() && std::ranges::any_of(want.items(), fits)) return;
    differ(path, "expected one of {} alternatives, got {}", want.size(), shown(actual));
  }
};

bool is_matcher(const Node& node) {
  return node.kind == Node::Kind::map && !node.members.empty() &&
         std::ranges::all_of(node.members, [](const Node::Member& member) { return is_matcher_name(member.key); });
}

std::optional<ExpectationProblem> matcher_problem(const std::string& key, const Node& node, const Node& all) {
  const auto wrong = [&](std::string message) { return ExpectationProblem{&node, fmt::format("{}: {}", key, message)}; };
  const bool number = node.kind == Node::Kind::scalar && node.value.is_number();
  if ((key == "approx" || key == "within") && !number) return wrong("must be a number");
  if (key == "within" && all.find("approx") == nullptr) return wrong("belongs to approx");
  if ((key == "at_least" || key == "at_most") && !number && !node.is_string()) return wrong("must be a number or a string");
  if (key == "size" && !is_matcher(node) && !(number && node.value.is_int() && node.value.as_int() >= 0)) {
    return wrong("must be a whole number, or a matcher such as {at_least: 1}");
  }
  if (key == "one_of" && (node.kind != Node::Kind::list || node.items.empty())) return wrong("must be a list of alternatives");
  if (key == "absent" && !(node.kind == Node::Kind::scalar && node.value.is_bool())) return wrong("must be true or false");
  if (key == "matches" || key == "type") {
    if (!node.is_string()) return wrong("must be a string");
    if (key == "matches") {
      if (const auto pattern = lang::compile_pattern(node.value.as_string()); !pattern) return wrong(pattern.error().message());
    } else if (const auto type = lang::parse_type(node.value.as_string()); !type) {
      return wrong(type.error().message());
    }
  }
  return {};
}

}  // namespace

std::vector<Difference> check_expectation(const Value& expect, const Value& actual) {
  Comparison comparison;
  comparison.check(expect, actual, {});
  return std::move(comparison.found);
}

std::string differences_text(const std::vector<Difference>& differences) {
  std::string text;
  for (const Difference& difference : differences) {
    fmt::format_to(std::back_inserter(text), "{}{}: {}", text.empty() ? "" : "\n",
                   difference.path.empty() ? "output" : difference.path, difference.message);
  }
  return text;
}

std::vector<ExpectationProblem> expectation_problems(const Node& expect) {
  std::vector<ExpectationProblem> found;
  const auto add_inner = [&](const Node& node) {
    auto inner = expectation_problems(node);
    std::ranges::move(inner, std::back_inserter(found));
  };
  for (const Node& item : expect.items) add_inner(item);
  const bool matcher = is_matcher(expect);
  for (const Node::Member& member : expect.members) {
    if (matcher) {
      if (auto problem = matcher_problem(member.key, member.node, expect)) found.push_back(std::move(*problem));
      if (member.key == "equals") continue;
    }
    add_inner(member.node);
  }
  return found;
}

}  // namespace thalweg
