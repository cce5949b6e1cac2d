#include "scoring/models/probe.h"

#include <algorithm>
#include <cmath>

#include "calibration/logit.h"
#include "scoring/fields.h"
#include "scoring/shipped.h"
#include "thalweg/json.h"

namespace thalweg::scoring {

namespace {

constexpr std::int64_t kVersion = 2;

Result<LabelProbe> label_of(const Value& value, std::size_t width) {
  LabelProbe probe;
  probe.hypothesis = TRY(text_field(value, "hypothesis"));
  probe.nearness = TRY(number_field(value, "nearness"));
  probe.bias = TRY(number_field(value, "bias"));
  const Value* const weights = TRY(field(value, "weights", Kind::list));
  if (weights->size() != width)
    return fail(Code::invalid_argument, "has {} weights, but 'width' says {}", weights->size(), width);
  for (const Value& weight : weights->items()) {
    if (!weight.is_number() || !std::isfinite(weight.as_number()))
      return fail(Code::invalid_argument, "a weight is no finite number");
    probe.weights.push_back(weight.as_number());
  }
  return probe;
}

}  // namespace

Value Probe::to_value() const {
  std::vector<Entry> all;
  for (const auto& [name, label] : labels) {
    std::vector<Value> weights(label.weights.begin(), label.weights.end());
    all.push_back({name, Value::map({{"hypothesis", label.hypothesis},
                                     {"bias", label.bias},
                                     {"nearness", label.nearness},
                                     {"weights", Value::list(std::move(weights))}})});
  }
  return Value::map({{"version", kVersion},
                     {"model", model},
                     {"width", static_cast<std::int64_t>(width)},
                     {"fitted_on", fitted_on.to_value()},
                     {"labels", Value::map(std::move(all))}});
}

Result<Probe> Probe::from_value(const Value& value) {
  Probe probe;
  const std::size_t version = TRY(count_field(value, "version"));
  if (version != kVersion)
    return fail(Code::invalid_argument,
                "is of version {}; this program knows version {}: fit it anew with 'thalweg eval train --method probe'", version,
                kVersion);
  probe.model = TRY(text_field(value, "model"));
  probe.width = TRY(count_field(value, "width"));
  auto fitted_on = FittedTexts::from_value(*TRY(field(value, "fitted_on", Kind::map)));
  if (!fitted_on) return std::unexpected(fitted_on.error().at("fitted_on"));
  probe.fitted_on = std::move(*fitted_on);
  const Value* const labels = TRY(field(value, "labels", Kind::map));
  for (const Entry& entry : labels->entries()) {
    auto label = label_of(entry.value, probe.width);
    if (!label) return std::unexpected(label.error().at(fmt::format("labels.{}", entry.key.as_string())));
    probe.labels.emplace(entry.key.as_string(), std::move(*label));
  }
  return probe;
}

Result<Probe> read_probe(const std::string& path) {
  const std::string text = TRY(read_named_file(path));
  const auto value = parse_json(text);
  if (!value) return std::unexpected(value.error().at(path));
  auto probe = Probe::from_value(*value);
  if (!probe) return std::unexpected(probe.error().at(path));
  return probe;
}

double probe_score(const LabelProbe* probe, std::span<const float> vector, double cosine) noexcept {
  if (probe == nullptr) return std::clamp((1 + cosine) / 2, 0.0, 1.0);
  double sum = probe->bias + probe->nearness * cosine;
  for (std::size_t i = 0; i < vector.size(); ++i) sum += probe->weights[i] * static_cast<double>(vector[i]);
  return calibration::sigmoid(sum);
}

}  // namespace thalweg::scoring
