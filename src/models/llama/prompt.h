#pragma once
// A request's prompt as tokens that fit.

#include "models/language_model.h"
#include "models/llama/vocabulary.h"

namespace thalweg::models::llama {

struct Prompt {
  Tokens tokens;
  std::size_t dropped = 0;
};

/// Makes `tokens` and `max_tokens` fit into `window` by the rule. Errors: invalid_argument with all sizes; an empty prompt.
[[nodiscard]] Result<Prompt> fit(Tokens tokens, std::size_t max_tokens, std::size_t window, Overflow rule, llama_token first);

}  // namespace thalweg::models::llama
