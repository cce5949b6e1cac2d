#include "text/headed.h"

#include "base/error.h"

namespace thalweg::text {

std::string_view innermost(std::string_view headings) noexcept {
  constexpr std::string_view kBetween = " > ";
  const std::size_t cut = headings.rfind(kBetween);
  return cut == std::string_view::npos ? headings : headings.substr(cut + kBetween.size());
}

std::vector<Sentence> sentences(std::string_view text, const SentenceRules& rules) {
  std::vector<Sentence> all;
  for (const Block& block : blocks(text)) {
    const bool whole = rules.whole_layout && block.kind == BlockKind::layout;
    for (const Span& span : whole ? std::vector{block.span} : sentences(text, block)) {
      if (span.size() >= rules.shortest) all.push_back({span, block.kind});
    }
  }
  return all;
}

std::vector<std::string> headed_sentences(std::string_view title, std::string_view headings, std::string_view text,
                                          const SentenceRules& rules) {
  const std::string_view heading = headings.empty() ? title : innermost(headings);
  std::vector<std::string> all;
  for (const Sentence& sentence : sentences(text, rules)) {
    all.emplace_back(heading.empty() ? "" : fmt::format("{}: ", heading)).append(sentence.span.in(text));
  }
  return all;
}

}  // namespace thalweg::text
