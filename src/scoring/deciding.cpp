#include "scoring/deciding.h"

#include <algorithm>

#include "scoring/digest.h"
#include "scoring/fields.h"
#include "scoring/score_config.h"
#include "thalweg/json.h"

namespace thalweg::scoring {

namespace {

std::string text_of(const calibration::Calibrator& calibrator) {
  return to_json(calibrator.to_value()).value_or("");  // of finite numbers
}

// A combiner reads all its labels whatever their thresholds, and a veto comes before it.
std::vector<std::string> combining(const ScoreConfig& config) {
  auto weights = config.combiner->weights;
  std::ranges::sort(weights);
  std::vector<std::string> parts{"combiner", fmt::format("{}", config.combiner->bias)};
  for (const auto& [name, weight] : weights) {
    const LabelConfig* const label = config.label(name);
    parts.push_back(fmt::format("{} {}", weight, name));
    parts.push_back(label == nullptr ? "" : text_of(label->calibrator));
  }
  return parts;
}

std::vector<std::string> best_of_categories(const ScoreConfig& config) {
  const Modifiers& by_length = config.modifiers;
  std::vector<std::string> parts{"categories", fmt::format("{} {} {} {}", by_length.short_text_delta, by_length.long_text_delta,
                                                           by_length.short_text_limit, by_length.long_text_limit)};
  for (const CategoryConfig& category : config.categories) {
    parts.push_back(fmt::format("{} {} {}", category.top_k, category.labels.size(), category.name));
    for (const LabelConfig& label : category.labels) {
      parts.push_back(fmt::format("{} {} {}", label.weight, label.threshold, label.name));
      parts.push_back(text_of(label.calibrator));
    }
  }
  return parts;
}

bool other_model(const Deciding& then, const Deciding& now) {
  return !then.model.empty() && !now.model.empty() && then.model != now.model;
}
constexpr const char* kOtherModel = "raw scores of another model, probe or hypotheses";

}  // namespace

std::string Deciding::other_for_threshold(const Deciding& now) const {
  if (other_model(*this, now)) return kOtherModel;
  if (rule == now.rule) return {};
  return "another combiner, other calibrations, vetoes or, where no combiner decides, weights or thresholds of labels";
}

std::string Deciding::other_for_labels(const Deciding& now) const {
  if (other_model(*this, now)) return kOtherModel;
  return calibrations == now.calibrations ? "" : "other calibrations";
}

Value Deciding::to_value() const { return Value::map({{"rule", rule}, {"calibrations", calibrations}, {"model", model}}); }

Result<Deciding> Deciding::from_value(const Value& value) {
  Deciding deciding;
  deciding.rule = TRY(text_field(value, "rule"));
  deciding.calibrations = TRY(text_field(value, "calibrations"));
  deciding.model = TRY(text_field(value, "model"));
  return deciding;
}

Result<ThresholdFit> threshold_fit(const std::string& path, const Value& value, const Deciding& now, std::string_view taker) {
  using Is = ThresholdFit::Is;
  const bool of_labels = value.find("label_thresholds") != nullptr;
  if (!of_labels && (value.find("threshold") == nullptr || value.find("params") != nullptr)) return ThresholdFit{};
  const Value* const told = value.find("decided_by");
  if (told == nullptr)
    return ThresholdFit{Is::untold,
                        fmt::format("{} does not tell whose decisions it was chosen from; it is right for no others", path)};
  const auto then = Deciding::from_value(*told);
  if (!then) return std::unexpected(then.error().at(fmt::format("{}: decided_by", path)));
  const std::string other = of_labels ? then->other_for_labels(now) : then->other_for_threshold(now);
  if (!other.empty())
    return ThresholdFit{value.find("bound") == nullptr ? Is::other : Is::disproved,
                        fmt::format("{} was chosen from other decisions than {} takes ({})", path, taker, other)};
  if (then->model.empty() && !now.model.empty())
    return ThresholdFit{Is::untold_model,
                        fmt::format("{} does not tell whose raw scores were decided; it is right for no others", path)};
  return ThresholdFit{};
}

Deciding deciding_of(const ScoreConfig& config, std::string model) {
  std::vector<std::string> rule = config.combiner ? combining(config) : best_of_categories(config);
  std::vector<std::string> vetoes;
  for (const CategoryConfig& category : config.categories) {
    for (const LabelConfig& label : category.labels) {
      if (label.veto) vetoes.push_back(fmt::format("veto {} {} {}", label.threshold, label.name, text_of(label.calibrator)));
    }
  }
  std::ranges::sort(vetoes);
  rule.insert(rule.end(), vetoes.begin(), vetoes.end());
  std::vector<std::string> calibrations;
  for (const LabelConfig* label : config.labels()) {
    calibrations.push_back(label->name);
    calibrations.push_back(text_of(label->calibrator));
  }
  return {.rule = digest(rule), .calibrations = digest(calibrations), .model = std::move(model)};
}

void calibrate_labels(ScoreConfig& config, std::span<const calibration::Calibrator> calibrators) {
  std::vector<std::string> names;
  for (const LabelConfig* label : config.labels()) names.push_back(label->name);
  for (CategoryConfig& category : config.categories) {
    for (LabelConfig& label : category.labels) {
      const auto place = std::ranges::lower_bound(names, label.name) - names.begin();
      label.calibrator = calibrators[static_cast<std::size_t>(place)];
    }
  }
}

}  // namespace thalweg::scoring
