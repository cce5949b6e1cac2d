#include "models/tokenizer.h"

#include <cstring>

#include "models/mapped_file.h"
#include "thalweg/json.h"

namespace thalweg::models {

Result<Tokenizer> Tokenizer::open(const std::string& path) {
  const MappedFile file = TRY(MappedFile::open(path));
  const bridge::Table* table = TRY(bridge::open());
  bridge::Tokenizer* made = nullptr;
  if (const auto opened = bridge::call(*table, table->tokenizer_open, file.text(), &made); !opened) {
    // The library's own words: cut, as they may quote the file.
    std::string why = opened.error().message();
    if (why.size() > 300) why = why.substr(0, 300) + "...";
    return fail(Code::data_loss, "{} is broken or truncated: {}; get it anew from where the model comes from", path, why);
  }
  Tokenizer tokenizer(table, Handle(made, Close{table}));
  const std::string told = TRY(bridge::call(*table, table->tokenizer_info, tokenizer.handle_.get()));
  const Value info = TRY(parse_json(told));
  tokenizer.vocabulary_ = static_cast<std::size_t>(info.find("vocabulary")->as_int());
  return tokenizer;
}

Result<std::vector<Token>> Tokenizer::encode(bridge::Slice text, bridge::Slice pair, std::uint32_t options) const {
  const std::string bytes = TRY(bridge::call(*table_, table_->tokenizer_encode, handle_.get(), text, pair, options));
  std::vector<Token> tokens(bytes.size() / sizeof(Token));
  if (!tokens.empty()) std::memcpy(tokens.data(), bytes.data(), tokens.size() * sizeof(Token));
  return tokens;
}

Result<std::vector<Token>> Tokenizer::encode(std::string_view text) const {
  return encode(bridge::Slice(text), {}, bridge::kSpecialTokens);
}

Result<std::vector<Token>> Tokenizer::encode(std::string_view text, std::string_view pair) const {
  return encode(bridge::Slice(text), bridge::Slice(pair), bridge::kSpecialTokens | bridge::kPair);
}

Result<std::vector<Token>> Tokenizer::encode_inner(std::string_view text) const {
  return encode(bridge::Slice(text), {}, bridge::kWithOffsets);
}

Result<std::size_t> Tokenizer::count(std::string_view text) const {
  const std::string bytes =
      TRY(bridge::call(*table_, table_->tokenizer_count, handle_.get(), text, bridge::Slice(), bridge::kSpecialTokens));
  std::uint64_t count = 0;
  std::memcpy(&count, bytes.data(), sizeof(count));
  return static_cast<std::size_t>(count);
}

}  // namespace thalweg::models
