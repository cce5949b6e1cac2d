#include "text/sentences.h"

#include <algorithm>
#include <array>
#include <string>

namespace thalweg::text {

namespace {

bool blank(char c) noexcept { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool upper(char c) noexcept { return c >= 'A' && c <= 'Z'; }
bool letter(char c) noexcept { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; }
bool digit(char c) noexcept { return c >= '0' && c <= '9'; }

Span trimmed(std::string_view text, Span span) noexcept {
  while (span.begin < span.end && blank(text[span.begin])) ++span.begin;
  while (span.begin < span.end && blank(text[span.end - 1])) --span.end;
  return span;
}

// Written with a full stop that ends no sentence. Sorted.
constexpr auto kAbbreviations = std::to_array<std::string_view>(
    {"al",  "approx", "apr", "aug",  "ca",  "cf",   "ch",  "co",   "corp", "dec", "dept", "dr",   "ed",
     "eds", "e.g",    "eg",  "esp",  "est", "feb",  "fig", "figs", "gen",  "i.e", "ie",   "inc",  "jan",
     "jr",  "ltd",    "mr",  "mrs",  "ms",  "no",   "nos", "nov",  "oct",  "p",   "para", "pp",   "prof",
     "ref", "resp",   "sec", "sect", "sep", "sept", "sr",  "st",   "u.s",  "vol", "vs",   "w.r.t"});

// Also written without ending a sentence unless the next word is capitalised.
constexpr auto kMayEnd = std::to_array<std::string_view>({"etc", "a.m", "p.m", "et al"});

// Length of a closing quote or bracket at `at`.
std::size_t closing(std::string_view text, std::size_t at) noexcept {
  if (at >= text.size()) return 0;
  if (text[at] == '"' || text[at] == '\'' || text[at] == ')' || text[at] == ']' || text[at] == '}') return 1;
  const std::string_view three = text.substr(at, 3);
  return three == "\u201D" || three == "\u2019" ? 3 : text.substr(at, 2) == "\u00BB" ? 2 : 0;
}

// The word before the full stop at `at`, lower case, without opening quotes and brackets.
std::string word_before(std::string_view text, std::size_t begin, std::size_t at) {
  std::size_t start = at;
  while (start > begin && !blank(text[start - 1]) && at - start < 24) --start;
  std::string word(text.substr(start, at - start));
  while (!word.empty() && (word.front() == '(' || word.front() == '[' || word.front() == '"' || word.front() == '\''))
    word.erase(0, 1);
  for (char& c : word) c = static_cast<char>(upper(c) ? c | 0x20 : c);
  return word;
}

bool ends_sentence(std::string_view text, std::size_t begin, std::size_t stop, std::size_t next) {
  if (text[stop] != '.') return !(next < text.size() && (text[next] == ',' || text[next] == ';'));
  if (stop > begin && text[stop - 1] == '.') {  // an ellipsis ends one only before a capital
    return next < text.size() && upper(text[next]);
  }
  const std::string word = word_before(text, begin, stop);
  if (word.empty()) return false;
  const bool capital = next < text.size() && upper(text[next]);
  if (std::ranges::find(kAbbreviations, word) != kAbbreviations.end()) return false;
  if (std::ranges::find(kMayEnd, word) != kMayEnd.end()) return capital;
  if (word.size() == 1 && letter(word[0])) return word != "i" && !upper(text[stop - 1]) && capital;  // "J. Doe"
  // "1. First" at the start of a block is a number; elsewhere a number may end a sentence.
  if (std::ranges::all_of(word, [](char c) { return digit(c) || c == '.'; }))
    return stop - begin > word.size() + 1 && next < text.size() && !digit(text[next]);
  const bool plain_word = word.size() >= 4 && std::ranges::all_of(word, letter);
  const auto first = next < text.size() ? static_cast<unsigned char>(text[next]) : 0U;
  return plain_word || !(first >= 'a' && first <= 'z');
}

// Sentences of running text inside `span`.
void cut(std::string_view text, Span span, std::vector<Span>& found) {
  std::size_t begin = span.begin;
  const auto take = [&](std::size_t end) {
    const Span sentence = trimmed(text, {begin, end});
    if (sentence.size() > 0) found.push_back(sentence);
    begin = end;
  };
  for (std::size_t at = span.begin; at < span.end; ++at) {
    const char c = text[at];
    if (c == '\xE3' && text.substr(at, 3) == "\u3002") {  // the ideographic full stop needs no blank behind it
      at += 2;
      take(at + 1);
      continue;
    }
    if (c != '.' && c != '?' && c != '!') continue;
    std::size_t end = at + 1;
    while (end < span.end && (text[end] == '.' || text[end] == '?' || text[end] == '!')) ++end;
    const std::size_t stop = end - 1;
    for (std::size_t more = closing(text, end); more != 0 && end + more <= span.end; more = closing(text, end)) end += more;
    if (end >= span.end || !blank(text[end])) {
      at = end - 1;
      continue;
    }
    std::size_t next = end;
    while (next < span.end && blank(text[next])) ++next;
    if (next < span.end && ends_sentence(text.substr(0, span.end), begin, stop, next)) take(end);
    at = end - 1;
  }
  take(span.end);
}

constexpr std::size_t kLongLine = 240;

}  // namespace

std::vector<Block> blocks(std::string_view text) {
  std::vector<Block> found;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find("\n\n", at), text.size());
    Span span{at, end};  // the first line's indentation belongs to layout
    while (span.begin < span.end && text[span.begin] == '\n') ++span.begin;
    const Span inner = trimmed(text, span);
    if (inner.size() > 0) {
      const std::string_view body = inner.in(text);
      const BlockKind kind = body.contains('\n')      ? BlockKind::layout
                             : body.starts_with("- ") ? BlockKind::item
                                                      : BlockKind::paragraph;
      found.push_back({inner, kind});
    }
    at = end + 2;
  }
  return found;
}

std::vector<Span> sentences(std::string_view text, const Block& block) {
  std::vector<Span> found;
  if (block.kind != BlockKind::layout) {
    cut(text, block.span, found);
    return found;
  }
  for (std::size_t at = block.span.begin; at < block.span.end;) {
    const std::size_t end = std::min(text.find('\n', at), block.span.end);
    const Span line = trimmed(text, {at, end});
    if (line.size() > kLongLine) {
      cut(text, line, found);
    } else if (line.size() > 0) {
      found.push_back(line);
    }
    at = end + 1;
  }
  return found;
}

}  // namespace thalweg::text
