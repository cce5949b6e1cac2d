#include "models/llama/prompt.h"

namespace thalweg::models::llama {

Result<Prompt> fit(Tokens tokens, std::size_t max_tokens, std::size_t window, Overflow rule, llama_token first) {
  if (tokens.empty()) return fail(Code::invalid_argument, "the prompt is empty");
  if (tokens.size() + max_tokens <= window) return Prompt{std::move(tokens), 0};
  if (rule == Overflow::refuse) {
    return fail(
        Code::invalid_argument,
        "the prompt has {} tokens and max_tokens is {}, together more than the model's window of {}: shorten one of them, or "
        "say what to drop (on_overflow: truncate_start or truncate_middle)",
        tokens.size(), max_tokens, window);
  }
  // At least the first token and one more must stay, else nothing of the prompt is left to answer.
  if (max_tokens + 2 > window) {
    return fail(Code::invalid_argument, "max_tokens is {}, which leaves no room for a prompt in the model's window of {} tokens",
                max_tokens, window);
  }
  const std::size_t room = window - max_tokens;
  const std::size_t dropped = tokens.size() - room;
  const std::size_t kept_first = tokens.front() == first ? 1 : 0;
  const std::size_t from = rule == Overflow::truncate_start ? kept_first : std::max(kept_first, room / 2);
  const auto at = tokens.begin() + static_cast<std::ptrdiff_t>(from);
  tokens.erase(at, at + static_cast<std::ptrdiff_t>(dropped));
  return Prompt{std::move(tokens), dropped};
}

}  // namespace thalweg::models::llama
