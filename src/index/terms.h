#pragma once
// Text to terms, as the index does it: words of letters and digits, lower case, stemmed. The same for questions and for
// sentences.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/bridge.h"
#include "base/error.h"

namespace thalweg::index {

/// A word of a text and its stem.
struct Term {
  std::string stem;
  std::size_t begin = 0;  ///< of the word in the text
  std::size_t end = 0;
};

/// Stateless and thread-safe.
class Analyzer {
 public:
  [[nodiscard]] static Result<Analyzer> open();
  /// Errors: invalid_argument when the text is not UTF-8.
  [[nodiscard]] Result<std::vector<Term>> terms(std::string_view text) const;

 private:
  explicit Analyzer(const bridge::Table* table) : table_(table) {}
  const bridge::Table* table_;
};

/// A term of a question that says what is looked for.
struct QueryTerm {
  std::string stem;
  std::string word;            ///< as it stands in the question, lower case
  std::uint32_t distance = 0;  ///< words to the query term before it, plus one; 0 for the first and behind a full stop
};

/// The terms of a question without its stop words (articles, pronouns, question words, ...); all of them when nothing else is
/// there. Repeated terms count once.
[[nodiscard]] Result<std::vector<QueryTerm>> query_terms(const Analyzer& analyzer, std::string_view question);

/// Whether an English word (lower case) carries no content of its own.
[[nodiscard]] bool is_stop_word(std::string_view word) noexcept;

}  // namespace thalweg::index
