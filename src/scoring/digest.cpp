#include "scoring/digest.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/format.h"

namespace thalweg::scoring {

namespace {
std::string text_of(XXH128_hash_t hash) { return fmt::format("{:016x}{:016x}", hash.high64, hash.low64); }
}  // namespace

std::string digest(std::span<const std::string> texts) {
  // Each with its size before it, so that no two lists give the same bytes.
  std::string all;
  for (const std::string& text : texts) all += fmt::format("{}:", text.size()) + text;
  return text_of(XXH3_128bits(all.data(), all.size()));
}

struct ContentHash::State {
  XXH3_state_t of;
};

ContentHash::ContentHash() : state_(std::make_unique<State>()) { XXH3_128bits_reset(&state_->of); }
ContentHash::ContentHash(ContentHash&& other) noexcept = default;
ContentHash& ContentHash::operator=(ContentHash&& other) noexcept = default;
ContentHash::~ContentHash() = default;
void ContentHash::add(std::string_view bytes) { XXH3_128bits_update(&state_->of, bytes.data(), bytes.size()); }
std::string ContentHash::text() const { return text_of(XXH3_128bits_digest(&state_->of)); }

}  // namespace thalweg::scoring
