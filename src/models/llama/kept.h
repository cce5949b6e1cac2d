#pragma once
// What a context remembers of earlier requests, so that a prompt that begins like one of them is not read again.

#include <llama.h>

#include <cstdint>
#include <list>
#include <span>
#include <vector>

#include "models/llama/vocabulary.h"

namespace thalweg::models::llama {

/// The tokens in a context's key/value cache, and copies of what stood there before: several chats in turn do not cost each other
/// their beginnings. The copies together are as big as the cache at most. Used by one thread at a time.
class Kept {
 public:
  /// `most`: tokens of all copies together.
  Kept(llama_context& context, std::size_t most) : context_(context), most_(most) {}

  /// Makes the cache hold as many of the prompt's first tokens as are known, but not the last one, whose computation gives the
  /// first answer token; returns how many.
  [[nodiscard]] std::size_t recall(std::span<const llama_token> prompt);
  /// Tokens that were computed behind what is there.
  void add(std::span<const llama_token> tokens) { live_.insert(live_.end(), tokens.begin(), tokens.end()); }
  /// Drops from the cache what was computed but not added: a computation was broken off.
  void settle();
  void clear();
  [[nodiscard]] std::size_t size() const noexcept { return live_.size(); }
  [[nodiscard]] std::uint64_t bytes() const noexcept;

 private:
  struct Copy {
    Tokens tokens;
    std::vector<std::uint8_t> state;
  };
  void put_aside();
  bool take_back(const Copy& copy);
  void trim();
  void cut(std::size_t size);

  llama_context& context_;
  std::size_t most_;
  Tokens live_;
  std::list<Copy> copies_;  // last used first
};

}  // namespace thalweg::models::llama
