#pragma once
// What is wrong with data, row by row.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "thalweg/error.h"
#include "thalweg/value.h"

namespace thalweg::scoring {

/// Kinds that may be counted apart.
enum class ProblemKind : std::uint8_t {
  broken,             ///< the row cannot be read: syntax, a field is missing or of another type, no UTF-8
  duplicate_id,       ///< an id met before
  blank_text,         ///< nothing but spaces
  unknown_category,   ///< a category that the configuration does not have
  unknown_label,      ///< a label that the configuration does not have
  bad_score,          ///< a raw score that is no number from 0 to 1, or is missing
  unknown_key,        ///< a key nobody reads (a warning, once for each key)
  duplicate_text,     ///< a text met before (a warning)
  conflicting_texts,  ///< a text met before with another decision (a warning)
  no_labels,          ///< no expected label (a warning: what is to be rejected often has none)
  repeated_label,     ///< a label that a row names twice (a warning)
};
inline constexpr std::size_t kProblemKinds = 11;
[[nodiscard]] std::string_view name(ProblemKind kind) noexcept;  ///< "duplicate_id"
[[nodiscard]] bool is_warning(ProblemKind kind) noexcept;

struct Problem {
  ProblemKind kind = ProblemKind::broken;
  std::string place;    ///< "set.json:12: samples[3]", "set.jsonl:4"
  std::size_t row = 0;  ///< from 0
  std::size_t line = 1;
  std::string id;  ///< of the sample; empty when it has none
  std::string message;

  /// "set.jsonl:4: (task-003) no expected label".
  [[nodiscard]] std::string text() const;
  [[nodiscard]] Error error() const;
  /// {kind, severity: error | warning, place, row, line, id?, message}
  [[nodiscard]] Value to_value() const;
};

/// Problems of many rows: all are counted, the first ones kept.
class Problems {
 public:
  static constexpr std::size_t kMost = 1'000;

  void add(Problem problem);
  /// Those of `other` behind these: all are counted.
  void add(const Problems& other);
  [[nodiscard]] const std::vector<Problem>& kept() const noexcept { return kept_; }
  [[nodiscard]] std::size_t count(ProblemKind kind) const noexcept { return counts_[static_cast<std::size_t>(kind)]; }
  [[nodiscard]] std::size_t errors() const noexcept;
  [[nodiscard]] std::size_t warnings() const noexcept;
  [[nodiscard]] bool empty() const noexcept { return kept_.empty(); }

 private:
  friend Problems in_order(const Problems& a, const Problems& b);
  std::vector<Problem> kept_;
  std::array<std::size_t, kProblemKinds> counts_{};
};

/// Those of both, by row.
[[nodiscard]] Problems in_order(const Problems& a, const Problems& b);

}  // namespace thalweg::scoring
