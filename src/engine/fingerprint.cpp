#include "engine/fingerprint.h"

#include <bit>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace thalweg {

namespace {

class Hasher {
 public:
  Hasher() { XXH3_64bits_reset(&state_); }
  void number(std::uint64_t number) {
    if constexpr (std::endian::native == std::endian::big) number = __builtin_bswap64(number);
    XXH3_64bits_update(&state_, &number, sizeof number);
  }
  void text(std::string_view text) {
    number(text.size());
    XXH3_64bits_update(&state_, text.data(), text.size());
  }
  void node(const Node& node) {
    number(static_cast<std::uint64_t>(node.kind));
    switch (node.kind) {
      case Node::Kind::scalar:
        return scalar(node.value);
      case Node::Kind::list:
        number(node.items.size());
        for (const Node& item : node.items) this->node(item);
        return;
      case Node::Kind::map:
        return members(node, {});
    }
  }
  // In the order of the keys, without those of `leave_out`.
  void members(const Node& node, std::span<const std::string_view> leave_out) {
    std::vector<const Node::Member*> sorted;
    for (const Node::Member& member : node.members) {
      if (std::ranges::find(leave_out, member.key) == leave_out.end()) sorted.push_back(&member);
    }
    std::ranges::sort(sorted, {}, &Node::Member::key);
    number(sorted.size());
    for (const Node::Member* member : sorted) {
      text(member->key);
      this->node(member->node);
    }
  }
  void meaning(const StageMeaning& stage) {
    text(stage.type);
    text(stage.version);
    number(stage.inner.size());
    for (const std::uint64_t each : stage.inner) number(each);
  }
  [[nodiscard]] std::uint64_t digest() const { return XXH3_64bits_digest(&state_); }
  [[nodiscard]] std::array<std::uint64_t, 2> digest128() const {
    const XXH128_hash_t made = XXH3_128bits_digest(&state_);
    return {made.high64, made.low64};
  }

 private:
  void scalar(const Value& value) {
    number(static_cast<std::uint64_t>(value.kind()));
    if (value.is_string()) text(value.as_string());
    if (value.is_bool()) number(value.as_bool() ? 1 : 0);
    if (value.is_int()) number(static_cast<std::uint64_t>(value.as_int()));
    if (value.is_uint()) number(value.as_uint());
    if (value.is_real()) number(std::bit_cast<std::uint64_t>(value.as_real()));
  }
  XXH3_state_t state_;
};

}  // namespace

std::uint64_t fingerprint(const Node& root, const std::map<std::string, std::string, std::less<>>& versions,
                          std::span<const std::uint64_t> loaded) {
  constexpr std::array<std::string_view, 3> kWithoutMeaning{"description", "tests", "metadata"};
  Hasher hasher;
  hasher.members(root, kWithoutMeaning);
  for (const auto& [name, version] : versions) {
    hasher.text(name);
    hasher.text(version);
  }
  for (const std::uint64_t other : loaded) hasher.number(other);
  return hasher.digest();
}

std::array<std::uint64_t, 2> stage_fingerprint(const StageMeaning& meaning) {
  constexpr std::array<std::string_view, 1> kInput{"input"};  // a default input comes as an argument
  Hasher hasher;
  hasher.meaning(meaning);
  hasher.number(meaning.with == nullptr ? 0 : 1);
  if (meaning.with != nullptr) hasher.node(*meaning.with);
  hasher.number(meaning.defaults == nullptr ? 0 : 1);
  if (meaning.defaults != nullptr) hasher.members(*meaning.defaults, kInput);
  hasher.text(meaning.key);
  hasher.number(meaning.names.size());
  for (const std::string_view name : meaning.names) hasher.text(name);
  hasher.text(meaning.output);
  return hasher.digest128();
}

std::uint64_t nested_fingerprint(std::span<const StageMeaning> stages) {
  Hasher hasher;
  for (const StageMeaning& stage : stages) hasher.meaning(stage);
  return hasher.digest();
}

}  // namespace thalweg
