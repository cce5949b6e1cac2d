#include "scoring/digest.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/format.h"

namespace thalweg::scoring {

std::string digest(std::span<const std::string> texts) {
  // Each with its size before it, so that no two lists give the same bytes.
  std::string all;
  for (const std::string& text : texts) all += fmt::format("{}:", text.size()) + text;
  const XXH128_hash_t hash = XXH3_128bits(all.data(), all.size());
  return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

}  // namespace thalweg::scoring
