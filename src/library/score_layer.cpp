#include "thalweg/scoring/score_layer.h"

#include "base/error.h"
#include "library/configured.h"
#include "scoring/scores_export.h"

namespace thalweg::scoring {

namespace {

std::vector<Input> inputs_of(std::span<const std::string> texts) {
  std::vector<Input> inputs;
  inputs.reserve(texts.size());
  for (const std::string& text : texts) inputs.push_back({.text = text});
  return inputs;
}

std::vector<Result<ScoreResult>> results_of(const TextScorer& scorer, const BatchScores& scores) {
  std::vector<Result<ScoreResult>> all;
  all.reserve(scores.verdicts.size());
  for (std::size_t i = 0; i < scores.verdicts.size(); ++i) all.push_back(scorer.result(scores, i));
  return all;
}

}  // namespace

namespace detail {

PipelineResult whole(const Result<ScoreResult>& result, Value meta) {
  LayerResult layer;
  layer.meta = std::move(meta);
  if (result) {
    layer.output = result->to_value();
  } else {
    layer.output = std::unexpected(result.error());
  }
  PipelineResult out;
  out.with_layer(kScoreLayer, std::move(layer));
  return out;
}

void Configured::start(std::vector<TextContext> texts, const thalweg::Context& context, Done done) {
  std::vector<std::string> plain;
  for (TextContext& text : texts) plain.push_back(std::move(text.text));
  layer_.start(std::move(plain), context, [done = std::move(done)](std::vector<Result<ScoreResult>> results) mutable {
    std::vector<Result<Scored>> all;
    for (Result<ScoreResult>& result : results) all.push_back(detail::scored(std::move(result)));
    done(std::move(all));
  });
}

Result<TextsSeen> Configured::texts_seen() const { return TextsSeen::by_decisions(*layer_.config_); }
Result<ScoresExport> Configured::scores_export() const {
  return ScoresExport::open(*layer_.config_, *layer_.runtime_.stage_types().models());
}

std::shared_ptr<AnyScorer> any_scorer(ScoreLayer layer, std::size_t /*threads*/) {
  return std::make_shared<Configured>(std::move(layer));
}

}  // namespace detail

Result<ScoreResult> ScoreLayer::score(const std::string& text) const { return score(text, context()); }
Result<ScoreResult> ScoreLayer::score(const std::string& text, const thalweg::Context& context) const {
  return std::move(score_batch({&text, 1}, context)[0]);
}

std::vector<Result<ScoreResult>> ScoreLayer::score_batch(std::span<const std::string> texts) const {
  return score_batch(texts, context());
}
std::vector<Result<ScoreResult>> ScoreLayer::score_batch(std::span<const std::string> texts,
                                                         const thalweg::Context& context) const {
  return results_of(*scorer_, scorer_->score(inputs_of(texts), context));
}

PipelineResult ScoreLayer::classify(const std::string& text) const { return std::move(classify_batch({&text, 1}, context())[0]); }
std::vector<PipelineResult> ScoreLayer::classify_batch(std::span<const std::string> texts,
                                                       const thalweg::Context& context) const {
  const BatchScores scores = scorer_->score(inputs_of(texts), context);
  const Value meta = scorer_->meta(scores);
  std::vector<PipelineResult> all;
  for (std::size_t i = 0; i < texts.size(); ++i) all.push_back(detail::whole(scorer_->result(scores, i), meta));
  return all;
}

void ScoreLayer::start(std::vector<std::string> texts, const thalweg::Context& context,
                       std::move_only_function<void(std::vector<Result<ScoreResult>>)> done) const {
  // The copy keeps the scorer until it is done.
  scorer_->score(inputs_of(texts), context, [self = *this, done = std::move(done)](const BatchScores& scores) mutable {
    done(results_of(*self.scorer_, scores));
  });
}

std::size_t ScoreLayer::batch_size() const noexcept { return limits_.batch_size; }
const std::vector<std::string>& ScoreLayer::labels() const noexcept { return scorer_->plan().columns(); }
const std::vector<std::string>& ScoreLayer::categories() const noexcept { return scorer_->plan().categories(); }
const std::string& ScoreLayer::model() const noexcept { return scorer_->model().name(); }
const std::string& ScoreLayer::version() const noexcept { return scorer_->model().identity(); }

}  // namespace thalweg::scoring
