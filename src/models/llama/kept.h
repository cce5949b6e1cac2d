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
///
/// What the library computes depends, in the last bits, on how many tokens it computes at once. So prompts are read in blocks
/// between fixed borders, and only whole blocks are used again: a prompt gets the same numbers whatever was asked before. An
/// answer, written token by token, is read again where the next prompt repeats it.
class Kept {
 public:
  /// `most`: tokens of all copies together; `block`: of a block.
  Kept(llama_context& context, std::size_t most, std::size_t block) : context_(context), most_(most), block_(block) {}

  /// The next place behind `at` where prompts are cut: close together at first, so that short prompts share their beginnings.
  [[nodiscard]] std::size_t border_after(std::size_t at) const noexcept;
  /// Makes the cache hold as many of the prompt's first blocks as are known, but not its last two tokens, whose computation gives
  /// the first answer token; returns how many tokens that is.
  [[nodiscard]] std::size_t recall(std::span<const llama_token> prompt);
  /// Tokens that were computed behind what is there, at once; `block`: from one border to the next.
  void add(std::span<const llama_token> tokens, bool block);
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
  std::size_t block_;
  Tokens live_;
  std::size_t whole_ = 0;   // of these, in whole blocks
  std::list<Copy> copies_;  // last used first
};

}  // namespace thalweg::models::llama
