#pragma once
// What scoring says of a text: the decision, why, and every number behind it.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "thalweg/error.h"
#include "thalweg/value.h"

namespace thalweg::scoring {

enum class Decision : std::uint8_t { accept, reject };
[[nodiscard]] std::string_view name(Decision decision) noexcept;  ///< "accept", "reject"
[[nodiscard]] std::optional<Decision> decision_named(std::string_view name) noexcept;

/// The rule that set the threshold: by the number of characters (code points) of the text.
enum class LengthRule : std::uint8_t { none, short_text, medium, long_text };
[[nodiscard]] std::string_view name(LengthRule rule) noexcept;

/// Why a text was accepted or rejected.
struct Reason {
  enum class Rule : std::uint8_t {
    category,  ///< the best category's score against the threshold of the text's length
    veto,      ///< a label with `veto` was detected
    combiner,  ///< the combiner's probability against its threshold
  };
  Rule rule = Rule::category;
  std::string category;    ///< the best one, or the vetoing label's; empty when there are none
  std::string label;       ///< the label that counts most there, towards the decision; empty when none was detected
  double label_score = 0;  ///< that label's calibrated score; a low one may be what speaks for a text
  double value = 0;        ///< what was compared: the overall score, or the vetoing label's calibrated score
  double threshold = 0;    ///< ... with this
  LengthRule length = LengthRule::none;
  std::size_t characters = 0;
  bool operator==(const Reason&) const = default;
  /// "task (by plan) 0.812 >= 0.750 (medium text, 51 characters)"; with more digits where it takes these to tell the two apart.
  [[nodiscard]] std::string text() const;
};
[[nodiscard]] std::string_view name(Reason::Rule rule) noexcept;

struct LabelScore {
  std::string name;
  double raw = 0;         ///< what the model said, 0 to 1
  double calibrated = 0;  ///< a probability, 0 to 1
  double score = 0;       ///< calibrated * weight when detected, else 0
  double threshold = 0;   ///< detected when calibrated >= threshold
  [[nodiscard]] bool detected() const noexcept { return calibrated >= threshold; }
  bool operator==(const LabelScore&) const = default;
};

struct CategoryScore {
  std::string name;
  double score = 0;  ///< the mean of its top_k greatest label scores; zeros count
  std::vector<LabelScore> labels{};
  bool operator==(const CategoryScore&) const = default;
};

/// Rejection is a value like acceptance, with all its scores; a model that fails is an Error instead.
struct ScoreResult {
  Decision decision = Decision::reject;
  double score = 0;  ///< the greatest category score, or the combiner's probability
  Reason reason{};
  std::vector<CategoryScore> categories{};  ///< by name
  bool operator==(const ScoreResult&) const = default;

  [[nodiscard]] bool accepted() const noexcept { return decision == Decision::accept; }
  /// The first label of that name, in the order of categories; null pointer when there is none.
  [[nodiscard]] const LabelScore* label(std::string_view name) const noexcept;
  [[nodiscard]] const CategoryScore* category(std::string_view name) const noexcept;
  /// Names and raw scores, each label once.
  [[nodiscard]] std::vector<std::pair<std::string, double>> labels() const;
  /// Names of the labels that reach their own thresholds, each once.
  [[nodiscard]] std::vector<std::string> detected_labels() const;

  /// {decision, score, reason: {rule, category, label, value, threshold, length, characters, text}, categories: {C: {score,
  /// labels: {L: {raw, calibrated, score, threshold, detected}}}}}
  [[nodiscard]] Value to_value() const;
  /// Loses nothing of what to_value() gives. Errors: invalid_argument, naming the field.
  [[nodiscard]] static Result<ScoreResult> from_value(const Value& value);
};

}  // namespace thalweg::scoring
