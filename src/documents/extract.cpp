#include "documents/extract.h"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <unordered_set>

#include "documents/cues.h"
#include "text/headed.h"

namespace thalweg::documents {

using text::BlockKind;
using text::Span;

namespace {

// How much a term counts that is not in the sentence itself but in ...
constexpr double kInHeading = 0.8;   // the innermost heading of its section
constexpr double kInHeadings = 0.6;  // an outer heading, or the document's title
constexpr double kBefore = 0.6;      // the sentence before it
constexpr double kInPassage = 0.45;  // elsewhere in its passage

constexpr double kMeaning = 0.7;     // how much of a sentence's worth is its similarity, the rest its words
constexpr std::int64_t kMany = 500;  // passages, in which a common word that is missing says something
constexpr double kNear = 0.85;       // of the best similarity: as good as that

struct Weighed {
  std::string stem;
  double weight;
};

struct Candidate {
  Span span;
  std::size_t source;
  double held;     // share of the question's weight that it holds itself
  double support;  // with what stands around it
  double similarity;
  double score;
};

using Stems = std::unordered_set<std::string>;

Result<Stems> stems(const index::Analyzer& analyzer, std::string_view text) {
  Stems found;
  std::vector<index::Term> terms = TRY(analyzer.terms(text));
  for (index::Term& term : terms) found.insert(std::move(term.stem));
  return found;
}

class Chooser {
 public:
  Chooser(const index::Analyzer& analyzer, std::string_view question, std::vector<Weighed> terms,
          std::span<const double> similarities)
      : analyzer_(analyzer), asks_(asks(question)), terms_(std::move(terms)), similarities_(similarities) {
    for (const Weighed& term : terms_) total_ += term.weight;
  }

  Result<> add(const Source& source, std::size_t number, double best_score) {
    const std::string_view inner = text::innermost(source.section);
    const std::string_view outer = std::string_view(source.section).substr(0, source.section.size() - inner.size());
    const Stems in_heading = TRY(stems(analyzer_, inner));
    const Stems in_headings = TRY(stems(analyzer_, fmt::format("{} {}", outer, source.title)));
    const Stems in_passage = TRY(stems(analyzer_, source.text));
    const bool question_heading = inner.ends_with('?');
    Stems before;
    bool first = true;
    for (const auto& [span, kind] : text::sentences(source.text)) {
      const std::string_view sentence = span.in(source.text);
      const std::vector<index::Term> words = TRY(analyzer_.terms(sentence));
      Stems own;
      for (const index::Term& word : words) own.insert(word.stem);
      const double similarity = similarities_.empty() ? 0 : similarities_[candidates_.size()];
      Candidate candidate{span, number, 0, 0, similarity, 0};
      for (const Weighed& term : terms_) {
        const double share = total_ > 0 ? term.weight / total_ : 0;
        if (own.contains(term.stem)) {
          candidate.held += share;
          candidate.support += share;
          continue;
        }
        double around = 0;
        if (in_heading.contains(term.stem)) around = kInHeading;
        if (in_headings.contains(term.stem)) around = std::max(around, kInHeadings);
        if (before.contains(term.stem)) around = std::max(around, kBefore);
        if (in_passage.contains(term.stem)) around = std::max(around, kInPassage);
        candidate.support += share * around;
      }
      candidate.score = score(candidate, sentence, words, kind) * (0.85 + 0.15 * source.score / best_score);
      // What stands first under a heading that is the question, answers it.
      if (first && question_heading && !sentence.ends_with('?')) candidate.score *= 1.15;
      candidates_.push_back(candidate);
      before = std::move(own);
      if (!sentence.ends_with('?')) first = false;
    }
    return {};
  }

  std::vector<Candidate> ranked() && {
    // Equal ones in the order of passages, so that the answer is always the same.
    std::ranges::sort(candidates_, [](const Candidate& a, const Candidate& b) {
      return std::tuple(-a.score, a.source, a.span.begin) < std::tuple(-b.score, b.source, b.span.begin);
    });
    return std::move(candidates_);
  }

 private:
  // Support and wording together; what cannot stand as an answer counts less.
  [[nodiscard]] double score(const Candidate& candidate, std::string_view sentence, const std::vector<index::Term>& words,
                             BlockKind kind) const {
    const auto wanted = [&](const index::Term& word) {
      return std::ranges::find(terms_, word.stem, &Weighed::stem) != terms_.end();
    };
    bool subject_first = false;
    for (std::size_t i = 0; i < std::min<std::size_t>(words.size(), 4); ++i) subject_first = subject_first || wanted(words[i]);
    double value = 0.75 * candidate.support + 0.25 * candidate.held;
    if (!similarities_.empty()) value = kMeaning * candidate.similarity + (1 - kMeaning) * value;
    value *= 1 + 0.35 * wording(asks_, sentence, subject_first);
    if (sentence.ends_with('?')) value *= 0.5;
    if (sentence.ends_with(':')) value *= 0.9;
    if (kind == BlockKind::layout) value *= 0.75;
    if (words.size() < 5) value *= 0.6;
    if (words.size() > 60) value *= 0.85;
    if (sentence.starts_with("See ") || sentence.starts_with("(See ") || sentence.starts_with("For more ")) value *= 0.7;
    return value;
  }

