#pragma once
// Messages of a chat as the prompt that the model was trained with.

#include <llama.h>

#include <memory>
#include <string>
#include <vector>

#include "base/bridge.h"
#include "models/language_model.h"
#include "models/llama/vocabulary.h"

namespace thalweg::models::llama {

/// The chat template of a model's file. Used by one thread at a time.
class Chat {
 public:
  explicit Chat(const llama_model& model);

  /// The tokens of the rendered messages, ready for the assistant's answer. Names of special tokens in a message are its text: no
  /// message can pretend to be another. `now`: seconds since 1970. Errors: invalid_argument (no template, or it refuses them).
  [[nodiscard]] Result<Tokens> tokens(const std::vector<Message>& messages, std::int64_t now);

 private:
  [[nodiscard]] Result<std::string> rendered(const std::vector<Message>& messages, const std::string& mark, std::int64_t now);
  [[nodiscard]] std::string broken_up(std::string text, const std::string& mark) const;

  struct Close {
    const bridge::Table* table;
    void operator()(bridge::Template* held) const noexcept { table->template_close(held); }
  };
  const llama_model& model_;
  Vocabulary vocabulary_;
  std::vector<std::string> names_;                                              ///< of special tokens
  std::unique_ptr<bridge::Template, Close> template_{nullptr, Close{nullptr}};  ///< opened by the first chat
};

}  // namespace thalweg::models::llama
