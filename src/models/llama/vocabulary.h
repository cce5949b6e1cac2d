#pragma once
// A model's tokens and their texts.

#include <llama.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace thalweg::models::llama {

using Tokens = std::vector<llama_token>;

/// Thread-safe; lives as long as its model.
class Vocabulary {
 public:
  explicit Vocabulary(const llama_vocab* vocabulary) : vocabulary_(vocabulary) {}

  /// How the beginning of a text is treated, and names of special tokens in it.
  enum class Special : std::uint8_t {
    none,    ///< text only
    names,   ///< names of special tokens are those tokens
    parsed,  ///< that, and a beginning token where the model wants one
  };
  /// Errors: invalid_argument (too long to be counted).
  [[nodiscard]] Result<Tokens> tokens(std::string_view text, Special special) const;
  /// The bytes of a token, possibly half a character; of special ones nothing, or their name.
  [[nodiscard]] std::string bytes(llama_token token, bool special = false) const;
  /// Whether a text ends with it.
  [[nodiscard]] bool ends(llama_token token) const noexcept { return llama_vocab_is_eog(vocabulary_, token); }
  /// The token every text begins with, or LLAMA_TOKEN_NULL.
  [[nodiscard]] llama_token first() const noexcept;
  [[nodiscard]] std::size_t size() const noexcept { return static_cast<std::size_t>(llama_vocab_n_tokens(vocabulary_)); }
  [[nodiscard]] const llama_vocab* get() const noexcept { return vocabulary_; }

 private:
  const llama_vocab* vocabulary_;
};

}  // namespace thalweg::models::llama
