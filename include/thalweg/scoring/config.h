#pragma once
// A configuration file of scoring, whole: what it says, and the scorers and pipelines made from it.

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "thalweg/error.h"
#include "thalweg/runtime.h"
#include "thalweg/scoring/score_result.h"
#include "thalweg/scoring/text_context.h"
#include "thalweg/value.h"

namespace thalweg {

template <class In, class Cur>
class Pipe;
template <class In, class Out>
class Pipeline;

namespace scoring {

class Dataset;
class ScoreLayer;

/// Immutable. A handle: copies are the same configuration.
///
///     const auto config = TRY(scoring::Config::read("memory"));
///     const auto scorer = TRY(config.build_scorer());
class Config {
 public:
  /// A file with what it includes (YAML, JSON or TOML), or the name of a shipped configuration: "memory". Errors: those of the
  /// file system; invalid_argument with all that is wrong, a line each as file:line:column.
  [[nodiscard]] static Result<Config> read(const std::string& path);
  /// A text, YAML or JSON; `name` stands for the file in errors. Includes are relative to the working folder.
  [[nodiscard]] static Result<Config> parse(std::string text, std::string_view name = "config");
  /// Several sources, laid on each other.
  class Layers;

  [[nodiscard]] const std::string& output() const noexcept;  ///< a folder; empty: none is named
  [[nodiscard]] bool strict() const noexcept;
  [[nodiscard]] std::size_t concurrency() const noexcept;
  [[nodiscard]] std::size_t batch_size() const noexcept;
  [[nodiscard]] double threshold() const noexcept;                        ///< layers.score.threshold
  [[nodiscard]] const std::vector<std::string>& labels() const noexcept;  ///< by name, each once
  [[nodiscard]] const std::vector<std::string>& categories() const noexcept;
  /// Everything that is set, and the defaults.
  [[nodiscard]] const Value& settings() const noexcept;
  /// What is odd but no error, with its place: thresholds that nothing reaches, labels met twice, ...
  [[nodiscard]] const std::vector<std::string>& warnings() const noexcept;

  /// Opens the model, which takes about 100 ms; models are shared among the scorers and pipelines of a runtime. Errors:
  /// failed_precondition when the runtime was made without StageTypes::all(), those of the model and of the files named.
  [[nodiscard]] Result<ScoreLayer> build_scorer(const Runtime& runtime) const;
  [[nodiscard]] Result<ScoreLayer> build_scorer() const;  ///< on a runtime of its own
  /// A pipeline of one stage, `score`, with this configuration in it; it can be printed. The model is opened by its first run.
  [[nodiscard]] Result<Pipeline<TextContext, ScoreResult>> build_pipeline(const Runtime& runtime) const;
  [[nodiscard]] Result<Pipeline<TextContext, ScoreResult>> build_pipeline() const;  ///< on a runtime of its own
  /// The same stage as a part of larger pipelines (thalweg/pipe.h): pipe<TextContext>().layer("score", config.pipe())...
  [[nodiscard]] Pipe<TextContext, ScoreResult> pipe(std::string name = "score") const;
  /// The samples of a file, checked against this configuration: one that is wrong, or names a category or label that is not
  /// here, is passed over, or, when `strict`, ends the run. Errors: those of the file.
  [[nodiscard]] Result<Dataset> open(const std::string& path) const;

 private:
  struct State;
  explicit Config(std::shared_ptr<const State> state) : state_(std::move(state)) {}
  std::shared_ptr<const State> state_;
};

/// Sources of a configuration, later ones win; the first that fails is what read() tells.
///
///     Config::Layers().file("base.yaml").file("gate.yaml").environment().set("layers.score.threshold", 0.8).read();
class Config::Layers {
 public:
  Layers();
  Layers(Layers&&) noexcept;
  Layers& operator=(Layers&&) noexcept;
  ~Layers();

  Layers& file(const std::string& path);  ///< or the name of a shipped configuration
  Layers& text(std::string text, std::string_view name = "config");
  /// THALWEG_...: a double underscore is one in a key, a single one stands between keys (THALWEG_LAYERS_SCORE_TOP__K).
  Layers& environment();
  Layers& set(std::string_view path, const Value& value);
  [[nodiscard]] Result<Config> read();

 private:
  struct Sources;
  template <class Lay>
  Layers& lay(Lay lay);
  std::unique_ptr<Sources> sources_;
};

}  // namespace scoring
}  // namespace thalweg
