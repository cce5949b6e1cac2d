#include "config/reading.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "base/utf8.h"
#include "config/names.h"

namespace thalweg::config {

struct Section::State {
  const Setting* map = nullptr;  // null when there is none: everything takes its default
  Keys path;
  std::vector<std::string> asked;
  bool free_names = false;  // its keys are names, not fields
};

namespace {

std::string_view kind_of(const Setting& setting) {
  if (setting.kind == Setting::Kind::list) return "a list";
  if (setting.kind == Setting::Kind::map) return "a map";
  switch (setting.value.kind()) {
    case Kind::null:
      return "null";
    case Kind::boolean:
      return "a bool";
    case Kind::integer:
    case Kind::unsigned_integer:
      return "an int";
    case Kind::real:
      return "a double";
    case Kind::timestamp:
      return "a date-time";
    default:
      return "a string";
  }
}

template <class Number>
std::string range_text(Number least, Number most) {
  const bool open = most == std::numeric_limits<Number>::max();
  const bool any = least == std::numeric_limits<Number>::lowest();
  if (open && any) return "a finite number";
  if (open) return fmt::format("at least {}", least);
  return any ? fmt::format("at most {}", most) : fmt::format("from {} to {}", least, most);
}

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\r\n") == std::string_view::npos; }

}  // namespace

std::string Finding::text() const { return fmt::format("{}: {}{}{}", origin.text(), path, path.empty() ? "" : ": ", message); }

// The setting under a key, or null pointer when the default is to be taken.
const Setting* Section::take(std::string_view key, bool required, std::string_view wanted) {
  if (!contains(state_->asked, key)) state_->asked.emplace_back(key);
  const Setting* found = state_->map == nullptr ? nullptr : state_->map->find(key);
  if (found != nullptr && !found->is_null()) return found;
  if (required) problem("", fmt::format("'{}' is missing: {}", key, wanted));
  return nullptr;
}

void Section::default_to(std::string_view key, Value value, std::shared_ptr<const std::string> source) {
  Keys path = state_->path;
  path.emplace_back(key);
  reading_->fallbacks_.push_back({std::move(path), std::move(value), std::move(source)});
}

void Section::mismatch(std::string_view key, const Setting& setting, std::string_view wanted) {
  problem(key, fmt::format("must be {}, not {}", wanted, kind_of(setting)));
}

std::optional<double> Section::take_number(std::string_view key, Range range, bool required) {
  const Setting* found = take(key, required, "a number");
  if (found == nullptr) return {};
  if (found->kind != Setting::Kind::scalar || !found->value.is_number()) {
    mismatch(key, *found, "a number");
    return {};
  }
  const double number = found->value.as_number();
  if (number >= range.least && number <= range.most) return number;
  problem(key, fmt::format("must be {}, not {}", range_text(range.least, range.most), number));
  return {};
}

std::optional<std::int64_t> Section::take_integer(std::string_view key, IntRange range, bool required) {
  const Setting* found = take(key, required, "an int");
  if (found == nullptr) return {};
  const bool whole = found->kind == Setting::Kind::scalar && (found->value.is_int() || found->value.is_uint());
  if (!whole) {
    mismatch(key, *found, "an int");
  } else if (found->value.is_uint() || found->value.as_int() < range.least || found->value.as_int() > range.most) {
    const std::string given =
        found->value.is_uint() ? fmt::format("{}", found->value.as_uint()) : fmt::format("{}", found->value.as_int());
    problem(key, fmt::format("must be {}, not {}", range_text(range.least, range.most), given));
  } else {
    return found->value.as_int();
  }
  return {};
}

std::optional<std::string> Section::take_text(std::string_view key, bool required) {
  const Setting* found = take(key, required, "a string");
  if (found == nullptr) return {};
  if (found->kind == Setting::Kind::scalar && found->value.is_string()) return std::string(found->value.as_string());
  if (found->written.is_string()) return std::string(found->written.as_string());
  const bool quotes_help = found->kind == Setting::Kind::scalar && !found->is_null();
  problem(key, fmt::format("must be a string, not {}{}", kind_of(*found), quotes_help ? "; write it in quotes" : ""));
  return {};
}

double Section::number(std::string_view key, double fallback, Range range) {
  if (const auto found = take_number(key, range, false)) return *found;
  default_to(key, Value(fallback));
  return fallback;
}

double Section::required_number(std::string_view key, Range range) { return take_number(key, range, true).value_or(0); }

std::optional<double> Section::optional_number(std::string_view key, Range range) { return take_number(key, range, false); }

std::int64_t Section::integer(std::string_view key, std::int64_t fallback, IntRange range) {
  if (const auto found = take_integer(key, range, false)) return *found;
  default_to(key, Value(fallback));
  return fallback;
}

std::int64_t Section::integer(std::string_view key, std::int64_t fallback, IntRange range, const Section& of) {
  if (const auto found = take_integer(key, range, false)) return *found;
  const Origin origin = of.origin(key);
  std::shared_ptr<const std::string> source;
  if (origin.kind != Origin::Kind::fallback)
    source = std::make_shared<const std::string>(fmt::format("as {} ({})", join(of.path(), key), origin.text()));
  default_to(key, Value(fallback), std::move(source));
  return fallback;
}

std::int64_t Section::required_integer(std::string_view key, IntRange range) {
  return take_integer(key, range, true).value_or(0);
}

bool Section::boolean(std::string_view key, bool fallback) {
  const Setting* found = take(key, false, "a bool");
  if (found != nullptr && found->value.is_bool()) return found->value.as_bool();
  if (found != nullptr) mismatch(key, *found, "true or false");
  default_to(key, Value(fallback));
  return fallback;
}

std::string Section::text(std::string_view key, std::string_view fallback) {
  if (auto found = take_text(key, false)) return *std::move(found);
  default_to(key, Value(fallback));
  return std::string(fallback);
}

std::string Section::required_text(std::string_view key) {
  auto found = take_text(key, true);
  if (found && is_blank(*found)) problem(key, "must not be blank");
  return std::move(found).value_or("");
}

std::optional<std::string> Section::optional_text(std::string_view key) { return take_text(key, false); }

std::string Section::choice(std::string_view key, std::span<const std::string_view> names, std::string_view fallback) {
  std::string found = text(key, fallback);
  if (contains(names, found)) return found;
  problem(key, fmt::format("there is no '{}'{}", utf8::cut(found), hint(found, names)));
  return std::string(fallback);
}

std::vector<std::string> Section::texts(std::string_view key) {
  const Setting* found = take(key, false, "a list of strings");
  std::vector<std::string> all;
  if (found == nullptr) return all;
  if (found->kind != Setting::Kind::list) mismatch(key, *found, "a list of strings");
  for (std::size_t i = 0; i < found->items.size(); ++i) {
    const Setting& item = found->items[i];
    if (item.kind == Setting::Kind::scalar && item.value.is_string()) {
      all.emplace_back(item.value.as_string());
    } else {
      reading_->findings_.push_back(
          {item.origin, fmt::format("{}[{}]", join(path(), key), i), fmt::format("must be a string, not {}", kind_of(item))});
    }
  }
  return all;
}

Value Section::any(std::string_view key) {
  const Setting* found = take(key, false, "");
  return found == nullptr ? Value() : found->to_value();
}

Section Section::inner(std::string_view key, bool required) {
  const Setting* found = take(key, required, "a map");
  if (found != nullptr && found->kind != Setting::Kind::map) {
    mismatch(key, *found, "a map");
    found = nullptr;
  }
  Keys path = state_->path;
  path.emplace_back(key);
  return {*reading_, reading_->open(found, std::move(path))};
}

Section Section::section(std::string_view key) { return inner(key, false); }

Section Section::required_section(std::string_view key) { return inner(key, true); }

void Section::each(std::string_view key, const std::function<void(std::string_view name, Section entry)>& read, bool required) {
  Section names = inner(key, required);
  names.state_->free_names = true;
  if (names.state_->map == nullptr) return;
  for (const Setting::Member& member : names.state_->map->members) {
    if (member.setting.is_null()) continue;
    Keys path = names.state_->path;
    path.push_back(member.key);
    if (member.setting.kind == Setting::Kind::map) {
      read(member.key, {*reading_, reading_->open(&member.setting, std::move(path))});
    } else {
      names.mismatch(member.key, member.setting, "a map");
    }
  }
}

bool Section::has(std::string_view key) const {
  const Setting* found = state_->map == nullptr ? nullptr : state_->map->find(key);
  if (found == nullptr || !found->is_null()) return found != nullptr;
  if (!contains(state_->asked, key)) state_->asked.emplace_back(key);
  return false;
}

std::string Section::path() const { return path_text(state_->path); }

Origin Section::origin() const { return state_->map == nullptr ? Origin() : state_->map->origin; }

Origin Section::origin(std::string_view key) const {
  const Setting* found = state_->map == nullptr ? nullptr : state_->map->find(key);
  return found == nullptr ? Origin() : found->origin;
}

// What is not there is told at the nearest map around it that is.
void Section::problem(std::string_view key, std::string message) {
  const Setting* found = key.empty() || state_->map == nullptr ? nullptr : state_->map->find(key);
  Origin where = found == nullptr ? origin() : found->origin;
  for (Keys path = state_->path; where.kind == Origin::Kind::fallback && !path.empty();) {
    path.pop_back();
    if (const Setting* outer = reading_->tree_.find(path)) where = outer->origin;
  }
  reading_->findings_.push_back({std::move(where), key.empty() ? path() : join(path(), key), std::move(message)});
}

void Section::warning(std::span<const Keys> about, std::string message) {
  const auto tell = [&](const Keys& what, const Origin& where) {
    const std::string path = path_text(what);
    if (where.kind == Origin::Kind::fallback) return reading_->warnings_.push_back({path, std::move(message)});
    reading_->warnings_.push_back({where.text(), path.empty() ? std::move(message) : fmt::format("{}: {}", path, message)});
  };
  const auto whole = [&](const Keys& below) {
    Keys path = state_->path;
    path.insert(path.end(), below.begin(), below.end());
    return path;
  };
  for (const Keys& below : about) {
    const Keys path = whole(below);
    if (const Setting* set = reading_->tree_.find(path); set != nullptr && !set->is_null()) return tell(path, set->origin);
  }
  const Keys first = whole(about.front());
  Keys around = first;
  const Setting* there = reading_->tree_.find(around);
  for (; there == nullptr && !around.empty(); there = reading_->tree_.find(around)) around.pop_back();
  tell(first, there == nullptr ? Origin() : there->begun());
}

Reading::Reading(const Tree& tree) : tree_(tree) { open(&tree.root, {}); }

Reading::~Reading() = default;

Section Reading::root() { return {*this, sections_.front()}; }

// The same map may be opened twice, by two parts of the program.
Section::State& Reading::open(const Setting* map, Keys path) {
  if (const auto there = opened_.find(map); map != nullptr && there != opened_.end()) return *there->second;
  Section::State& made = sections_.emplace_back(Section::State{map, std::move(path), {}, false});
  if (map != nullptr) opened_.emplace(map, &made);
  return made;
}

void Reading::find_unknown() {
  for (const Section::State& section : sections_) {
    if (section.map == nullptr || section.free_names) continue;
    for (const Setting::Member& member : section.map->members) {
      if (contains(section.asked, member.key)) continue;
      Origin where = member.setting.origin;
      if (member.place.line != 0) where.place = member.place;
      findings_.push_back({std::move(where), path_text(section.path),
                           fmt::format("unknown key '{}'{}", utf8::cut(member.key), hint(member.key, section.asked))});
    }
  }
}

Result<> Reading::finish(Tree* record) {
  find_unknown();
  const auto rank = [&](const Finding& finding) {
    const std::string source = finding.origin.source == nullptr ? "" : *finding.origin.source;
    return std::pair(std::ranges::find(tree_.sources, source) - tree_.sources.begin(), source);
  };
  std::ranges::sort(findings_, {}, [&](const Finding& finding) {
    return std::tuple(rank(finding), finding.origin.place, finding.path, finding.message);
  });
  if (record != nullptr) {
    for (Fallback& fallback : fallbacks_)
      record->add_fallback(fallback.path, std::move(fallback.value), std::move(fallback.source));
    std::ranges::move(warnings_, std::back_inserter(record->warnings));
    warnings_.clear();
  }
  if (findings_.empty()) return {};
  std::string all;
  for (const Finding& finding : findings_)
    fmt::format_to(std::back_inserter(all), "{}{}", all.empty() ? "" : "\n", finding.text());
  return fail(Code::invalid_argument, "{}", all);
}

}  // namespace thalweg::config
