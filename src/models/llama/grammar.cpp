#include "models/llama/grammar.h"

namespace thalweg::models::llama {

Result<> Grammar::mask(std::span<float> logits) {
  const bridge::Table& table = *held_.get_deleter().table;
  TRY(bridge::call(table, table.grammar_mask, held_.get(), logits.data(), logits.size()));
  return {};
}

Result<bool> Grammar::take(llama_token token) {
  const bridge::Table& table = *held_.get_deleter().table;
  const std::string ended = TRY(bridge::call(table, table.grammar_take, held_.get(), static_cast<std::uint32_t>(token)));
  return !ended.empty() && ended[0] != 0;
}

Result<Grammar> Grammars::open(std::string_view schema) {
  const bridge::Table* const table = TRY(bridge::open());
  if (!held_) {
    const std::size_t count = vocabulary_.size();
    std::vector<std::string> bytes(count);
    std::vector<bridge::Slice> tokens(count);
    for (std::size_t i = 0; i < count; ++i) {
      bytes[i] = vocabulary_.bytes(static_cast<llama_token>(i));
      tokens[i] = bytes[i];
    }
    llama_token end = llama_vocab_eos(vocabulary_.get());
    if (end == LLAMA_TOKEN_NULL) end = llama_vocab_eot(vocabulary_.get());
    bridge::Vocabulary* made = nullptr;
    TRY(bridge::call(*table, table->vocabulary_open, tokens.data(), count, static_cast<std::uint32_t>(end), &made));
    held_ = {made, Close{table}};
  }
  bridge::Grammar* made = nullptr;
  TRY(bridge::call(*table, table->grammar_open, held_.get(), bridge::Slice(schema), &made));
  return Grammar({made, Grammar::Close{table}});
}

}  // namespace thalweg::models::llama