  const index::Analyzer& analyzer_;
  Asks asks_;
  std::vector<Weighed> terms_;
  std::span<const double> similarities_;
  double total_ = 0;
  std::vector<Candidate> candidates_;
};

// A term that nothing in the index holds, and that the question names (a capital letter within a sentence, a digit) or, where
// there is much to hold it, asks for ("which city").
Result<bool> unknown_subject(const index::Analyzer& analyzer, std::string_view question, const Rarity& rarity) {
  if (rarity.passages <= 0) return false;
  bool begins = true;  // a sentence
  bool asked_for = false;
  std::size_t last = 0;
  const std::vector<index::Term> terms = TRY(analyzer.terms(question));
  for (const index::Term& term : terms) {
    begins = begins || question.substr(last, term.begin - last).find_first_of(".?!") != std::string_view::npos;
    const std::string_view word = question.substr(term.begin, term.end - term.begin);
    const bool capital = word.front() >= 'A' && word.front() <= 'Z';
    const bool named = (capital && !begins) || std::ranges::any_of(word, [](char c) { return c >= '0' && c <= '9'; });
    const auto held = rarity.holding.find(term.stem);
    if ((named || (asked_for && rarity.passages >= kMany)) && held != rarity.holding.end() && held->second == 0) return true;
    asked_for = word == "which" || word == "Which";
    begins = false;
    last = term.end;
  }
  return false;
}

// Whether a number stands in a sentence about as near as the nearest.
bool number_near(const std::vector<Candidate>& candidates, const std::vector<Source>& sources, double nearest) {
  return std::ranges::any_of(candidates, [&](const Candidate& candidate) {
    return candidate.similarity >= kNear * nearest && has_number(candidate.span.in(sources[candidate.source].text));
  });
}

}  // namespace

double Rarity::weight(const std::string& stem) const {
  if (passages <= 0) return 1;
  const auto found = holding.find(stem);
  const auto with = static_cast<double>(found == holding.end() ? 0 : found->second);
  return std::log(1 + (static_cast<double>(passages) - with + 0.5) / (with + 0.5));
}

std::vector<std::string> sentence_texts(const std::vector<Source>& sources) {
  std::vector<std::string> all;
  for (const Source& source : sources) {
    std::ranges::move(text::headed_sentences(source.title, source.section, source.text), std::back_inserter(all));
  }
  return all;
}

Result<Extract> extract(const index::Analyzer& analyzer, std::string_view question, const std::vector<Source>& sources,
                        const Rarity& rarity, const ExtractOptions& options, std::span<const double> similarities) {
  std::vector<Weighed> terms;
  std::vector<index::QueryTerm> asked = TRY(index::query_terms(analyzer, question));
  for (index::QueryTerm& term : asked) {
    if (index::is_stop_word(term.word)) continue;  // a question of nothing else asks for nothing
    const double weight = rarity.weight(term.stem);
    terms.push_back({std::move(term.stem), weight});
  }
  Extract chosen;
  chosen.reason = "the question asks for nothing";
  if (terms.empty()) return chosen;
  chosen.reason = "nothing was found";
  if (sources.empty()) return chosen;
  double best_score = 1e-9;
  for (const Source& source : sources) best_score = std::max(best_score, source.score);
  Chooser chooser(analyzer, question, std::move(terms), similarities);
  for (std::size_t i = 0; i < sources.size(); ++i) TRY(chooser.add(sources[i], i, best_score));
  const std::vector<Candidate> ranked = std::move(chooser).ranked();
  if (ranked.empty()) return chosen;
  if (similarities.empty()) {
    chosen.support = ranked.front().support;
    chosen.reason = "no sentence holds enough of the question's words";
    if (chosen.support < options.threshold) return chosen;
  } else {
    chosen.support = std::ranges::max(similarities);
    chosen.reason = "no sentence is near enough in meaning";
    if (chosen.support < options.similarity) return chosen;
    chosen.reason = "the question is about something that stands nowhere in the documents";
    if (TRY(unknown_subject(analyzer, question, rarity))) return chosen;
    chosen.reason = "the question asks for a number, and no near sentence has one";
    if (asks(question) == Asks::quantity && !number_near(ranked, sources, chosen.support)) return chosen;
  }
  chosen.reason = {};
  std::unordered_set<std::string_view> said;
  for (const Candidate& candidate : ranked) {
    if (chosen.quotes.size() >= options.most || candidate.score < 0.8 * ranked.front().score) break;
    std::string_view text = candidate.span.in(sources[candidate.source].text);
    if (text.starts_with("- ")) text.remove_prefix(2);  // the readers' mark of a list item
    if (!said.insert(text).second) continue;
    chosen.quotes.push_back({std::string(text), candidate.source, candidate.score});
  }
  return chosen;
}

}  // namespace thalweg::documents
