#include "documents/passages.h"

#include <algorithm>

#include "text/sentences.h"

namespace thalweg::documents {

using text::Block;
using text::BlockKind;
using text::blocks;
using text::sentences;
using text::Span;

namespace {

constexpr int kCutVersion = 1;  // part of the hash: raise it when the same text is cut differently

// What is not to be cut: a sentence, a list item, a piece of layout. `opens`: begins a block, the better place to cut before.
struct Unit {
  Span span;
  bool opens;
};

// Sentences longer than a passage are cut between words at worst.
void add_long(std::string_view text, Span span, std::size_t most, bool opens, std::vector<Unit>& units) {
  while (span.size() > most) {
    std::size_t end = span.begin + most;
    while (end > span.begin + most / 2 && text[end] != ' ' && text[end] != '\n') --end;
    if (end <= span.begin + most / 2) {
      end = span.begin + most;
      while (end > span.begin + 1 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;  // not inside a character
    }
    Span piece{span.begin, end};
    while (piece.size() > 0 && (text[piece.end - 1] == ' ' || text[piece.end - 1] == '\n')) --piece.end;
    if (piece.size() > 0) units.push_back({piece, opens});
    opens = false;
    span.begin = end;
    while (span.begin < span.end && (text[span.begin] == ' ' || text[span.begin] == '\n')) ++span.begin;
  }
  if (span.size() > 0) units.push_back({span, opens});
}

std::vector<Unit> units_of(std::string_view text, std::size_t size) {
  std::vector<Unit> units;
  for (const Block& block : blocks(text)) {
    if (block.kind != BlockKind::paragraph && block.span.size() <= size) {
      units.push_back({block.span, true});
      continue;
    }
    bool opens = true;
    for (const Span& sentence : sentences(text, block)) {
      add_long(text, sentence, 4 * size, opens, units);
      opens = false;
    }
  }
  return units;
}

// [first, last) units for each passage.
std::vector<std::pair<std::size_t, std::size_t>> pack(const std::vector<Unit>& units, const PassageOptions& options) {
  std::vector<std::pair<std::size_t, std::size_t>> packs;
  const auto length = [&](std::size_t first, std::size_t last) { return units[last - 1].span.end - units[first].span.begin; };
  std::size_t first = 0;
  while (first < units.size()) {
    std::size_t last = first + 1;
    while (last < units.size() && length(first, last + 1) <= options.size) ++last;
    // A short rest is taken along rather than left alone.
    if (last < units.size() && length(first, units.size()) <= options.size + options.size / 4) last = units.size();
    // Cut before a block where one begins in the last third.
    if (last < units.size() && !units[last].opens) {
      for (std::size_t earlier = last - 1; earlier > first; --earlier) {
        if (length(first, earlier) < options.size * 2 / 3) break;
        if (units[earlier].opens) {
          last = earlier;
          break;
        }
      }
    }
    packs.emplace_back(first, last);
    if (last == units.size()) break;
    std::size_t next = last;
    while (next > first + 1 && units[last - 1].span.end - units[next - 1].span.begin <= options.overlap) --next;
    first = next;
  }
  return packs;
}

}  // namespace

std::vector<Passage> cut(const Document& document, const PassageOptions& options) {
  std::vector<Passage> passages;
  const std::string hash = fmt::format("{}.{}.{}.{}", document.hash, kCutVersion, options.size, options.overlap);
  for (const Section& section : document.sections) {
    const std::vector<Unit> units = units_of(section.text, std::max<std::size_t>(options.size, 1));
    for (const auto& [first, last] : pack(units, options)) {
      Passage passage;
      passage.ordinal = static_cast<std::int64_t>(passages.size());
      passage.id = fmt::format("{}#{}", document.path, passage.ordinal);
      passage.document = document.path;
      passage.title = document.title;
      passage.section = fmt::format("{}", fmt::join(section.titles, " > "));
      passage.text = section.text.substr(units[first].span.begin, units[last - 1].span.end - units[first].span.begin);
      passage.hash = hash;
      passages.push_back(std::move(passage));
    }
  }
  return passages;
}

Value to_value(const Passage& passage) {
  return Value::map({{"id", passage.id},
                     {"document", passage.document},
                     {"title", passage.title},
                     {"section", passage.section},
                     {"ordinal", passage.ordinal},
                     {"text", passage.text},
                     {"hash", passage.hash}});
}

}  // namespace thalweg::documents
