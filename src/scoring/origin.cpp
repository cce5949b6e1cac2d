#include "scoring/origin.h"

#include <algorithm>

#include "scoring/data/scores_file.h"
#include "scoring/models/label_model.h"
#include "scoring/models/probe.h"

namespace thalweg::scoring {

Result<std::string> scores_origin(const ScoreConfig& config, models::Models& models) {
  LabelsAsked labels;
  for (const LabelConfig* label : config.labels()) {
    labels.names.push_back(label->name);
    labels.hypotheses.push_back(label->hypothesis);
  }
  switch (config.model.type) {
    case ModelType::sentence_embeddings:
      return embedding_identity(config.model, labels, models);
    case ModelType::zero_shot_classification:
      return entailment_identity(config.model, labels, models);
    case ModelType::text_generation:
      return judge_identity(config.model, labels, models);
    case ModelType::recorded:
      break;
  }
  if (config.model.scores.empty()) return "";
  auto reader = TRY(ScoresReader::open(config.model.scores));
  const auto first = TRY(reader.next());
  return first ? first->model : "";
}

Result<TextsSeen> TextsSeen::by_scores(const ScoreConfig& config) {
  TextsSeen seen;
  if (!config.model.probe.empty()) seen.sets_.push_back(TRY(read_probe(config.model.probe)).fitted_on);
  if (!config.model.scores.empty()) {
    auto reader = TRY(ScoresReader::open(config.model.scores));
    std::vector<std::string> texts;
    while (auto sample = TRY(reader.next())) {
      if (sample->fitted_on) texts.push_back(std::move(sample->text));
    }
    seen.sets_.emplace_back(texts);
  }
  return seen;
}

Result<TextsSeen> TextsSeen::by_decisions(const ScoreConfig& config) {
  TextsSeen seen = TRY(by_scores(config));
  for (const std::string& path : config.training.texts) {
    auto texts = read_fitted_texts(path);
    if (!texts) {
      return fail(texts.error().code(), "{}; it tells which texts the calibrations were fitted on: put it back, or train anew",
                  texts.error().text());
    }
    seen.sets_.push_back(std::move(*texts));
  }
  return seen;
}

void TextsSeen::add(TextsSeen more) {
  sets_.insert(sets_.end(), std::make_move_iterator(more.sets_.begin()), std::make_move_iterator(more.sets_.end()));
}

bool TextsSeen::contains(std::string_view text) const noexcept {
  return std::ranges::any_of(sets_, [&](const FittedTexts& set) { return set.contains(text); });
}

}  // namespace thalweg::scoring
