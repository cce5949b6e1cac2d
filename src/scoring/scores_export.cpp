#include "scoring/scores_export.h"

#include <algorithm>

namespace thalweg::scoring {

Result<ScoresExport> ScoresExport::open(const ScoreConfig& config, models::Models& models) {
  ScoresExport made;
  for (const LabelConfig* label : config.labels()) made.labels_.push_back(label->name);
  made.model_ = TRY(scores_origin(config, models));
  made.seen_ = TRY(TextsSeen::by_scores(config));
  return made;
}

ScoredSample ScoresExport::row(const Outcome& outcome) const {
  const Sample& sample = outcome.sample;
  ScoredSample row{.id = sample.id,
                   .text = sample.text,
                   .expected_labels = sample.expected_labels,
                   .expected_decision = sample.expected_decision,
                   .primary_category = sample.primary_category,
                   .difficulty = sample.difficulty,
                   .model = model_,
                   .fitted_on = sample.fitted_on || seen_.contains(sample.text),
                   .row = sample.row,
                   .line = sample.line};
  if (outcome.own != nullptr) {
    row.scores = outcome.own->score.labels();
    std::ranges::sort(row.scores, {}, &std::pair<std::string, double>::first);  // as columns are
  }
  for (std::size_t i = 0; i < outcome.raw.size(); ++i) row.scores.emplace_back(labels_[i], outcome.raw[i]);
  return row;
}

}  // namespace thalweg::scoring
