#pragma once
// A configuration, compiled: raw scores in, decisions out. The one place where scores are computed, for one text or a million.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "calibration/calibrator.h"
#include "scoring/score_config.h"
#include "thalweg/scoring/score_result.h"

namespace thalweg::scoring {

/// What the batch form says of a text: numbers and indices, no strings.
struct Verdict {
  static constexpr std::uint32_t kNone = UINT32_MAX;
  Decision decision = Decision::reject;
  Reason::Rule rule = Reason::Rule::category;
  LengthRule length = LengthRule::none;
  std::uint32_t category = kNone;  ///< index into categories()
  std::uint32_t label = kNone;     ///< index into columns()
  double score = 0;                ///< ScoreResult::score
  double value = 0;                ///< Reason::value
  double threshold = 0;            ///< Reason::threshold
};

/// Immutable, thread-safe. Per label: calibrated = calibrator(raw), score = calibrated * weight where calibrated >= threshold,
/// else 0. Per category: the mean of its k greatest label scores, k = min(top_k, its labels). Overall: the greatest category
/// score. Accepted when that reaches the threshold of the text's length; with a combiner, when sigmoid(bias + sum of weight *
/// logit(calibrated)) reaches the combiner's. A detected veto label rejects first.
class ScorePlan {
 public:
  /// Precondition: a configuration that read_config accepted.
  explicit ScorePlan(const ScoreConfig& config);

  /// Labels by name, each once: the columns of raw scores.
  [[nodiscard]] const std::vector<std::string>& columns() const noexcept { return columns_; }
  [[nodiscard]] const std::vector<std::string>& hypotheses() const noexcept { return hypotheses_; }  ///< of the columns
  [[nodiscard]] const std::vector<std::string>& categories() const noexcept { return categories_; }
  /// The least threshold of a column's entries: it is detected where calibrated reaches it.
  [[nodiscard]] std::span<const double> thresholds() const noexcept { return thresholds_; }

  /// Texts x columns of raw scores, row after row, in [0, 1]; characters (code points) of each text. `calibrated`, of the size of
  /// `raw` or empty, gets the calibrated scores. Precondition: sizes fit.
  void decide(std::span<const double> raw, std::span<const std::size_t> characters, std::span<Verdict> out,
              std::span<double> calibrated = {}) const;
  /// Everything about one text; the same numbers, bit for bit.
  [[nodiscard]] ScoreResult result(std::span<const double> raw, std::size_t characters) const;

  /// The threshold for a text of so many characters.
  [[nodiscard]] std::pair<double, LengthRule> threshold_for(std::size_t characters) const noexcept;
  /// What the overall score of such a text must reach: that threshold, or the combiner's.
  [[nodiscard]] double least_score(std::size_t characters) const noexcept {
    return combined_ ? combiner_threshold_ : threshold_for(characters).first;
  }

 private:
  struct Entry {
    std::uint32_t column;
    double weight;
    double threshold;
  };
  struct Category {
    std::size_t begin;  // of its entries
    std::size_t end;
    std::size_t top_k;
  };
  struct Veto {
    std::uint32_t category;
    std::uint32_t column;
    double threshold;
  };
  struct Block;
  void decide_block(const double* raw, std::span<const std::size_t> characters, std::span<Verdict> out, Block& block) const;
  void best_category(const double* calibrated, Verdict& verdict) const;
  void combine(const double* calibrated, Verdict& verdict) const;

  std::vector<std::string> columns_;
  std::vector<std::string> hypotheses_;
  std::vector<double> thresholds_;
  std::vector<calibration::Calibrator> calibrators_;  // by column
  std::vector<std::string> categories_;
  std::vector<Category> ranges_;  // by category
  std::vector<Entry> entries_;    // category after category, labels by name
  std::vector<Veto> vetoes_;
  double threshold_;
  Modifiers modifiers_;
  bool combined_ = false;
  double combiner_threshold_ = 0;
  double combiner_bias_ = 0;
  std::vector<std::pair<std::uint32_t, double>> combiner_weights_;
};

/// Code points of a text: what lengths are counted in.
[[nodiscard]] std::size_t characters_of(std::string_view text) noexcept;
/// Whether there is nothing but spaces, line ends and characters without width: such a text says nothing that could be decided.
[[nodiscard]] bool is_blank(std::string_view text) noexcept;

}  // namespace thalweg::scoring
