#include "base/error.h"
#include "thalweg/scoring/codecs.h"
#include "thalweg/scoring/text_context.h"

namespace thalweg {

using scoring::PipelineResult;
using scoring::ScoreResult;
using scoring::TextContext;

std::string Codec<TextContext>::type() { return "{text: string, step: int?, meta: dyn?}"; }

Result<Value> Codec<TextContext>::encode(const TextContext& context) {
  return Value::map({{"text", TRY(detail::text_value(context.text))}, {"step", context.step}, {"meta", context.meta}});
}

Result<TextContext> Codec<TextContext>::decode(const Value& value) {
  if (!value.is_map()) return std::unexpected(detail::wrong_kind(value, "map"));
  TextContext context;
  const Value* const text = value.find("text");
  if (text == nullptr) return std::unexpected(detail::no_field("text"));
  if (!text->is_string()) return std::unexpected(detail::inside(detail::wrong_kind(*text, "string"), "text"));
  context.text = text->as_string();
  if (const Value* step = value.find("step"); step != nullptr && !step->is_null()) {
    if (!step->is_int()) return std::unexpected(detail::inside(detail::wrong_kind(*step, "int"), "step"));
    context.step = step->as_int();
  }
  if (const Value* meta = value.find("meta"); meta != nullptr && !meta->is_null()) {
    if (!meta->is_map()) return std::unexpected(detail::inside(detail::wrong_kind(*meta, "map"), "meta"));
    context.meta = *meta;
  }
  return context;
}

std::string Codec<ScoreResult>::type() { return "{decision: string, score: double, reason: dyn, categories: dyn}"; }
Result<Value> Codec<ScoreResult>::encode(const ScoreResult& result) { return result.to_value(); }
Result<ScoreResult> Codec<ScoreResult>::decode(const Value& value) {
  if (!value.is_map()) return std::unexpected(detail::wrong_kind(value, "map"));
  return ScoreResult::from_value(value);
}

std::string Codec<PipelineResult>::type() { return "{meta: dyn, layers: dyn}"; }
Result<Value> Codec<PipelineResult>::encode(const PipelineResult& result) { return result.to_value(); }
Result<PipelineResult> Codec<PipelineResult>::decode(const Value& value) {
  if (!value.is_map()) return std::unexpected(detail::wrong_kind(value, "map"));
  return PipelineResult::from_value(value);
}

}  // namespace thalweg
