#include "models/llama/kept.h"

#include <algorithm>

namespace thalweg::models::llama {

namespace {
constexpr std::size_t kCopies = 4;
constexpr std::size_t kFine = 32;  // tokens of a block before kShort
constexpr std::size_t kShort = 128;
constexpr std::size_t kWorthKeeping = 64;  // tokens: below, reading them again costs little more than copying

std::size_t common(std::span<const llama_token> a, std::span<const llama_token> b) {
  return static_cast<std::size_t>(std::ranges::mismatch(a, b).in1 - a.begin());
}
}  // namespace

std::size_t Kept::border_after(std::size_t at) const noexcept {
  const std::size_t block = at < kShort ? std::min(kFine, block_) : block_;
  return (at / block + 1) * block;
}

void Kept::add(std::span<const llama_token> tokens, bool block) {
  if (block && whole_ == live_.size()) whole_ += tokens.size();
  live_.insert(live_.end(), tokens.begin(), tokens.end());
}

std::size_t Kept::recall(std::span<const llama_token> prompt) {
  cut(whole_);
  const std::span<const llama_token> wanted = prompt.first(prompt.size() - std::min<std::size_t>(prompt.size(), 2));
  std::size_t known = common(live_, wanted);
  auto best = copies_.end();
  for (auto copy = copies_.begin(); copy != copies_.end(); ++copy) {
    const std::size_t held = common(copy->tokens, wanted);
    if (held >= known + kWorthKeeping) {
      known = held;
      best = copy;
    }
  }
  const std::size_t lost = live_.size() - (best == copies_.end() ? known : 0);
  std::list<Copy> taken;  // so that putting aside does not drop it
  if (best != copies_.end()) taken.splice(taken.end(), copies_, best);
  if (lost >= kWorthKeeping) put_aside();
  if (!taken.empty() && !take_back(taken.front())) known = 0;
  if (!taken.empty() && taken.front().tokens.size() - known >= kWorthKeeping) copies_.splice(copies_.begin(), taken);
  trim();
  std::size_t whole = 0;
  for (std::size_t next = border_after(0); next <= known; next = border_after(whole)) whole = next;
  cut(whole);
  return live_.size();
}

void Kept::put_aside() {
  // What another copy begins with is in that one.
  for (const Copy& copy : copies_) {
    if (common(copy.tokens, live_) == live_.size()) return;
  }
  Copy copy{live_, std::vector<std::uint8_t>(llama_state_seq_get_size(&context_, 0))};
  if (llama_state_seq_get_data(&context_, copy.state.data(), copy.state.size(), 0) != copy.state.size()) return;
  std::erase_if(copies_, [&](const Copy& old) { return common(old.tokens, live_) == old.tokens.size(); });
  copies_.push_front(std::move(copy));
}

void Kept::trim() {
  std::size_t total = 0;
  for (const Copy& held : copies_) total += held.tokens.size();
  while (copies_.size() > kCopies || (total > most_ && !copies_.empty())) {
    total -= copies_.back().tokens.size();
    copies_.pop_back();
  }
}

bool Kept::take_back(const Copy& copy) {
  clear();
  if (llama_state_seq_set_data(&context_, copy.state.data(), copy.state.size(), 0) == 0) {
    clear();
    return false;
  }
  live_ = copy.tokens;
  whole_ = live_.size();
  return true;
}

void Kept::cut(std::size_t size) {
  if (size < live_.size()) live_.resize(size);
  whole_ = std::min(whole_, live_.size());
  settle();
}

void Kept::settle() {
  // Some architectures cannot go back: then all is read again.
  if (!llama_memory_seq_rm(llama_get_memory(&context_), 0, static_cast<llama_pos>(live_.size()), -1)) clear();
}

void Kept::clear() {
  live_.clear();
  whole_ = 0;
  llama_memory_clear(llama_get_memory(&context_), false);
}

std::uint64_t Kept::bytes() const noexcept {
  std::uint64_t sum = 0;
  for (const Copy& copy : copies_) sum += copy.state.size();
  return sum;
}

}  // namespace thalweg::models::llama
