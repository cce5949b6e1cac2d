#include "index/terms.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace thalweg::index {

namespace {
constexpr auto kStopWords = std::to_array<std::string_view>({
    "a",     "about",   "after", "again",  "all",   "also",  "am",    "an",    "and",  "any",     "are",   "as",    "at",
    "be",    "because", "been",  "before", "being", "both",  "but",   "by",    "can",  "could",   "d",     "did",   "do",
    "does",  "doing",   "done",  "down",   "each",  "ever",  "few",   "for",   "from", "further", "get",   "had",   "has",
    "have",  "having",  "he",    "her",    "here",  "him",   "his",   "how",   "i",    "if",      "in",    "into",  "is",
    "it",    "its",     "just",  "ll",     "long",  "m",     "many",  "may",   "me",   "mean",    "means", "meant", "might",
    "more",  "most",    "much",  "must",   "my",    "need",  "no",    "nor",   "not",  "now",     "of",    "off",   "on",
    "once",  "one",     "only",  "or",     "other", "our",   "out",   "over",  "own",  "re",      "s",     "same",  "shall",
    "she",   "should",  "so",    "some",   "such",  "t",     "than",  "that",  "the",  "their",   "them",  "then",  "there",
    "these", "they",    "this",  "those",  "to",    "too",   "under", "until", "up",   "us",      "use",   "used",  "using",
    "ve",    "very",    "want",  "was",    "way",   "we",    "were",  "what",  "when", "where",   "which", "while", "who",
    "whom",  "whose",   "why",   "will",   "with",  "would", "you",   "your",
});
static_assert(std::ranges::is_sorted(kStopWords));
}  // namespace

bool is_stop_word(std::string_view word) noexcept { return std::ranges::binary_search(kStopWords, word); }

Result<Analyzer> Analyzer::open() { return Analyzer(TRY(bridge::open())); }

Result<std::vector<Term>> Analyzer::terms(std::string_view text) const {
  const std::string answer = TRY(bridge::call(*table_, table_->analyze, text));
  const auto number = [&](std::size_t place) {
    std::uint32_t value = 0;
    std::memcpy(&value, answer.data() + place * sizeof(value), sizeof(value));
    return value;
  };
  const std::size_t count = number(0);
  const std::string_view pool = std::string_view(answer).substr((1 + 4 * count) * sizeof(std::uint32_t));
  std::vector<Term> found;
  found.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t at = 1 + 4 * i;
    found.push_back({std::string(pool.substr(number(at + 2), number(at + 3) - number(at + 2))), number(at), number(at + 1)});
  }
  return found;
}

Result<std::vector<QueryTerm>> query_terms(const Analyzer& analyzer, std::string_view question) {
  std::vector<QueryTerm> wanted;
  std::vector<QueryTerm> all;
  std::size_t position = 0;
  std::size_t last = 0;
  std::vector<Term> words = TRY(analyzer.terms(question));
  for (Term& term : words) {
    std::string word(question.substr(term.begin, term.end - term.begin));
    std::ranges::transform(word, word.begin(), [](char c) { return static_cast<char>(c >= 'A' && c <= 'Z' ? c | 0x20 : c); });
    ++position;
    const auto known = [&](const std::vector<QueryTerm>& terms) {
      return std::ranges::find(terms, term.stem, &QueryTerm::stem) != terms.end();
    };
    if (!known(all)) all.push_back({term.stem, word, 0});
    if (is_stop_word(word) || known(wanted)) continue;
    const std::size_t distance = last == 0 ? 0 : position - last;
    wanted.push_back({std::move(term.stem), std::move(word), distance > 3 ? 0 : static_cast<std::uint32_t>(distance)});
    last = position;
  }
  return wanted.empty() ? all : wanted;
}

}  // namespace thalweg::index
