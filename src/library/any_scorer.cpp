#include "thalweg/scoring/any_scorer.h"

#include <atomic>
#include <exception>

#include "base/error.h"
#include "models/waiting_threads.h"
#include "scoring/score_stage.h"
#include "scoring/scores_export.h"

namespace thalweg::scoring::detail {

AnyScorer::~AnyScorer() = default;
void AnyScorer::each_stage(const std::function<void(const Stage&)>& /*visit*/) const {}

namespace {

std::vector<const ScoringStage*> scoring_stages(const AnyScorer& scorer) {
  std::vector<const ScoringStage*> all;
  scorer.each_stage([&](const Stage& stage) {
    if (const auto* scoring = dynamic_cast<const ScoringStage*>(&stage); scoring != nullptr) all.push_back(scoring);
  });
  return all;
}

}  // namespace

Result<TextsSeen> AnyScorer::texts_seen() const {
  TextsSeen seen;
  for (const ScoringStage* const stage : scoring_stages(*this)) seen.add(TRY(TextsSeen::by_decisions(stage->config())));
  return seen;
}

Result<ScoresExport> AnyScorer::scores_export() const {
  const auto stages = scoring_stages(*this);
  if (stages.size() == 1) return ScoresExport::open(stages.front()->config(), *stages.front()->source().models);
  TextsSeen seen;
  for (const ScoringStage* const stage : stages) seen.add(TRY(TextsSeen::by_scores(stage->config())));
  return ScoresExport(std::move(seen));
}

struct Gather::State {
  State(std::size_t texts, AnyScorer::Done then) : results(texts), left(texts), done(std::move(then)) {}
  std::vector<std::optional<Result<Scored>>> results;
  std::atomic<std::size_t> left;
  AnyScorer::Done done;
};

Gather::Gather(std::size_t texts, AnyScorer::Done done) : state_(std::make_unique<State>(texts, std::move(done))) {}
Gather::~Gather() = default;

void Gather::set(std::size_t text, Result<Scored> result) {
  state_->results[text] = std::move(result);
  if (--state_->left > 0) return;
  std::vector<Result<Scored>> all;
  all.reserve(state_->results.size());
  for (auto& one : state_->results) all.push_back(std::move(*one));
  state_->done(std::move(all));
}

struct Workers::State {
  explicit State(std::size_t most) : threads(most) {}
  models::WaitingThreads threads;
};

Workers::Workers(std::size_t most) : state_(std::make_unique<State>(most)) {}
Workers::~Workers() { state_->threads.finish(); }
void Workers::post(std::move_only_function<void()> work) { state_->threads.post(std::move(work)); }

Result<Scored> scored(PipelineResult whole) {
  const LayerResult* const layer = whole.layer(kScoreLayer);
  if (layer == nullptr) {
    return fail(Code::not_found, "the pipeline's result has no layer '{}': name the layer that scores so", kScoreLayer);
  }
  if (!layer->output) return std::unexpected(layer->output.error());
  auto score = ScoreResult::from_value(*layer->output);
  if (!score) return std::unexpected(score.error().at(kScoreLayer));
  return Scored{.score = std::move(*score), .whole = std::move(whole)};
}

Error thrown() {
  try {
    throw;
  } catch (const std::exception& exception) {
    return Error(Code::internal, fmt::format("the scorer threw: {}", exception.what()));
  } catch (...) {
    return Error(Code::internal, "the scorer threw something that is no std::exception");
  }
}

}  // namespace thalweg::scoring::detail
