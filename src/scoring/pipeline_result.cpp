#include "thalweg/scoring/pipeline_result.h"

#include <algorithm>

#include "base/error.h"
#include "scoring/fields.h"

namespace thalweg::scoring {

namespace {

Value to_value(const Error& error) {
  return Value::map({{"code", info(error.code()).name}, {"message", error.message()}, {"path", error.path()}});
}

Entry entry_of(const Result<Value>& output) {
  return output ? Entry{"output", *output} : Entry{"error", to_value(output.error())};
}

Result<Result<Value>> output_of(const Value& value) {
  if (const Value* output = value.find("output")) return Result<Value>(*output);
  const Value* const error = TRY(field(value, "error", Kind::map));
  const std::string code = TRY(text_field(*error, "code"));
  if (code_named(code) == Code::ok) return fail(Code::invalid_argument, "error.code: there is no code '{}'", code);
  const Error plain(code_named(code), TRY(text_field(*error, "message")));
  const std::string path = TRY(text_field(*error, "path"));
  return Result<Value>(std::unexpected(path.empty() ? plain : plain.at(path)));
}

Value to_value(const LayerResult& layer) {
  std::vector<Entry> entries{{"meta", layer.meta}, entry_of(layer.output)};
  std::vector<Value> children;
  for (const Result<Value>& child : layer.children) children.push_back(Value::map({entry_of(child)}));
  if (!children.empty()) entries.push_back({"children", Value::list(std::move(children))});
  return Value::map(std::move(entries));
}

Result<LayerResult> layer_of(const Value& value) {
  LayerResult layer;
  const Value* const meta = TRY(field(value, "meta", Kind::map));
  layer.meta = *meta;
  layer.output = TRY(output_of(value));
  if (value.find("children") == nullptr) return layer;
  const Value* const children = TRY(field(value, "children", Kind::list));
  for (const Value& child : children->items()) layer.children.push_back(TRY(output_of(child)));
  return layer;
}

}  // namespace

bool LayerResult::ok() const noexcept {
  return output.has_value() && std::ranges::all_of(children, [](const Result<Value>& child) { return child.has_value(); });
}

LayerResult LayerResult::from_error(Error error) {
  LayerResult layer;
  layer.output = std::unexpected(std::move(error));
  return layer;
}

PipelineResult PipelineResult::from_score(const ScoreResult& score) { return from_score_with_meta(score, Value::map()); }

PipelineResult PipelineResult::from_score_with_meta(const ScoreResult& score, Value meta) {
  PipelineResult result;
  result.meta_ = std::move(meta);
  LayerResult layer;
  layer.output = score.to_value();
  result.layers_.emplace_back(kScoreLayer, std::move(layer));
  return result;
}

PipelineResult& PipelineResult::with_layer(std::string_view name, LayerResult layer) {
  if (LayerResult* there = this->layer(name)) {
    *there = std::move(layer);
  } else {
    layers_.emplace_back(name, std::move(layer));
  }
  return *this;
}

PipelineResult& PipelineResult::with_meta(std::string_view key, Value value) {
  meta_ = std::move(meta_).set(key, std::move(value));
  return *this;
}

const LayerResult* PipelineResult::layer(std::string_view name) const noexcept {
  const auto found = std::ranges::find(layers_, name, [](const auto& layer) { return std::string_view(layer.first); });
  return found == layers_.end() ? nullptr : &found->second;
}

LayerResult* PipelineResult::layer(std::string_view name) noexcept {
  const auto found = std::ranges::find(layers_, name, [](const auto& layer) { return std::string_view(layer.first); });
  return found == layers_.end() ? nullptr : &found->second;
}

std::optional<ScoreResult> PipelineResult::score() const {
  const LayerResult* layer = this->layer(kScoreLayer);
  if (layer == nullptr || !layer->output) return std::nullopt;
  auto score = ScoreResult::from_value(*layer->output);
  if (!score) return std::nullopt;
  return std::move(*score);
}

bool PipelineResult::ok() const noexcept {
  return std::ranges::all_of(layers_, [](const auto& layer) { return layer.second.ok(); });
}

Value PipelineResult::to_value() const {
  std::vector<Entry> layers;
  for (const auto& [name, layer] : layers_) layers.push_back({name, scoring::to_value(layer)});
  return Value::map({{"meta", meta_}, {"layers", Value::map(std::move(layers))}});
}

Result<PipelineResult> PipelineResult::from_value(const Value& value) {
  PipelineResult result;
  const Value* const meta = TRY(field(value, "meta", Kind::map));
  result.meta_ = *meta;
  const Value* const layers = TRY(field(value, "layers", Kind::map));
  for (const Entry& entry : layers->entries()) {
    if (!entry.key.is_string()) return fail(Code::invalid_argument, "layers: a layer's name must be a string");
    auto layer = layer_of(entry.value);
    if (!layer) return std::unexpected(layer.error().at(fmt::format("layers.{}", entry.key.as_string())));
    result.layers_.emplace_back(entry.key.as_string(), std::move(*layer));
  }
  return result;
}

}  // namespace thalweg::scoring
