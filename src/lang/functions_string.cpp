// Functions on strings that look for places: by code points, as all of CEL.

#include <algorithm>
#include <optional>

#include "lang/function.h"
#include "lang/text.h"

namespace thalweg::lang {

namespace {
bool both_strings(Call& call) { return call[0].is_string() && call[1].is_string(); }

bool contains(Call& call) {
  if (!both_strings(call)) return call.no_overload();
  return call.charge(call[0].size()) && call.give(call[0].as_string().find(call[1].as_string()) != std::string_view::npos);
}
bool starts_with(Call& call) {
  if (!both_strings(call)) return call.no_overload();
  return call.give(call[0].as_string().starts_with(call[1].as_string()));
}
bool ends_with(Call& call) {
  if (!both_strings(call)) return call.no_overload();
  return call.give(call[0].as_string().ends_with(call[1].as_string()));
}

// The byte offset of a code point index that may be the end; nothing (and a fault) when it is outside.
std::optional<std::size_t> place(Call& call, std::int64_t index) {
  const std::string_view text = call[0].as_string();
  if (index >= 0) {
    const std::size_t at = utf8::offset_of(text, static_cast<std::size_t>(index));
    if (at != std::string_view::npos) return at;
  }
  call.fail(Code::out_of_range, "index {} is outside a string of {} characters", index, utf8::count(text));
  return std::nullopt;
}

bool char_at(Call& call) {
  if (!call[0].is_string() || !call[1].is_int()) return call.no_overload();
  if (!call.charge(call[0].size())) return false;
  const auto at = place(call, call[1].as_int());
  if (!at) return false;
  const std::string_view text = call[0].as_string();
  std::size_t end = *at;
  if (end < text.size()) (void)next_point(text, end);
  return call.give(text.substr(*at, end - *at));
}

bool index_of(Call& call) {
  if (!both_strings(call) || (call.size() == 3 && !call[2].is_int())) return call.no_overload();
  if (!call.charge(call[0].size())) return false;
  const auto from = place(call, call.size() == 3 ? call[2].as_int() : 0);
  if (!from) return false;
  const std::string_view text = call[0].as_string();
  const std::size_t found = text.find(call[1].as_string(), *from);
  return call.give(found == std::string_view::npos ? std::int64_t{-1}
                                                   : static_cast<std::int64_t>(utf8::count(text.substr(0, found))));
}

bool last_index_of(Call& call) {
  if (!both_strings(call) || (call.size() == 3 && !call[2].is_int())) return call.no_overload();
  if (!call.charge(call[0].size())) return false;
  const std::string_view text = call[0].as_string();
  std::size_t from = text.size();
  if (call.size() == 3) {
    const auto limit = place(call, call[2].as_int());
    if (!limit) return false;
    from = *limit;
  }
  const std::size_t found = text.rfind(call[1].as_string(), from);
  return call.give(found == std::string_view::npos ? std::int64_t{-1}
                                                   : static_cast<std::int64_t>(utf8::count(text.substr(0, found))));
}

bool substring(Call& call) {
  if (!call[0].is_string() || !call[1].is_int() || (call.size() == 3 && !call[2].is_int())) return call.no_overload();
  if (!call.charge(call[0].size())) return false;
  const std::string_view text = call[0].as_string();
  const auto from = place(call, call[1].as_int());
  if (!from) return false;
  if (call.size() == 2) return call.give(text.substr(*from));
  const auto to = place(call, call[2].as_int());
  if (!to) return false;
  if (*to < *from)
    return call.fail(Code::out_of_range, "substring from {} to {}: the end stands before the start", call[1].as_int(),
                     call[2].as_int());
  return call.give(text.substr(*from, *to - *from));
}

constexpr FunctionEntry kEntries[] = {
    {"contains", true, "(string, string) -> bool", contains},
    {"startsWith", true, "(string, string) -> bool", starts_with},
    {"endsWith", true, "(string, string) -> bool", ends_with},
    {"contains", false, "(string, string) -> bool", contains},
    {"startsWith", false, "(string, string) -> bool", starts_with},
    {"endsWith", false, "(string, string) -> bool", ends_with},
    {"charAt", true, "(string, int) -> string", char_at},
    {"indexOf", true, "(string, string) -> int; (string, string, int) -> int", index_of},
    {"lastIndexOf", true, "(string, string) -> int; (string, string, int) -> int", last_index_of},
    {"substring", true, "(string, int) -> string; (string, int, int) -> string", substring},
};
}  // namespace

std::span<const FunctionEntry> string_functions() noexcept { return kEntries; }

}  // namespace thalweg::lang
