#pragma once
// What a whole pipeline of layers says: one entry a layer, each with its own metadata.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "thalweg/error.h"
#include "thalweg/scoring/score_result.h"
#include "thalweg/value.h"

namespace thalweg::scoring {

/// One layer's output, or the error it ended with. Standard keys of `meta`: elapsed_ns, inference_ns, batch_size (ints), model,
/// version (strings), start_time (timestamp), step (int).
struct LayerResult {
  Value meta = Value::map();
  Result<Value> output = Value();
  std::vector<Result<Value>> children{};  ///< of a layer that is made of several

  /// Its own output and every child's.
  [[nodiscard]] bool ok() const noexcept;
  [[nodiscard]] static LayerResult from_error(Error error);
};

/// Layers in the order they ran, by name.
///
///     PipelineResult result = PipelineResult::from_score(score);
///     result.score()->accepted();
class PipelineResult {
 public:
  PipelineResult() = default;
  /// With the one layer "score".
  PipelineResult(const ScoreResult& score) : PipelineResult(from_score(score)) {}
  [[nodiscard]] static PipelineResult from_score(const ScoreResult& score);
  /// The same with metadata of the whole; `meta` is a map.
  [[nodiscard]] static PipelineResult from_score_with_meta(const ScoreResult& score, Value meta);

  /// Adds a layer, or takes the place of the one of that name.
  PipelineResult& with_layer(std::string_view name, LayerResult layer);
  PipelineResult& with_meta(std::string_view key, Value value);

  [[nodiscard]] const Value& meta() const noexcept { return meta_; }
  [[nodiscard]] const std::vector<std::pair<std::string, LayerResult>>& layers() const noexcept { return layers_; }
  [[nodiscard]] const LayerResult* layer(std::string_view name) const noexcept;  ///< null pointer when there is none
  [[nodiscard]] LayerResult* layer(std::string_view name) noexcept;
  /// What the layer "score" said, every number as it was; nothing when it is missing, failed or is something else.
  [[nodiscard]] std::optional<ScoreResult> score() const;
  [[nodiscard]] bool ok() const noexcept;  ///< every layer is

  /// {meta, layers: {NAME: {meta, output | error: {code, message, path}, children?}}}
  [[nodiscard]] Value to_value() const;
  /// Errors: invalid_argument, naming the field.
  [[nodiscard]] static Result<PipelineResult> from_value(const Value& value);

 private:
  Value meta_ = Value::map();
  std::vector<std::pair<std::string, LayerResult>> layers_;
};

inline constexpr std::string_view kScoreLayer = "score";

}  // namespace thalweg::scoring
