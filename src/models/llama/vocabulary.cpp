#include "models/llama/vocabulary.h"

#include <climits>

namespace thalweg::models::llama {

llama_token Vocabulary::first() const noexcept {
  return llama_vocab_get_add_bos(vocabulary_) ? llama_vocab_bos(vocabulary_) : LLAMA_TOKEN_NULL;
}

Result<Tokens> Vocabulary::tokens(std::string_view text, Special special) const {
  if (text.size() > INT_MAX / 2) return fail(Code::invalid_argument, "a text of {} bytes is too long for a model", text.size());
  // Templates that write the beginning token themselves do not get a second one.
  bool begin = special == Special::parsed && first() != LLAMA_TOKEN_NULL;
  if (begin) {
    const std::string name = bytes(first(), true);
    begin = name.empty() || !text.starts_with(name);
  }
  Tokens tokens(text.size() / 3 + 16);
  const auto fill = [&] {
    return llama_tokenize(vocabulary_, text.data(), static_cast<std::int32_t>(text.size()), tokens.data(),
                          static_cast<std::int32_t>(tokens.size()), begin, special != Special::none);
  };
  std::int32_t count = fill();
  if (count < 0 && count != INT_MIN) {
    tokens.resize(static_cast<std::size_t>(-count));
    count = fill();
  }
  if (count < 0) return fail(Code::invalid_argument, "a text of {} bytes has more tokens than can be counted", text.size());
  tokens.resize(static_cast<std::size_t>(count));
  return tokens;
}

std::string Vocabulary::bytes(llama_token token, bool special) const {
  std::string text(32, '\0');
  const auto fill = [&] {
    return llama_token_to_piece(vocabulary_, token, text.data(), static_cast<std::int32_t>(text.size()), 0, special);
  };
  std::int32_t size = fill();
  if (size < 0) {
    text.resize(static_cast<std::size_t>(-size));
    size = fill();
  }
  text.resize(static_cast<std::size_t>(std::max(size, 0)));
  return text;
}

}  // namespace thalweg::models::llama
