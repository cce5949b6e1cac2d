#include "config/explain.h"

#include <algorithm>
#include <cmath>

#include "base/printable.h"
#include "base/utf8.h"
#include "config/names.h"
#include "thalweg/json.h"

namespace thalweg::config {

namespace {

// What JSON can hold: numbers that are none as text.
Value printable_value(const Value& value) {
  if (value.is_real() && !std::isfinite(value.as_real())) return Value(fmt::format("{}", value.as_real()));
  if (value.is_list()) {
    std::vector<Value> items;
    items.reserve(value.size());
    for (const Value& item : value.items()) items.push_back(printable_value(item));
    return Value::list(std::move(items));
  }
  if (!value.is_map()) return value;
  std::vector<Entry> entries;
  entries.reserve(value.size());
  for (const Entry& entry : value.entries()) entries.push_back({entry.key, printable_value(entry.value)});
  return Value::map(std::move(entries));
}

std::string value_text(const Value& value) {
  constexpr std::size_t kLongest = 60;
  return printable_line(utf8::cut(to_json(printable_value(value)).value_or("?"), kLongest));
}

Value origin_value(const Origin& origin) {
  std::vector<Entry> entries{{Value("kind"), Value(name(origin.kind))}};
  if (origin.source != nullptr) entries.push_back({Value("source"), Value(*origin.source)});
  if (origin.place.line != 0) {
    entries.push_back({Value("line"), Value(std::int64_t{origin.place.line})});
    entries.push_back({Value("column"), Value(std::int64_t{origin.place.column})});
  }
  return Value::map(std::move(entries));
}

// A map is a setting of its own only where it is empty, or took the place of something else.
bool is_told(const Setting& setting) {
  return setting.kind != Setting::Kind::map || setting.members.empty() || !setting.overridden.empty();
}

template <class Tell>
void walk(const Setting& setting, const std::string& path, const Tell& tell) {
  if (is_told(setting) && !path.empty()) tell(path, setting);
  for (const Setting::Member& member : setting.members) walk(member.setting, join(path, member.key), tell);
}

Result<const Setting*> start(const Explanation& explanation, std::string_view only) {
  if (only.empty()) return &explanation.tree.root;
  const Keys keys = TRY(parse_path(only));
  const Setting* at = &explanation.tree.root;
  std::string path;
  for (const std::string& key : keys) {
    const Setting* next = at->find(key);
    if (next == nullptr) {
      std::vector<std::string> known;
      for (const Setting::Member& member : at->members) known.push_back(member.key);
      return fail(Code::not_found, "there is no setting '{}'{}{}", utf8::cut(join(path, key)),
                  path.empty() ? "" : fmt::format(" in '{}'", path), hint(key, known));
    }
    at = next;
    path = join(path, key);
  }
  return at;
}

std::string padded(std::string text, std::size_t width) {
  const std::size_t used = utf8::count(text);
  text.append(used < width ? width - used : 0, ' ');
  return text;
}

}  // namespace

Explanation explain(Tree tree, const Schema* schema) {
  Explanation made{std::move(tree), {}};
  if (schema == nullptr) return made;
  Reading reading(made.tree);
  schema->read(reading.root());
  const auto finished = reading.finish(&made.tree);
  if (!finished) made.problems = reading.findings();
  return made;
}

Result<std::string> explain_text(const Explanation& explanation, std::string_view only) {
  struct Row {
    std::string path, value, from;
  };
  std::vector<Row> rows;
  std::size_t path_width = 0;
  std::size_t value_width = 0;
  const Setting* const from = TRY(start(explanation, only));
  walk(*from, std::string(only), [&](const std::string& path, const Setting& setting) {
    Row row{printable_line(path), value_text(setting.kind == Setting::Kind::map ? Value::map() : setting.to_value()),
            setting.origin.text()};
    if (setting.kind == Setting::Kind::map && !setting.members.empty()) row.value = "{...}";
    for (auto before = setting.overridden.rbegin(); before != setting.overridden.rend(); ++before) {
      fmt::format_to(std::back_inserter(row.from), "{} {} ({})", before == setting.overridden.rbegin() ? ", over" : ",",
                     value_text(before->value), before->origin.text());
    }
    row.from = printable_line(row.from);
    path_width = std::max(path_width, utf8::count(row.path));
    value_width = std::max(value_width, utf8::count(row.value));
    rows.push_back(std::move(row));
  });
  constexpr std::size_t kColumn = 28;  // one long text does not push all others to the right
  value_width = std::min(value_width, kColumn);
  std::string out;
  for (Row& row : rows) {
    out += padded(std::move(row.path), path_width) + "  " + padded(std::move(row.value), value_width) + "  " + row.from + '\n';
  }
  return out;
}

Result<Value> explain_value(const Explanation& explanation, std::string_view only) {
  std::vector<Value> settings;
  const Setting* const from = TRY(start(explanation, only));
  walk(*from, std::string(only), [&](const std::string& path, const Setting& setting) {
    std::vector<Value> before;
    for (const Setting::Overridden& old : setting.overridden) {
      before.push_back(Value::map({{Value("value"), printable_value(old.value)}, {Value("from"), origin_value(old.origin)}}));
    }
    settings.push_back(Value::map({{Value("path"), Value(path)},
                                   {Value("value"), printable_value(setting.to_value())},
                                   {Value("from"), origin_value(setting.origin)},
                                   {Value("overrode"), Value::list(std::move(before))}}));
  });
  std::vector<Value> sources;
  for (const std::string& source : explanation.tree.sources) sources.emplace_back(utf8::well_formed(source));
  std::vector<Value> warnings;
  for (const Warning& warning : explanation.tree.warnings) warnings.emplace_back(utf8::well_formed(warning.text()));
  std::vector<Value> problems;
  for (const Finding& finding : explanation.problems) {
    problems.push_back(Value::map({{Value("from"), origin_value(finding.origin)},
                                   {Value("path"), Value(finding.path)},
                                   {Value("message"), Value(finding.message)}}));
  }
  return Value::map({{Value("sources"), Value::list(std::move(sources))},
                     {Value("settings"), Value::list(std::move(settings))},
                     {Value("warnings"), Value::list(std::move(warnings))},
                     {Value("problems"), Value::list(std::move(problems))}});
}

}  // namespace thalweg::config
