#include "models/llama/chat.h"

#include <algorithm>

#include "base/utf8.h"
#include "thalweg/json.h"

namespace thalweg::models::llama {

namespace {
// A character that stands in no message: where it is put, a name is no name any more, and the text is cut there afterwards.
std::string unused_character(const std::vector<Message>& messages) {
  for (char32_t code = 0xE000; code < 0xF8FF; ++code) {
    std::string mark;
    utf8::append(mark, code);
    const bool used = std::ranges::any_of(messages, [&](const Message& message) {
      return message.content.find(mark) != std::string::npos || message.role.find(mark) != std::string::npos;
    });
    if (!used) return mark;
  }
  return {};
}
}  // namespace

Chat::Chat(const llama_model& model) : model_(model), vocabulary_(llama_model_get_vocab(&model)) {
  constexpr auto kSpecial =
      static_cast<unsigned>(LLAMA_TOKEN_ATTR_CONTROL) | static_cast<unsigned>(LLAMA_TOKEN_ATTR_USER_DEFINED);
  for (std::size_t i = 0; i < vocabulary_.size(); ++i) {
    const auto token = static_cast<llama_token>(i);
    if ((static_cast<unsigned>(llama_vocab_get_attr(vocabulary_.get(), token)) & kSpecial) == 0) continue;
    std::string name = vocabulary_.bytes(token, true);
    if (name.size() > 1) names_.push_back(std::move(name));
  }
}

std::string Chat::broken_up(std::string text, const std::string& mark) const {
  for (const std::string& name : names_) {
    for (std::size_t at = text.find(name); at != std::string::npos; at = text.find(name, at + 1 + mark.size())) {
      text.insert(at + 1, mark);
    }
  }
  return text;
}

Result<std::string> Chat::rendered(const std::vector<Message>& messages, const std::string& mark, std::int64_t now) {
  const bridge::Table* const table = TRY(bridge::open());
  if (!template_) {
    const char* const source = llama_model_chat_template(&model_, nullptr);
    if (source == nullptr) {
      return fail(Code::invalid_argument, "the model's file has no chat template: give a prompt instead of messages");
    }
    bridge::Template* made = nullptr;
    TRY(bridge::call(*table, table->template_open, bridge::Slice(std::string_view(source)), &made));
    template_ = {made, Close{table}};
  }
  std::vector<Value> list;
  for (const Message& message : messages) {
    list.push_back(Value::map({{"role", broken_up(message.role, mark)}, {"content", broken_up(message.content, mark)}}));
  }
  const auto name = [this](llama_token token) {
    return token == LLAMA_TOKEN_NULL ? std::string() : vocabulary_.bytes(token, true);
  };
  const Value input = Value::map({{"messages", Value::list(std::move(list))},
                                  {"add_generation_prompt", true},
                                  {"bos_token", name(llama_vocab_bos(vocabulary_.get()))},
                                  {"eos_token", name(llama_vocab_eos(vocabulary_.get()))}});
  const std::string json = TRY(to_json(input));
  return bridge::call(*table, table->template_render, template_.get(), bridge::Slice(json), now);
}

Result<Tokens> Chat::tokens(const std::vector<Message>& messages, std::int64_t now) {
  const std::string mark = unused_character(messages);
  const std::string text = TRY(rendered(messages, mark, now));
  Tokens tokens;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = mark.empty() ? text.size() : std::min(text.find(mark, at), text.size());
    const Tokens part = TRY(vocabulary_.tokens(std::string_view(text).substr(at, end - at),
                                               at == 0 ? Vocabulary::Special::parsed : Vocabulary::Special::names));
    tokens.insert(tokens.end(), part.begin(), part.end());
    at = end + std::max<std::size_t>(mark.size(), 1);
  }
  return tokens;
}

}  // namespace thalweg::models::llama
