#pragma once
// A model's own tokenizer (tokenizer.json), through the bridge.

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bridge.h"
#include "base/error.h"

namespace thalweg::models {

using Token = bridge::Token;

/// Thread-safe. The file's own cutting and padding are left out: they belong to whoever runs the model.
///
///     const auto tokenizer = TRY(Tokenizer::open("minilm/tokenizer.json"));
///     const auto tokens = TRY(tokenizer.encode("Where is the thalweg?"));  // [CLS] where is ... [SEP]
class Tokenizer {
 public:
  /// Errors: not_found and others of the file; data_loss when it is no tokenizer, or a truncated one.
  [[nodiscard]] static Result<Tokenizer> open(const std::string& path);

  /// With the special tokens the model wants around a text. Errors: invalid_argument when the text is not UTF-8.
  [[nodiscard]] Result<std::vector<Token>> encode(std::string_view text) const;
  [[nodiscard]] Result<std::vector<Token>> encode(std::string_view text, std::string_view pair) const;
  /// The text's own tokens with where each stands in it.
  [[nodiscard]] Result<std::vector<Token>> encode_inner(std::string_view text) const;
  /// Tokens of a text, special ones included.
  [[nodiscard]] Result<std::size_t> count(std::string_view text) const;
  /// How many tokens it knows.
  [[nodiscard]] std::size_t vocabulary() const noexcept { return vocabulary_; }

 private:
  struct Close {
    const bridge::Table* table;
    void operator()(bridge::Tokenizer* tokenizer) const noexcept { table->tokenizer_close(tokenizer); }
  };
  using Handle = std::unique_ptr<bridge::Tokenizer, Close>;
  Tokenizer(const bridge::Table* table, Handle handle) : table_(table), handle_(std::move(handle)) {}
  [[nodiscard]] Result<std::vector<Token>> encode(bridge::Slice text, bridge::Slice pair, std::uint32_t options) const;

  const bridge::Table* table_;
  Handle handle_;
  std::size_t vocabulary_ = 0;
};

}  // namespace thalweg::models
