#pragma once
// Sentences with the heading they stand under: what of a passage is compared by meaning.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "text/sentences.h"

namespace thalweg::text {

/// The last of the headings in "Installing > From source > Cargo".
[[nodiscard]] std::string_view innermost(std::string_view headings) noexcept;

struct Sentence {
  Span span;
  BlockKind kind = BlockKind::paragraph;  ///< of the block it stands in
};
/// What counts as one.
struct SentenceRules {
  std::size_t shortest = 0;   ///< bytes: what is shorter is passed over
  bool whole_layout = false;  ///< a block of layout is one sentence, not each of its lines
};
/// The sentences of all blocks of a section's text, in order.
[[nodiscard]] std::vector<Sentence> sentences(std::string_view text, const SentenceRules& rules = {});

/// Each of these sentences behind its innermost heading, or behind the title where it has none: "Cargo: Run it twice."
[[nodiscard]] std::vector<std::string> headed_sentences(std::string_view title, std::string_view headings, std::string_view text,
                                                        const SentenceRules& rules = {});

}  // namespace thalweg::text
