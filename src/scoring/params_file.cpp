#include "scoring/params_file.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "base/kind_words.h"
#include "base/utf8.h"
#include "scoring/fields.h"

namespace thalweg::scoring {

namespace {
using calibration::Calibrator;
using calibration::Method;

Result<Calibrator> calibrator_of(const Value& params) {
  if (!params.is_map()) return fail(Code::invalid_argument, "it must be a map, not {}", in_words(params.kind()));
  for (const Entry& entry : params.entries()) {
    const std::string_view key = entry.key.as_string();
    if (key != "a" && key != "b" && key != "calibration")
      return fail(Code::invalid_argument, "unknown field '{}'; there are a and b, or calibration", utf8::cut(key));
  }
  if (const Value* told = params.find("calibration")) {
    if (params.size() > 1)
      return fail(Code::invalid_argument, "'calibration' stands beside a or b; one of them says what counts");
    auto calibrator = Calibrator::from_value(*told);
    if (!calibrator) return std::unexpected(std::move(calibrator).error().at("calibration"));
    return calibrator;
  }
  const double a = TRY(number_field(params, "a")), b = TRY(number_field(params, "b"));
  if (!std::isfinite(a) || !std::isfinite(b)) return fail(Code::invalid_argument, "a and b must be finite");
  return a == 1 && b == 0 ? Calibrator() : Calibrator::legacy(a, b);
}

Result<> add_counts(LabelParams& label, const Value& counts) {
  label.positives = TRY(count_field(counts, "positive"));
  label.negatives = TRY(count_field(counts, "negative"));
  label.skipped = TRY(field(counts, "skipped", Kind::boolean))->as_bool();
  if (counts.find("reason") != nullptr) label.reason = TRY(text_field(counts, "reason"));
  return {};
}

Result<CombinerConfig> combiner_of(const Value& told) {
  CombinerConfig combiner{
      .threshold = TRY(number_field(told, "threshold")), .bias = TRY(number_field(told, "bias")), .weights = {}};
  if (!(combiner.threshold >= 0 && combiner.threshold <= 1) || !std::isfinite(combiner.bias))
    return fail(Code::invalid_argument, "threshold must be from 0 to 1, and bias finite");
  for (const Entry& entry : TRY(field(told, "weights", Kind::map))->entries()) {
    if (!entry.value.is_number() || !std::isfinite(entry.value.as_number()))
      return fail(Code::invalid_argument, "weights.{}: it must be a finite number", utf8::cut(entry.key.as_string()));
    combiner.weights.emplace_back(entry.key.as_string(), entry.value.as_number());
  }
  return combiner;
}

std::unexpected<Error> at_label(Error error, std::string_view where, std::string_view label) {
  return std::unexpected(error.at(fmt::format("{}.{}", where, utf8::cut(label))));
}
}  // namespace

const LabelParams* Params::find(std::string_view label) const noexcept {
  const auto found = std::ranges::find(labels, label, &LabelParams::label);
  return found == labels.end() ? nullptr : &*found;
}

Value Params::to_value() const {
  Value params = Value::map(), counts = Value::map();
  for (const LabelParams& label : labels) {
    const Calibrator& calibrator = label.calibrator;
    const bool older = calibrator.method() == Method::legacy;
    Value entry = older || calibrator.method() == Method::none
                      ? Value::map({{"a", Value(older ? calibrator.a() : 1.0)}, {"b", Value(older ? calibrator.b() : 0.0)}})
                      : Value::map({{"calibration", calibrator.to_value()}});
    params = std::move(params).set(Value(label.label), std::move(entry));
    Value count = Value::map({{"positive", Value(static_cast<std::int64_t>(label.positives))},
                              {"negative", Value(static_cast<std::int64_t>(label.negatives))},
                              {"skipped", Value(label.skipped)}});
    if (!label.reason.empty()) count = std::move(count).set("reason", Value(label.reason));
    counts = std::move(counts).set(Value(label.label), std::move(count));
  }
  Value metadata = more.is_map() ? more : Value::map();
  if (!model.empty()) metadata = std::move(metadata).set("model", Value(model));
  if (fitted_on.size() > 0) metadata = std::move(metadata).set("fitted_on", fitted_on.to_value());
  metadata = std::move(metadata).set("total_samples", Value(static_cast<std::int64_t>(total_samples)));
  metadata = std::move(metadata).set("samples_per_label", std::move(counts));
  Value all = Value::map({{"params", std::move(params)}});
  if (combiner) {
    Value weights = Value::map();
    for (const auto& [label, weight] : combiner->weights) weights = std::move(weights).set(Value(label), Value(weight));
    all = std::move(all).set(
        "combiner", Value::map({{"threshold", combiner->threshold}, {"bias", combiner->bias}, {"weights", std::move(weights)}}));
  }
  return std::move(all).set("metadata", std::move(metadata));
}

Result<Params> Params::from_value(const Value& value) {
  Params params;
  for (const Entry& entry : TRY(field(value, "params", Kind::map))->entries()) {
    LabelParams& label = params.labels.emplace_back();
    label.label = entry.key.as_string();
    auto calibrator = calibrator_of(entry.value);
    if (!calibrator) return at_label(calibrator.error(), "params", label.label);
    label.calibrator = std::move(*calibrator);
  }
  std::ranges::sort(params.labels, {}, &LabelParams::label);
  if (const Value* const told = value.find("combiner")) {
    auto combiner = combiner_of(*told);
    if (!combiner) return std::unexpected(combiner.error().at("combiner"));
    for (const auto& [label, weight] : combiner->weights) {
      if (params.find(label) == nullptr)
        return at_label(Error(Code::invalid_argument, "the label has a weight, but no params"), "combiner.weights", label);
    }
    params.combiner = std::move(*combiner);
  }
  if (value.find("metadata") == nullptr) return params;
  const Value& metadata = *TRY(field(value, "metadata", Kind::map));
  Value more = Value::map();
  for (const Entry& entry : metadata.entries()) {
    const std::string_view key = entry.key.as_string();
    if (key == "total_samples") {
      params.total_samples = TRY(count_field(metadata, key));
    } else if (key == "model") {
      params.model = TRY(text_field(metadata, key));
    } else if (key == "fitted_on") {
      auto fitted_on = FittedTexts::from_value(entry.value);
      if (!fitted_on) return std::unexpected(fitted_on.error().at("metadata.fitted_on"));
      params.fitted_on = std::move(*fitted_on);
    } else if (key != "samples_per_label") {
      more = std::move(more).set(entry.key, entry.value);
    }
  }
  if (more.size() > 0) params.more = std::move(more);
  if (metadata.find("samples_per_label") == nullptr) return params;
  for (const Entry& entry : TRY(field(metadata, "samples_per_label", Kind::map))->entries()) {
    const auto label = std::ranges::find(params.labels, entry.key.as_string(), &LabelParams::label);
    if (label == params.labels.end()) {
      return at_label(Error(Code::invalid_argument, "the label has counts, but no params"), "metadata.samples_per_label",
                      entry.key.as_string());
    }
    if (const auto added = add_counts(*label, entry.value); !added)
      return at_label(added.error(), "metadata.samples_per_label", entry.key.as_string());
  }
  return params;
}

}  // namespace thalweg::scoring
