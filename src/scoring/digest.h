#pragma once
// Hashes of texts, for identities and keys.

#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace thalweg::scoring {

/// 32 hexadecimal digits that stand for these texts in this order (XXH3, 128 bits).
[[nodiscard]] std::string digest(std::span<const std::string> texts);

/// The same of bytes that come in pieces: equal whatever the pieces were.
class ContentHash {
 public:
  ContentHash();
  ContentHash(ContentHash&& other) noexcept;
  ContentHash& operator=(ContentHash&& other) noexcept;
  ~ContentHash();
  void add(std::string_view bytes);
  [[nodiscard]] std::string text() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace thalweg::scoring
