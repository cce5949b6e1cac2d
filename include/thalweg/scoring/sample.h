#pragma once
// The rows of data sets: texts with what is expected of them, and with the raw scores they got.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "thalweg/scoring/score_result.h"
#include "thalweg/value.h"

namespace thalweg::scoring {

enum class Difficulty : std::uint8_t { easy, medium, hard };
[[nodiscard]] std::string_view name(Difficulty difficulty) noexcept;  ///< "easy", "medium", "hard"

/// One row of a data set.
struct Sample {
  std::string id{};
  std::string text{};
  std::string context{};  ///< what stood before the text; empty: none
  Decision expected_decision = Decision::accept;
  std::vector<std::string> expected_labels{};  ///< each once
  std::string primary_category{};
  std::optional<Difficulty> difficulty{};
  std::string notes{};
  Value metadata{};  ///< null: none
  /// Raw scores that it brings, by label, each from 0 to 1: what a model of type `recorded` without a file gives back.
  std::vector<std::pair<std::string, double>> scores{};
  bool fitted_on = false;  ///< these are of a model that was fitted on it
  std::size_t row = 0;     ///< place in the file, from 0
  std::size_t line = 1;    ///< where it begins there
};

/// One sample with the raw score of each label. What a data set says of it is kept, so that everything that needs it goes on from
/// this file alone.
struct ScoredSample {
  std::string id{};
  std::string text{};
  std::vector<std::pair<std::string, double>> scores{};  ///< by label, each from 0 to 1; none when scoring failed
  std::vector<std::string> expected_labels{};
  std::optional<Decision> expected_decision{};
  std::string primary_category{};  ///< empty: not told
  std::optional<Difficulty> difficulty{};
  std::string model{};     ///< identity of the model that gave the scores; empty: not told
  bool fitted_on = false;  ///< that model was fitted on this text, so its scores are better than those of new texts
  std::size_t row = 0;
  std::size_t line = 1;
};

}  // namespace thalweg::scoring
