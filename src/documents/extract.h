#pragma once
// The sentences of passages that answer a question, chosen by words and, where there is a model, by meaning.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/error.h"
#include "index/terms.h"
#include "thalweg/value.h"

namespace thalweg::documents {

/// A passage as it was found.
struct Source {
  std::string document;
  std::string title;
  std::string section;
  std::string text;
  double score = 0;
};

/// How rare the question's terms are in the whole index.
struct Rarity {
  std::int64_t passages = 0;  ///< 0: unknown, all terms weigh the same
  std::unordered_map<std::string, std::int64_t> holding;
  /// ln(1 + (N - n + 0.5) / (n + 0.5)), BM25's inverse document frequency.
  [[nodiscard]] double weight(const std::string& stem) const;
};

struct ExtractOptions {
  std::size_t most = 3;      ///< sentences
  double threshold = 0.55;   ///< the least support by words; calibrated on tests/documents/questions.jsonl
  double similarity = 0.45;  ///< with similarities instead: the least of the best sentence; calibrated on tests/documents/quality
};

/// A sentence that answers, word for word as it stands in its source.
struct Quote {
  std::string text;
  std::size_t source = 0;  ///< which of the passages
  double score = 0;
};

struct Extract {
  std::vector<Quote> quotes;  ///< best first; empty when nothing answers
  /// By words: how much of the question, each term by its rarity, the best sentence and what stands around it (its passage, the
  /// headings) hold, 0 to 1. With similarities: that of the most similar sentence.
  double support = 0;
  std::string_view reason;  ///< why nothing answers, when nothing does
};

/// What an embedding model is given for each sentence that may answer, in the order in which extract() wants their similarities:
/// the sentence behind its innermost heading.
[[nodiscard]] std::vector<std::string> sentence_texts(const std::vector<Source>& sources);

/// `similarities`: the cosine of the question and each of sentence_texts(), or nothing. Deterministic. Nothing answers when no
/// sentence is near enough; with similarities also when the question names or asks for something that stands nowhere in the index
/// ("... on a Raspberry Pi", "in which city ..."), or asks for a number and no near sentence has one. Errors: invalid_argument
/// when a text is not UTF-8; what Analyzer may return.
[[nodiscard]] Result<Extract> extract(const index::Analyzer& analyzer, std::string_view question,
                                      const std::vector<Source>& sources, const Rarity& rarity,
                                      const ExtractOptions& options = {}, std::span<const double> similarities = {});

}  // namespace thalweg::documents
