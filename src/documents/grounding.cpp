#include "documents/grounding.h"

#include <algorithm>
#include <array>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "text/headed.h"

namespace thalweg::documents {

namespace {

using Stems = std::unordered_set<std::string>;

char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

Result<Stems> content(const index::Analyzer& analyzer, std::string_view text) {
  Stems found;
  std::vector<index::Term> terms = TRY(analyzer.terms(text));
  for (index::Term& term : terms) {
    std::string word(text.substr(term.begin, term.end - term.begin));
    std::ranges::transform(word, word.begin(), lower);
    if (!index::is_stop_word(word)) found.insert(std::move(term.stem));
  }
  return found;
}

// "not", "no", "never", "cannot", "don't": an odd number of them turns what is said round.
bool denies(std::string_view sentence) {
  constexpr std::array<std::string_view, 8> kWords{"not", "no", "never", "cannot", "neither", "nor", "without", "none"};
  std::string plain(sentence);
  std::ranges::transform(plain, plain.begin(), lower);
  bool denied = false;
  std::size_t begin = 0;
  for (std::size_t at = 0; at <= plain.size(); ++at) {
    const bool letter = at < plain.size() && ((plain[at] >= 'a' && plain[at] <= 'z') || plain[at] == '\'' ||
                                              (static_cast<unsigned char>(plain[at]) & 0x80U) != 0);
    if (letter) continue;
    const std::string_view word = std::string_view(plain).substr(begin, at - begin);
    if (std::ranges::find(kWords, word) != kWords.end() || word.ends_with("n't") || word.ends_with("n\u2019t")) denied = !denied;
    begin = at + 1;
  }
  return denied;
}

// The sentences of the sources, each once.
class Sources {
 public:
  Result<> add(const index::Analyzer& analyzer, std::string_view sentence) {
    if (!seen_.emplace(sentence).second) return {};
    for (const std::string& stem : TRY(content(analyzer, sentence))) holding_[stem].push_back(denied_.size());
    denied_.push_back(denies(sentence));
    return {};
  }
  void know(const Stems& stems) { known_ = stems; }
  [[nodiscard]] bool holds(const std::string& stem) const { return known_.contains(stem) || holding_.contains(stem); }
  /// Whether the sentence with most of these stems, the first of such, denies; nothing when none has any.
  [[nodiscard]] std::optional<bool> nearest_denies(const Stems& stems) const {
    std::vector<std::size_t> shared(denied_.size());
    for (const std::string& stem : stems) {
      const auto found = holding_.find(stem);
      if (found == holding_.end()) continue;
      for (const std::size_t sentence : found->second) ++shared[sentence];
    }
    const auto most = std::ranges::max_element(shared);
    if (most == shared.end() || *most == 0) return std::nullopt;
    return denied_[static_cast<std::size_t>(most - shared.begin())];
  }

 private:
  std::unordered_set<std::string> seen_;
  std::unordered_map<std::string, std::vector<std::size_t>> holding_;  // which sentences
  std::vector<bool> denied_;                                           // by sentence
  Stems known_;                                                        // besides
};

}  // namespace

Result<Grounding> grounding(const index::Analyzer& analyzer, std::string_view text, std::span<const std::string> sources,
                            std::string_view question, double least, const Context& context) {
  Sources said;
  said.know(TRY(content(analyzer, question)));
  for (const std::string& source : sources) {
    for (const text::Sentence& sentence : text::sentences(source)) {
      TRY(context.check());
      TRY(said.add(analyzer, sentence.span.in(source)));
    }
  }
  Grounding found;
  std::size_t all = 0;
  std::size_t all_known = 0;
  std::unordered_set<std::string_view> seen;
  for (const text::Sentence& sentence : text::sentences(text)) {
    TRY(context.check());
    std::string_view words = sentence.span.in(text);
    if (words.starts_with("- ")) words.remove_prefix(2);  // the mark of a list item
    if (!seen.insert(words).second) continue;
    const Stems stems = TRY(content(analyzer, words));
    if (stems.empty()) continue;
    const auto known =
        static_cast<std::size_t>(std::ranges::count_if(stems, [&](const std::string& stem) { return said.holds(stem); }));
    ++found.sentences;
    all += stems.size();
    all_known += known;
    const bool enough = static_cast<double>(known) >= least * static_cast<double>(stems.size());
    if (!enough || said.nearest_denies(stems) != denies(words)) found.unsupported.emplace_back(words);
  }
  if (all > 0) found.share = static_cast<double>(all_known) / static_cast<double>(all);
  return found;
}

}  // namespace thalweg::documents
