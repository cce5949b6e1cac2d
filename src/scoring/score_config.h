#pragma once
// What a configuration file says about scoring.

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "calibration/calibrator.h"
#include "config/explain.h"
#include "config/layers.h"
#include "scoring/deciding.h"

namespace thalweg::scoring {

/// What gives labels their raw scores.
enum class ModelType : std::uint8_t {
  sentence_embeddings,       ///< nearness of the text's vector to the hypothesis's, or a probe on the vector
  zero_shot_classification,  ///< a cross-encoder for natural language inference: does the text entail the hypothesis?
  text_generation,           ///< a language model asked whether the hypothesis holds: probability of yes against no
  recorded,                  ///< raw scores from a file, or from the data set itself
};
[[nodiscard]] std::string_view name(ModelType type) noexcept;

struct ModelConfig {
  ModelType type = ModelType::sentence_embeddings;
  std::string model;   ///< a name `thalweg models` lists, or a path; empty: the default of the type
  std::string probe;   ///< sentence_embeddings: a file that `thalweg eval train --method probe` wrote; empty: none
  std::string scores;  ///< recorded: a file of raw scores; empty: the samples bring theirs
  std::string prompt;  ///< text_generation: with {text} and {hypothesis} in it; empty: kJudgePrompt
};

struct LabelConfig {
  std::string name;
  std::string hypothesis;  ///< a whole sentence that is true of texts with this label
  double weight = 0.50;
  double threshold = 0.70;             ///< of the calibrated score
  calibration::Calibrator calibrator;  ///< from platt_a and platt_b (legacy), or `calibration`
  bool veto = false;                   ///< detected, it rejects the text
};

struct CategoryConfig {
  std::string name;
  std::size_t top_k = 2;
  std::vector<LabelConfig> labels;  ///< by name
};

/// The threshold by the text's length in characters: lower for short texts, higher for long ones.
struct Modifiers {
  double short_text_delta = 0.05;
  double long_text_delta = 0.05;
  std::size_t short_text_limit = 20;  ///< short up to and with this many
  std::size_t long_text_limit = 200;  ///< long beyond this many
};

/// Accept when sigmoid(bias + sum of weight * logit(calibrated)) >= threshold; takes the place of the categories' rule.
struct CombinerConfig {
  double threshold = 0.5;
  double bias = 0;
  std::vector<std::pair<std::string, double>> weights;  ///< by label
};

/// What calibrations, combiner and thresholds were fitted to, as `eval apply` notes it.
struct TrainingConfig {
  std::string model;                     ///< identity of the model whose raw scores they take; empty: not told
  std::vector<std::string> texts;        ///< files that say on which texts; none: not told
  bool combiner = false;                 ///< the combiner was fitted too, with these calibrations; else somebody wrote it
  std::optional<Deciding> decided_by{};  ///< from whose decisions the threshold was chosen; nothing: not told
};

struct ScoreConfig {
  ModelConfig model;
  TrainingConfig training;
  double threshold = 0.75;
  std::size_t max_characters = 1'000'000;  ///< a longer text is an error of its own; recorded scores have no limit
  Modifiers modifiers;
  std::vector<CategoryConfig> categories;  ///< by name
  std::optional<CombinerConfig> combiner;

  /// Every label once, by name, in the order that raw scores have.
  [[nodiscard]] std::vector<const LabelConfig*> labels() const;
  [[nodiscard]] const LabelConfig* label(std::string_view name) const noexcept;
  [[nodiscard]] bool has_category(std::string_view name) const noexcept;
};

/// The whole file: `output`, `strict`, `concurrency`, `batch_size` and `layers.score`.
struct ConfigData {
  std::string output;  ///< a folder; empty: chosen by the command
  bool strict = false;
  std::size_t concurrency = 4;
  std::size_t batch_size = 8;
  ScoreConfig score;
};

inline constexpr std::size_t kMostConcurrency = 1024;
inline constexpr std::size_t kMostBatch = 65536;

/// What is read of a configuration, for `thalweg config explain`.
[[nodiscard]] config::Schema config_schema();

/// Reads a tree strictly; defaults and warnings are put into it: labels met twice, top_k above the number of labels, thresholds
/// that nothing can reach, negative slopes. Paths of files are relative to the file that names them. Errors: invalid_argument
/// with all that is wrong, a line each with its place.
[[nodiscard]] Result<ConfigData> read_config(config::Tree& tree);

}  // namespace thalweg::scoring
