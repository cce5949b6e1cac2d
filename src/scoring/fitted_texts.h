#pragma once
// Which texts something was fitted on, so that nobody takes them for new ones.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "thalweg/value.h"

namespace thalweg::scoring {

/// A set of texts by their keyed hashes, 48 bits each: of a million texts that are not in a set of a million, one is taken for
/// one of them with a probability of 4e-3. The key comes from the texts themselves, so that one text's hash differs from file to
/// file.
///
///     const FittedTexts fitted(texts);
///     probe.fitted_on = fitted;                              // {count: 112, key: "9f...", hashes: "0a1b2c3d4e5f..."}
///     probe.fitted_on.contains("See you later!");
class FittedTexts {
 public:
  FittedTexts() = default;
  explicit FittedTexts(std::span<const std::string> texts);

  [[nodiscard]] bool contains(std::string_view text) const noexcept;
  [[nodiscard]] std::size_t size() const noexcept { return hashes_.size(); }

  /// {count, key, hashes}: equal texts count once.
  [[nodiscard]] Value to_value() const;
  /// Errors: invalid_argument, naming the field.
  [[nodiscard]] static Result<FittedTexts> from_value(const Value& value);
  friend bool operator==(const FittedTexts&, const FittedTexts&) = default;

 private:
  [[nodiscard]] std::uint64_t hash(std::string_view text) const noexcept;
  std::uint64_t key_ = 0;
  std::vector<std::uint64_t> hashes_;  // ascending
};

/// What a file that `eval train` wrote (a probe, parameters) says it was fitted on. Errors: those of the file; invalid_argument
/// when it does not say.
[[nodiscard]] Result<FittedTexts> read_fitted_texts(const std::string& path);

}  // namespace thalweg::scoring
