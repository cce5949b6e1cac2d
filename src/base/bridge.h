#pragma once
// The Rust crate in bridge/ as C++ sees it: one table of functions. bridge/src/lib.rs declares the same table.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace thalweg::bridge {

inline constexpr std::uint32_t kVersion = 6;

/// Bytes lent to the bridge for the time of a call.
struct Slice {
  const char* data = nullptr;
  std::size_t size = 0;
  Slice() = default;
  Slice(std::string_view text) : data(text.data()), size(text.size()) {}
  Slice(const std::string& text) : Slice(std::string_view(text)) {}
};

/// Bytes made by the bridge, given back through `release`.
struct Buffer {
  char* data = nullptr;
  std::size_t size = 0;
};

struct Schema;
struct Index;
struct Template;    ///< a model's chat template
struct Vocabulary;  ///< a model's tokens, for grammars
struct Grammar;     ///< of one text in the making
struct Prompt;
struct Tokenizer;

struct Passage {
  Slice document;
  Slice title;
  Slice section;
  Slice text;
  Slice source;
  std::uint64_t id = 0;
};

struct Term {
  Slice stem;
  float boost = 1;
  std::uint32_t distance = 0;  ///< to the term before it, in words; 0: no phrase with it
};

struct SearchOptions {
  std::uint32_t limit = 10;
  float text = 1;
  float section = 0;
  float title = 0;
  float phrase = 0;
};

/// One token of a text; offsets are bytes of that text.
struct Token {
  std::uint32_t id;
  std::uint32_t type_id;
  std::uint32_t sequence;  ///< 0: of the text, 1: of its pair, kSpecialToken: put around them
  std::uint32_t begin;     ///< with kWithOffsets, else 0
  std::uint32_t end;
};
inline constexpr std::uint32_t kSpecialToken = UINT32_MAX;
inline constexpr std::uint32_t kPair = 1;           ///< encode text and pair
inline constexpr std::uint32_t kSpecialTokens = 2;  ///< with the tokens the model wants around them
inline constexpr std::uint32_t kWithOffsets = 4;

/// Functions that return a number return 0 or a Code; `out` then holds the result or the error's text.
struct Table {
  std::uint32_t version;
  std::uint32_t size;
  void (*release)(Buffer);

  std::uint32_t (*schema_open)(Slice schema, Schema** made, Buffer* out);
  std::uint32_t (*schema_check)(const Schema*, Slice instance, Buffer* out);
  void (*schema_close)(Schema*);

  std::uint32_t (*analyze)(Slice text, Buffer* out);

  std::uint32_t (*index_create)(Slice folder, Buffer* out);
  std::uint32_t (*index_open)(Slice folder, std::uint32_t threads, Index** made, Buffer* out);
  std::uint32_t (*index_put)(const Index*, const Passage*, std::size_t count, Buffer* out);
  std::uint32_t (*index_remove)(const Index*, Slice document, Buffer* out);
  std::uint32_t (*index_commit)(const Index*, Slice payload, Buffer* out);
  std::uint32_t (*index_info)(const Index*, Buffer* out);
  std::uint32_t (*index_search)(const Index*, const Term*, std::size_t count, const SearchOptions*, Buffer* out);
  std::uint32_t (*index_fetch)(const Index*, const std::uint64_t* ids, std::size_t count, Buffer* out);
  void (*index_close)(Index*);

  std::uint32_t (*tokenizer_open)(Slice file, Tokenizer** made, Buffer* out);  ///< of a tokenizer.json's bytes
  std::uint32_t (*tokenizer_encode)(const Tokenizer*, Slice text, Slice pair, std::uint32_t options, Buffer* out);  ///< Token[]
  std::uint32_t (*tokenizer_count)(const Tokenizer*, Slice text, Slice pair, std::uint32_t options, Buffer* out);   ///< uint64
  std::uint32_t (*tokenizer_info)(const Tokenizer*, Buffer* out);  ///< {"vocabulary": tokens}
  void (*tokenizer_close)(Tokenizer*);

  std::uint32_t (*template_open)(Slice source, Template** made, Buffer* out);
  std::uint32_t (*template_render)(const Template*, Slice input, std::int64_t now, Buffer* out);
  void (*template_close)(Template*);

  std::uint32_t (*vocabulary_open)(const Slice* tokens, std::size_t count, std::uint32_t end, Vocabulary** made, Buffer* out);
  void (*vocabulary_close)(Vocabulary*);
  std::uint32_t (*grammar_open)(const Vocabulary*, Slice schema, Grammar** made, Buffer* out);
  std::uint32_t (*grammar_mask)(Grammar*, float* logits, std::size_t count, Buffer* out);
  std::uint32_t (*grammar_take)(Grammar*, std::uint32_t token, Buffer* out);
  void (*grammar_close)(Grammar*);

  std::uint32_t (*prompt_open)(Slice history, Prompt** made, Buffer* out);
  std::uint32_t (*prompt_read)(const Prompt*, Slice shown, Buffer* out);
  void (*prompt_close)(Prompt*);

  std::uint32_t (*sha256)(Slice path, Buffer* out);

  std::uint32_t (*versions)(Buffer* out);  ///< {"crate": "version", ...}
};

/// The bridge's functions; the module is opened by the first call. Errors: as Module::open, failed_precondition when the module
/// is of another version.
[[nodiscard]] Result<const Table*> open();

/// Calls one of the table's functions with `arguments` and a buffer, and takes over what it says.
///
///     std::string json = TRY(bridge::call(*table, table->schema_check, schema, instance));
template <class... Parameters, class... Arguments>
[[nodiscard]] Result<std::string> call(const Table& table, std::uint32_t (*function)(Parameters...), Arguments&&... arguments) {
  Buffer buffer;
  const std::uint32_t code = function(std::forward<Arguments>(arguments)..., &buffer);
  std::string text(buffer.data == nullptr ? std::string_view() : std::string_view(buffer.data, buffer.size));
  table.release(buffer);
  if (code != 0) return std::unexpected(Error(static_cast<Code>(code), std::move(text)));
  return text;
}

}  // namespace thalweg::bridge
