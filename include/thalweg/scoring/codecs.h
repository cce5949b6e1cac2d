#pragma once
// Results of scoring as values of pipelines.

#include "thalweg/codec.h"
#include "thalweg/scoring/pipeline_result.h"
#include "thalweg/scoring/score_result.h"

namespace thalweg {

/// As ScoreResult::to_value(); what else stands in the map (as in what the stage `score` gives) is passed over.
template <>
struct Codec<scoring::ScoreResult> {
  static std::string type();
  static Result<Value> encode(const scoring::ScoreResult& result);
  static Result<scoring::ScoreResult> decode(const Value& value);
};

/// As PipelineResult::to_value().
template <>
struct Codec<scoring::PipelineResult> {
  static std::string type();
  static Result<Value> encode(const scoring::PipelineResult& result);
  static Result<scoring::PipelineResult> decode(const Value& value);
};

}  // namespace thalweg
