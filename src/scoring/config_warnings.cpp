#include "scoring/config_warnings.h"

#include <algorithm>
#include <map>
#include <utility>

#include "calibration/logit.h"
#include "scoring/models/probe.h"
#include "scoring/told_apart.h"

namespace thalweg::scoring {

namespace {

using config::Keys;
using Warnings = std::vector<ConfigWarning>;
constexpr int kDigits = 4;

// Calibrations are monotone, so the greatest probability is at one of the ends.
double most_calibrated(const LabelConfig& label) { return std::max(label.calibrator.apply(0), label.calibrator.apply(1)); }

double most_score(const LabelConfig& label) {
  const double most = most_calibrated(label);
  return most >= label.threshold ? most * label.weight : 0;
}

double most_score(const CategoryConfig& category) {
  std::vector<double> scores;
  for (const LabelConfig& label : category.labels) {
    if (!label.veto) scores.push_back(most_score(label));
  }
  if (category.labels.empty()) return 0;
  std::ranges::sort(scores, std::greater<>());
  const std::size_t k = std::min(category.top_k, category.labels.size());
  scores.resize(std::max(k, scores.size()));
  double sum = 0;
  for (std::size_t i = 0; i < k; ++i) sum += scores[i];
  return sum / static_cast<double>(k);
}

Keys of_category(const CategoryConfig& category, std::string_view key) { return {"categories", category.name, std::string(key)}; }

Keys of_label(const CategoryConfig& category, const LabelConfig& label, std::string_view key) {
  return {"categories", category.name, "labels", label.name, std::string(key)};
}

void about_label(const CategoryConfig& category, const LabelConfig& label, Warnings& out) {
  const auto at = [&](std::string_view key) { return of_label(category, label, key); };
  if (most_calibrated(label) < label.threshold) {
    const auto [most, threshold] = told_apart(most_calibrated(label), label.threshold, kDigits);
    out.push_back(
        {{at("threshold"), at("calibration"), at("platt_a"), at("platt_b")},
         fmt::format("the label '{}' can never be detected in the category '{}': its calibrated score is at most {}, its "
                     "threshold {}",
                     label.name, category.name, most, threshold)});
  }
  if (label.calibrator.apply(1) < label.calibrator.apply(0)) {
    out.push_back({{at("calibration"), at("platt_a"), at("platt_b")},
                   fmt::format("the calibration of '{}' falls: the more the model is sure, the less it counts", label.name)});
  }
}

void about_labels(const ScoreConfig& config, Warnings& out) {
  std::map<std::string_view, std::vector<std::string_view>> places;
  for (const CategoryConfig& category : config.categories) {
    if (category.labels.empty()) {
      out.push_back({{of_category(category, "labels")},
                     fmt::format("the category '{}' has no labels, so its score is always 0", category.name)});
    }
    if (!category.labels.empty() && category.top_k > category.labels.size()) {
      out.push_back({{of_category(category, "top_k"), {"top_k"}},
                     fmt::format("the category '{}' has top_k {} but only {} label{}; all of them are averaged", category.name,
                                 category.top_k, category.labels.size(), category.labels.size() == 1 ? "" : "s")});
    }
    for (const LabelConfig& label : category.labels) {
      places[label.name].push_back(category.name);
      about_label(category, label, out);
    }
  }
  for (const auto& [label, categories] : places) {
    if (categories.size() > 1) {
      out.push_back({{{"categories", std::string(categories.back()), "labels", std::string(label), "hypothesis"}},
                     fmt::format("the label '{}' stands in the categories {}; it is scored once and counts in each", label,
                                 fmt::join(categories, ", "))});
    }
  }
}

// The least and the greatest probability that the combiner can give.
std::pair<double, double> combined_range(const ScoreConfig& config, const CombinerConfig& combiner) {
  double least = combiner.bias;
  double most = combiner.bias;
  for (const auto& [name, weight] : combiner.weights) {
    const LabelConfig* const label = config.label(name);
    if (label == nullptr) continue;  // told as a problem where it is read
    const double one = weight * calibration::logit(label->calibrator.apply(0));
    const double other = weight * calibration::logit(label->calibrator.apply(1));
    least += std::min(one, other);
    most += std::max(one, other);
  }
  return {calibration::sigmoid(least), calibration::sigmoid(most)};
}

void about_combiner(const ScoreConfig& config, const CombinerConfig& combiner, Warnings& out) {
  const auto [least, most] = combined_range(config, combiner);
  if (least >= combiner.threshold) {
    const auto [reached, threshold] = told_apart(least, combiner.threshold, kDigits);
    out.push_back({{{"combiner", "threshold"}},
                   fmt::format("every text without a veto is accepted: the combiner gives at least {}, its threshold is {}",
                               reached, threshold)});
  }
  if (most < combiner.threshold) {
    const auto [reached, threshold] = told_apart(most, combiner.threshold, kDigits);
    out.push_back({{{"combiner", "threshold"}},
                   fmt::format("no text can be accepted: the combiner gives at most {}, its threshold is {}; raise its bias or "
                               "weights, or lower the threshold",
                               reached, threshold)});
  }
}

void about_decision(const ScoreConfig& config, Warnings& out) {
  if (config.combiner) return about_combiner(config, *config.combiner, out);
  double most = 0;
  for (const CategoryConfig& category : config.categories) most = std::max(most, most_score(category));
  const double short_text = config.threshold - config.modifiers.short_text_delta;
  const double long_text = config.threshold + config.modifiers.long_text_delta;
  const auto never = [&](std::string_view which, double needed, std::vector<Keys> about) {
    const auto [reached, threshold] = told_apart(most, needed, kDigits);
    out.push_back({std::move(about), fmt::format("no {}text can be accepted: the score is at most {}, the threshold {}; raise "
                                                 "weights, or lower top_k or the threshold",
                                                 which, reached, threshold)});
  };
  const Keys itself{"threshold"};
  if (config.threshold <= 0) {
    out.push_back({{itself}, "every text without a veto is accepted: its threshold is not above 0"});
  } else if (short_text <= 0) {
    out.push_back({{{"modifiers", "short_text_delta"}, itself},
                   "every short text without a veto is accepted: its threshold is not above 0"});
  }
  if (most < short_text) return never("", short_text, {itself});
  if (most < config.threshold) return never("medium or long ", config.threshold, {itself});
  if (most < long_text) never("long ", long_text, {{"modifiers", "long_text_delta"}, itself});
}

// Their scores are of another kind than the others', and nothing else would tell.
void about_probe(const ScoreConfig& config, Warnings& out) {
  if (config.model.type != ModelType::sentence_embeddings || config.model.probe.empty()) return;
  const auto probe = read_probe(config.model.probe);
  if (!probe) return;  // told where the model is opened
  std::vector<std::string_view> without;
  for (const LabelConfig* label : config.labels()) {
    if (!probe->labels.contains(label->name)) without.push_back(label->name);
  }
  if (without.empty()) return;
  out.push_back({{{"model", "probe"}},
                 fmt::format("the probe {} has nothing of the label{} {}: by nearness to the hypothesis alone {} scored; fit it "
                             "anew with 'thalweg eval train --method probe'",
                             config.model.probe, without.size() == 1 ? "" : "s", fmt::join(without, ", "),
                             without.size() == 1 ? "it is" : "they are")});
}

}  // namespace

std::vector<ConfigWarning> warnings_of(const ScoreConfig& config) {
  Warnings out;
  if (config.categories.empty()) out.push_back({{{"categories"}}, "there are no categories, so every score is 0"});
  about_labels(config, out);
  if (!config.categories.empty()) about_decision(config, out);
  about_probe(config, out);
  return out;
}

}  // namespace thalweg::scoring
