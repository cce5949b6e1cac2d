#pragma once
// Answers that follow a JSON Schema.

#include <memory>
#include <span>
#include <string_view>

#include "base/bridge.h"
#include "models/llama/vocabulary.h"

namespace thalweg::models::llama {

/// One answer in the making.
class Grammar {
 public:
  /// Leaves only tokens that may come next: the others get minus infinity.
  [[nodiscard]] Result<> mask(std::span<float> logits);
  /// A token was chosen. True when the answer is complete.
  [[nodiscard]] Result<bool> take(llama_token token);

 private:
  friend class Grammars;
  struct Close {
    const bridge::Table* table;
    void operator()(bridge::Grammar* held) const noexcept { table->grammar_close(held); }
  };
  explicit Grammar(std::unique_ptr<bridge::Grammar, Close> held) : held_(std::move(held)) {}
  std::unique_ptr<bridge::Grammar, Close> held_;
};

/// Makes grammars for one model. Used by one thread at a time.
class Grammars {
 public:
  explicit Grammars(const Vocabulary& vocabulary) : vocabulary_(vocabulary) {}
  /// Errors: invalid_argument, with the reason why no text can be made to follow the schema.
  [[nodiscard]] Result<Grammar> open(std::string_view schema);

 private:
  struct Close {
    const bridge::Table* table;
    void operator()(bridge::Vocabulary* held) const noexcept { table->vocabulary_close(held); }
  };
  Vocabulary vocabulary_;
  std::unique_ptr<bridge::Vocabulary, Close> held_{nullptr, Close{nullptr}};  ///< made by the first schema
};

}  // namespace thalweg::models::llama
