#include "config/layers.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>

#include "base/printable.h"
#include "base/utf8.h"
#include "config/files.h"
#include "config/names.h"
#include "thalweg/json.h"

namespace thalweg::config {

namespace {

constexpr std::string_view kReserved[] = {"HOME", "ENVIRONMENT"};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

bool same_but_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

// LAYERS_SCORE_TOP__K to layers, score, top_k. Empty when it is no path.
Keys keys_of(std::string_view name) {
  Keys keys(1);
  for (std::size_t at = 0; at < name.size(); ++at) {
    if (name[at] != '_') {
      keys.back() += lower(name[at]);
    } else if (at + 1 < name.size() && name[at + 1] == '_') {
      keys.back() += '_';
      ++at;
    } else {
      keys.emplace_back();
    }
  }
  return contains(keys, "") ? Keys() : keys;
}

// A value as it is meant: bool, null, a number that fits, else text.
Value value_of(std::string_view text) {
  if (text == "true" || text == "True" || text == "TRUE") return Value(true);
  if (text == "false" || text == "False" || text == "FALSE") return Value(false);
  if (text == "null" || text == "Null" || text == "NULL") return {};
  std::string_view digits = text.starts_with('+') ? text.substr(1) : text;
  const std::size_t sign = text.starts_with('-') ? 1 : 0;
  if (digits.size() <= sign || ((digits[sign] < '0' || digits[sign] > '9') && digits[sign] != '.')) return Value(text);
  const char* const end = digits.data() + digits.size();
  std::int64_t whole = 0;
  if (const auto [at, error] = std::from_chars(digits.data(), end, whole); at == end) {
    return error == std::errc{} ? Value(whole) : Value(text);
  }
  double real = 0;
  const auto [at, error] = std::from_chars(digits.data(), end, real);
  return at == end && error == std::errc{} ? Value(real) : Value(text);
}

// The key as the tree has it already, where it differs in case only.
std::string spelled(const Setting* map, std::string_view key) {
  std::string found;
  if (map == nullptr || map->find(key) != nullptr) return std::string(key);
  for (const Setting::Member& member : map->members) {
    if (!same_but_case(member.key, key)) continue;
    if (!found.empty()) return std::string(key);
    found = member.key;
  }
  return found.empty() ? std::string(key) : found;
}

// Maps around a setting, so that it stands at the path.
Setting wrapped(const Keys& path, Setting setting) {
  const Origin origin = setting.origin;
  for (auto key = path.rbegin(); key != path.rend(); ++key) {
    Setting outer = Setting::map(origin);
    outer.members.push_back({*key, {}, std::move(setting)});
    setting = std::move(outer);
  }
  return setting;
}

Setting from_value(const Value& value, const Origin& origin) {
  Setting made = Setting::scalar({}, origin);
  if (value.is_list()) {
    made.kind = Setting::Kind::list;
    for (const Value& item : value.items()) made.items.push_back(from_value(item, origin));
  } else if (value.is_map()) {
    made.kind = Setting::Kind::map;
    for (const Entry& entry : value.entries()) {
      made.members.push_back({std::string(entry.key.as_string()), {}, from_value(entry.value, origin)});
    }
  } else {
    made.value = value;
  }
  return made;
}

bool is_inside(const Keys& outer, const Keys& inner) {
  return outer.size() < inner.size() && std::equal(outer.begin(), outer.end(), inner.begin());
}

}  // namespace

Format format_of(std::string_view path) noexcept {
  const auto ends = [&](std::string_view extension) {
    return path.size() >= extension.size() && same_but_case(path.substr(path.size() - extension.size()), extension);
  };
  if (ends(".yaml") || ends(".yml")) return Format::yaml;
  if (ends(".json")) return Format::json;
  return ends(".toml") ? Format::toml : Format::by_content;
}

std::string variant_path(std::string_view path, std::string_view environment) {
  const std::filesystem::path file(path);
  return (file.parent_path() / fmt::format("{}.{}{}", file.stem().string(), environment, file.extension().string())).string();
}

void Layers::note_source(std::string source) {
  if (!contains(tree_.sources, source)) tree_.sources.push_back(std::move(source));
}

Result<> Layers::file(const std::string& path, FileOptions options) {
  std::error_code problem;
  if (!options.required && !std::filesystem::exists(path, problem) && !problem) return {};
  Files files(options.includes);
  lay(TRY(files.read(path)));
  for (const std::string& source : files.sources()) note_source(source);
  return {};
}

Result<> Layers::text(std::string_view name, std::string text, Format format, FileOptions options) {
  Files files(options.includes);
  lay(TRY(files.read_text(name, std::move(text), format)));
  for (const std::string& source : files.sources()) note_source(source);
  return {};
}

Result<> Layers::environment(std::string_view prefix, std::span<const std::pair<std::string, std::string>> variables,
                             std::span<const std::string_view> known) {
  std::vector<std::pair<Keys, const std::pair<std::string, std::string>*>> found;
  for (const auto& variable : variables) {
    const std::string& name = variable.first;
    if (!name.starts_with(prefix) || name.size() == prefix.size()) continue;
    const std::string_view rest = std::string_view(name).substr(prefix.size());
    if (contains(kReserved, rest)) continue;
    const bool sound = utf8::invalid_at(name) == std::string_view::npos;
    Keys keys = sound ? keys_of(rest) : Keys();
    const auto unknown = [&](std::string message) { tree_.warnings.push_back({printable_line(name), std::move(message)}); };
    if (keys.empty()) {
      unknown("its name is no path of a setting, and it is passed over; one underscore stands between keys, two stand for one");
    } else if (keys.size() > kMaxDefinitionDepth) {
      unknown("a path of too many keys, passed over");
    } else if (!known.empty() && !std::ranges::any_of(known, [&](auto key) { return same_but_case(key, keys[0]); })) {
      unknown(fmt::format("there is no setting '{}', and it is passed over{}", keys[0], hint(keys[0], known)));
    } else if (const std::size_t at = utf8::invalid_at(variable.second); at != std::string_view::npos) {
      return fail(Code::invalid_argument, "{}: byte {} of its value is not UTF-8", name, at);
    } else {
      found.emplace_back(std::move(keys), &variable);
    }
  }
  std::ranges::sort(found, {}, [](const auto& one) { return std::pair(one.first, one.second->first); });
  for (std::size_t i = 1; i < found.size(); ++i) {  // what is inside a path stands right behind it, as do equal ones
    const auto& [before, before_variable] = found[i - 1];
    const auto& [keys, variable] = found[i];
    if (before != keys && !is_inside(before, keys)) continue;
    return fail(Code::invalid_argument, "{} and {} set {}; leave one of them out", before_variable->first, variable->first,
                before == keys ? "the same setting" : fmt::format("{} and a part of it", path_text(before)));
  }
  for (auto& [keys, variable] : found) {
    const Setting* at = &tree_.root;
    for (std::string& key : keys) {
      key = spelled(at, key);
      at = at == nullptr ? nullptr : at->find(key);
    }
    const Origin origin{Origin::Kind::environment, std::make_shared<const std::string>(variable->first), {}};
    Setting setting = Setting::scalar(value_of(variable->second), origin);
    setting.written = Value(variable->second);
    lay(wrapped(keys, std::move(setting)));
    note_source(variable->first);
  }
  return {};
}

Result<> Layers::set(std::string_view path, const Value& value, std::string_view option, std::string_view written) {
  const auto keys = parse_path(path);
  if (!keys) return std::unexpected(keys.error().at(option));
  Setting setting = from_value(value, {Origin::Kind::command_line, std::make_shared<const std::string>(option), {}});
  if (!written.empty()) setting.written = Value(written);
  lay(wrapped(*keys, std::move(setting)));
  note_source(std::string(option));
  return {};
}

Result<> Layers::set(std::string_view assignment, std::string_view option) {
  if (const std::size_t at = utf8::invalid_at(assignment); at != std::string_view::npos) {
    return fail(Code::invalid_argument, "{}: byte {} of '{}...' is not UTF-8", option, at, assignment.substr(0, at));
  }
  std::size_t equals = 0;
  for (bool quoted = false; equals < assignment.size() && (quoted || assignment[equals] != '='); ++equals) {
    if (assignment[equals] == '"') quoted = !quoted;
    if (quoted && assignment[equals] == '\\') ++equals;
  }
  if (equals == 0 || equals >= assignment.size()) {
    return fail(Code::invalid_argument, "{} '{}' must be path=value, as in {} layers.score.threshold=0.8", option,
                utf8::cut(assignment), option);
  }
  const std::string_view text = assignment.substr(equals + 1);
  const auto json = parse_json(text, {.max_depth = kMaxDefinitionDepth});
  return set(assignment.substr(0, equals), json ? *json : Value(text), option, text);
}

}  // namespace thalweg::config
