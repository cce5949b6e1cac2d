#pragma once
// Whether a text that was written says what its sources say.

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "index/terms.h"
#include "thalweg/context.h"

namespace thalweg::documents {

struct Grounding {
  double share = 1;                      ///< of the text's words of content, how many stand in the sources or the question
  std::size_t sentences = 0;             ///< different ones with any such word
  std::vector<std::string> unsupported;  ///< of them those that the sources do not bear out
};

/// A sentence is borne out when at least the share `least` of its words of content stand in the sources or in the question (by
/// their stems; words such as "the" and "which" are none), and when it denies no more and no less than the source's sentence that
/// has most of these words; sentences that come again count once. That is a test of words: it finds what was made up, not every
/// wrong conclusion. Errors: invalid_argument when a text is not UTF-8; cancelled, deadline_exceeded.
[[nodiscard]] Result<Grounding> grounding(const index::Analyzer& analyzer, std::string_view text,
                                          std::span<const std::string> sources, std::string_view question, double least,
                                          const Context& context);

}  // namespace thalweg::documents
