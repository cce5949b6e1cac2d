#pragma once
// Hashes of what others give: keys of rows that stand for content.

#include <array>
#include <compare>
#include <string>
#include <string_view>

#include "store/store.h"
#include "thalweg/context.h"
#include "thalweg/value.h"

namespace thalweg {

/// 128 bits, most significant byte first.
struct Hash128 {
  std::array<unsigned char, 16> bytes{};

  /// Nothing when these are not 16 bytes.
  [[nodiscard]] static std::optional<Hash128> from(std::string_view bytes) noexcept;
  [[nodiscard]] std::string_view view() const noexcept { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }
  [[nodiscard]] std::string hex() const;
  auto operator<=>(const Hash128&) const = default;
};

/// Without a secret: for what nobody gains by forging. XXH3.
[[nodiscard]] Hash128 hash128(std::string_view data) noexcept;

/// A hash whose secret is the database's own, so that nobody can prepare content that stands under the key of other content.
/// XXH3, 128 bits. Thread-safe.
class KeyedHash {
 public:
  /// The secret in `table` (made when it is not there, as the store's component `component`).
  /// Errors: the store's; data_loss when the secret is damaged.
  [[nodiscard]] static Result<KeyedHash> open(Store& store, const Context& context, std::string_view component,
                                              std::string_view table);

  [[nodiscard]] Hash128 operator()(std::string_view data) const noexcept;

 private:
  explicit KeyedHash(std::string secret) : secret_(std::move(secret)) {}
  std::string secret_;
};

}  // namespace thalweg
