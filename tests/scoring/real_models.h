#pragma once
// Scorers on the real models that tools/setup unpacks.

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "configs.h"
#include "models/local_models.h"
#include "must.h"
#include "scoring/text_scorer.h"

namespace thalweg::scoring::test {

/// One set of loaded models for all tests.
inline const std::shared_ptr<models::LocalModels>& real_models() {
  static const auto models = std::make_shared<models::LocalModels>(
      models::LocalModelsOptions{.folder = "/nonexistent", .language_model = {.context_size = 2048}});
  return models;
}

struct Clocked {
  std::unique_ptr<Clock> clock = make_system_clock();
  Context context{*clock};
};

inline constexpr std::string_view kThreeLabels =
    "{animals: {labels: {cat: {hypothesis: This text is about a cat., threshold: 0.5, weight: 1}, "
    "dog: {hypothesis: This text is about a dog., threshold: 0.5, weight: 1}}}, "
    "plans: {labels: {plan: {hypothesis: Somebody plans to do something., threshold: 0.6, weight: 0.9}}}}";

/// A configuration of three labels, in YAML's flow form. Columns: cat, dog, plan.
inline std::string three_labels(std::string_view model, std::string_view categories = kThreeLabels) {
  return fmt::format("{{layers: {{score: {{threshold: 0.55, model: {{{}}}, categories: {}}}}}}}", model, categories);
}

inline Result<std::shared_ptr<TextScorer>> open_scorer(const std::string& yaml) {
  const Clocked clocked;
  return TextScorer::open(score_config_from(yaml), {.models = real_models(), .folder = {}}, clocked.context);
}

inline std::vector<Input> inputs_of(const std::vector<std::string>& texts) {
  std::vector<Input> inputs;
  for (const std::string& text : texts) inputs.push_back({.text = text});
  return inputs;
}

inline BatchScores scored(const TextScorer& scorer, const std::vector<std::string>& texts) {
  const Clocked clocked;
  return scorer.score(inputs_of(texts), clocked.context);
}

/// Everything about each text; each must have been scored.
inline std::vector<ScoreResult> results(const TextScorer& scorer, const std::vector<std::string>& texts) {
  const BatchScores batch = scored(scorer, texts);
  std::vector<ScoreResult> all;
  for (std::size_t i = 0; i < texts.size(); ++i) all.push_back(must(scorer.result(batch, i)));
  return all;
}

}  // namespace thalweg::scoring::test
