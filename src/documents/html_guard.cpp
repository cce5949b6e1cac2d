#include "documents/html_guard.h"

#include <algorithm>
#include <array>
#include <string>

namespace thalweg::documents {

namespace {

// Elements without an end tag, and those whose end tag may be left out: they say nothing about nesting.
constexpr auto kNotNesting = std::to_array<std::string_view>(
    {"area", "base",   "br", "col",   "colgroup", "dd",    "dt", "embed", "hr", "img",   "input", "li",    "link",
     "meta", "option", "p",  "param", "source",   "tbody", "td", "tfoot", "th", "thead", "tr",    "track", "wbr"});
constexpr auto kRaw = std::to_array<std::string_view>({"script", "style", "textarea", "title", "xmp"});

bool letter(char c) noexcept { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; }
bool blank(char c) noexcept { return c == ' ' || (c >= '\t' && c <= '\r'); }

struct Tag {
  std::string name;
  std::size_t end;         // behind the '>'
  std::size_t attributes;  // about
  bool closed;             // <x/>
};

Tag tag_at(std::string_view text, std::size_t at) {  // at: the first letter of the name
  Tag tag{{}, at, 0, false};
  while (tag.end < text.size() && !blank(text[tag.end]) && text[tag.end] != '>' && text[tag.end] != '/') {
    if (tag.name.size() < 16) tag.name += static_cast<char>(letter(text[tag.end]) ? text[tag.end] | 0x20 : text[tag.end]);
    ++tag.end;
  }
  char quote = 0;
  bool between = true;
  for (; tag.end < text.size(); ++tag.end) {
    const char c = text[tag.end];
    if (quote != 0) {
      if (c == quote) quote = 0;
      continue;
    }
    if (c == '>') break;
    if ((c == '"' || c == '\'') && text[tag.end - 1] == '=') quote = c;
    if (blank(c) || c == '/') {
      between = true;
    } else if (between) {
      ++tag.attributes;
      between = false;
    }
  }
  tag.closed = tag.end > at && text[std::min(tag.end, text.size() - 1) - 1] == '/';
  tag.end = std::min(tag.end + 1, text.size());
  return tag;
}

std::size_t behind_raw(std::string_view text, std::size_t at, std::string_view name) {
  for (std::size_t end = text.find("</", at); end != std::string_view::npos; end = text.find("</", end + 2)) {
    const std::string_view found = text.substr(end + 2, name.size());
    if (std::ranges::equal(found, name, {}, [](char c) { return static_cast<char>(letter(c) ? c | 0x20 : c); })) return end;
  }
  return text.size();
}

}  // namespace

Result<> check_html(std::string_view text) {
  std::size_t depth = 0;
  for (std::size_t at = text.find('<'); at != std::string_view::npos; at = text.find('<', at)) {
    if (text.substr(at, 4) == "<!--") {
      const std::size_t end = text.find("-->", at + 4);
      if (end == std::string_view::npos) break;
      at = end;
      continue;
    }
    const bool closing = at + 1 < text.size() && text[at + 1] == '/';
    const std::size_t name = at + (closing ? 2 : 1);
    if (name >= text.size() || !letter(text[name])) {
      ++at;
      continue;
    }
    const Tag tag = tag_at(text, name);
    if (tag.attributes > kMostHtmlAttributes) {
      return fail(Code::invalid_argument, "the HTML has a tag with more than {} attributes at byte {}: no document needs that",
                  kMostHtmlAttributes, at);
    }
    if (!tag.closed && std::ranges::find(kNotNesting, tag.name) == kNotNesting.end()) {
      if (!closing) {
        if (++depth > kMostHtmlDepth) {
          return fail(Code::invalid_argument, "the HTML is nested more than {} levels deep at byte {}: no document needs that",
                      kMostHtmlDepth, at);
        }
      } else if (depth > 0) {
        --depth;
      }
    }
    at = tag.end;
    if (!closing && std::ranges::find(kRaw, tag.name) != kRaw.end()) at = behind_raw(text, at, tag.name);
  }
  return {};
}

}  // namespace thalweg::documents
