// Functions that make new strings.

#include <algorithm>
#include <array>

#include "lang/format.h"
#include "lang/function.h"
#include "lang/text.h"

namespace thalweg::lang {

namespace {
bool all_strings(Call& call, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    if (!call[i].is_string()) return false;
  }
  return true;
}

template <class Change>
bool mapped(Call& call, Change change) {
  if (!call[0].is_string()) return call.no_overload();
  if (!call.charge(call[0].size())) return false;
  std::string text(call[0].as_string());
  std::ranges::transform(text, text.begin(), change);
  return call.give(Value(text));
}
bool lower(Call& call) {
  return mapped(call, [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
}
bool upper(Call& call) {
  return mapped(call, [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
}

bool reverse(Call& call) {
  if (call[0].is_list()) {
    if (!call.charge(call[0].size() * 16)) return false;
    std::vector<Value> items(call[0].items().rbegin(), call[0].items().rend());
    return call.give(Value::list(std::move(items)));
  }
  if (!call[0].is_string()) return call.no_overload();
  if (!call.charge(call[0].size())) return false;
  const std::string_view text = call[0].as_string();
  std::string out;
  out.reserve(text.size());
  for (std::size_t end = text.size(); end > 0;) {
    std::size_t start = end - 1;
    while (start > 0 && continues(text[start])) --start;
    out.append(text.substr(start, end - start));
    end = start;
  }
  return call.give(Value(out));
}

bool trim(Call& call) {
  if (!call[0].is_string()) return call.no_overload();
  if (!call.charge(call[0].size())) return false;
  std::string_view text = call[0].as_string();
  while (!text.empty()) {
    std::size_t end = 0;
    if (!is_space(next_point(text, end))) break;
    text.remove_prefix(end);
  }
  while (!text.empty()) {
    std::size_t start = text.size() - 1;
    while (start > 0 && continues(text[start])) --start;
    std::size_t at = start;
    if (!is_space(next_point(text, at))) break;
    text = text.substr(0, start);
  }
  return call.give(text);
}

// The size of one code point at the front; 0 at the end.
std::size_t first_size(std::string_view text) {
  std::size_t end = 0;
  if (!text.empty()) (void)next_point(text, end);
  return end;
}

bool replace(Call& call) {
  if (!all_strings(call, 3) || (call.size() == 4 && !call[3].is_int())) return call.no_overload();
  const std::string_view from = call[1].as_string(), to = call[2].as_string();
  std::string_view rest = call[0].as_string();
  std::int64_t left = call.size() == 4 ? call[3].as_int() : -1;
  std::string out;
  if (!call.charge(rest.size())) return false;
  while (left != 0) {
    // An empty text stands before every character and at the end.
    const std::size_t found = from.empty() ? 0 : rest.find(from);
    if (found == std::string_view::npos) break;
    const std::size_t kept = from.empty() ? first_size(rest) : from.size();
    out.append(rest.substr(0, found)).append(to);
    if (from.empty()) out.append(rest.substr(0, kept));
    const bool last = from.empty() && rest.empty();
    rest.remove_prefix(found + kept);
    if (left > 0) --left;
    if (!call.charge(to.size() + found + 16)) return false;
    if (last) break;
  }
  return call.give(Value(out.append(rest)));
}

bool split(Call& call) {
  if (!all_strings(call, 2) || (call.size() == 3 && !call[2].is_int())) return call.no_overload();
  std::string_view rest = call[0].as_string();
  const std::string_view by = call[1].as_string();
  const std::int64_t limit = call.size() == 3 ? call[2].as_int() : -1;
  std::vector<Value> parts;
  if (!call.charge(rest.size())) return false;
  if (limit == 0) return call.give(Value::list());
  if (by.empty() && rest.empty()) return call.give(Value::list());
  while (limit < 0 || static_cast<std::int64_t>(parts.size()) + 1 < limit) {
    const std::size_t found = by.empty() ? first_size(rest) : rest.find(by);
    if (found == std::string_view::npos || (by.empty() && found >= rest.size())) break;
    if (!call.charge(48)) return false;
    parts.emplace_back(rest.substr(0, found));
    rest.remove_prefix(found + by.size());
  }
  parts.emplace_back(rest);
  return call.give(Value::list(std::move(parts)));
}

bool join(Call& call) {
  if (!call[0].is_list() || (call.size() == 2 && !call[1].is_string())) return call.no_overload();
  const std::string_view between = call.size() == 2 ? call[1].as_string() : std::string_view();
  std::string out;
  for (std::size_t i = 0; i < call[0].items().size(); ++i) {
    const Value& item = call[0].items()[i];
    if (!item.is_string())
      return call.fail(Code::invalid_argument, "join() needs strings; item {} is {}", i, with_article(kind_name(item)));
    if (i > 0) out.append(between);
    out.append(item.as_string());
    if (!call.charge(between.size() + item.size() + 16)) return false;
  }
  return call.give(Value(out));
}

bool quote(Call& call) {
  if (!call[0].is_string()) return call.no_overload();
  if (!call.charge(call[0].size() * 2)) return false;
  static constexpr std::string_view kPlain = "\a\b\f\n\r\t\v\\\"";
  static constexpr std::string_view kLetters = "abfnrtv\\\"";
  std::string out = "\"";
  for (const char c : call[0].as_string()) {
    const std::size_t at = kPlain.find(c);
    if (at == std::string_view::npos) {
      out += c;
    } else {
      out.append({'\\', kLetters[at]});
    }
  }
  return call.give(Value(out + "\""));
}

bool format(Call& call) {
  if (!call[0].is_string() || !call[1].is_list()) return call.no_overload();
  std::string out;
  return format_text(call, call[0].as_string(), call[1].items(), out) && call.give(Value(out));
}

constexpr FunctionEntry kEntries[] = {
    {"lowerAscii", true, "(string) -> string", lower},
    {"upperAscii", true, "(string) -> string", upper},
    {"reverse", true, "(string) -> string; (list<A>) -> list<A>", reverse},
    {"trim", true, "(string) -> string", trim},
    {"replace", true, "(string, string, string) -> string; (string, string, string, int) -> string", replace},
    {"split", true, "(string, string) -> list<string>; (string, string, int) -> list<string>", split},
    {"join", true, "(list<string>) -> string; (list<string>, string) -> string", join},
    {"strings.quote", false, "(string) -> string", quote},
    {"format", true, "(string, list<dyn>) -> string", format},
};
}  // namespace

std::span<const FunctionEntry> text_functions() noexcept { return kEntries; }

}  // namespace thalweg::lang
