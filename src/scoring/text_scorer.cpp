#include "scoring/text_scorer.h"

#include <algorithm>
#include <atomic>

#include "base/error.h"
#include "models/wait.h"

namespace thalweg::scoring {

struct TextScorer::Job {
  Job(const Context& with, Done then) : context(with), began(with.now()), done(std::move(then)) {}
  std::vector<Input> inputs;        // that the model is asked about
  std::vector<std::size_t> places;  // of these in the batch
  Context context;
  Nanos began;
  BatchScores scores;
  std::atomic<std::size_t> left = 0;
  std::atomic<std::int64_t> tokens = 0;
  Done done;
};

TextScorer::TextScorer(const ScoreConfig& config, std::shared_ptr<LabelModel> model)
    : plan_(config),
      model_(std::move(model)),
      recorded_(config.model.type == ModelType::recorded),
      max_characters_(config.max_characters) {}

std::optional<Error> TextScorer::refused(std::string_view text, std::size_t characters) const {
  if (recorded_) return std::nullopt;
  if (is_blank(text)) return Error(Code::invalid_argument, "the text is blank; there is nothing to decide");
  if (characters <= max_characters_) return std::nullopt;
  return Error(Code::invalid_argument,
               fmt::format("the text has {} characters; more than {} are not given to the model (layers.score.max_characters)",
                           characters, max_characters_));
}

Result<std::shared_ptr<TextScorer>> TextScorer::open(const ScoreConfig& config, const ModelSource& source,
                                                     const Context& context) {
  const ScorePlan plan(config);
  auto model = TRY(open_label_model(config.model, {.names = plan.columns(), .hypotheses = plan.hypotheses()}, source, context));
  return std::make_shared<TextScorer>(config, std::move(model));
}

void TextScorer::score(std::vector<Input> inputs, const Context& context, Done done) const {
  const auto job = std::make_shared<Job>(context, std::move(done));
  for (Input& input : inputs) {
    const std::size_t characters = characters_of(input.text);
    job->scores.errors.push_back(refused(input.text, characters));
    if (!job->scores.errors.back()) {
      job->places.push_back(job->scores.characters.size());
      job->inputs.push_back(std::move(input));
    }
    job->scores.characters.push_back(characters);
  }
  if (job->inputs.empty()) return finish(*job);
  model_->score(job->inputs, context, [this, job](Result<RawScores> raw) {
    if (raw) {
      const std::size_t width = plan_.columns().size();
      job->scores.raw.resize(job->scores.characters.size() * width);
      for (std::size_t i = 0; i < job->places.size(); ++i)
        std::copy_n(raw->values.data() + i * width, width, job->scores.raw.data() + job->places[i] * width);
      job->scores.inference_ns = raw->inference_ns;
      job->tokens = raw->tokens;
      return finish(*job);
    }
    const Code code = raw.error().code();
    if (job->inputs.size() > 1 && code != Code::cancelled && code != Code::deadline_exceeded) return score_one_by_one(job);
    for (const std::size_t place : job->places) job->scores.errors[place] = raw.error();
    finish(*job);
  });
}

void TextScorer::score_one_by_one(const std::shared_ptr<Job>& job) const {
  const std::size_t width = plan_.columns().size();
  job->scores.raw.assign(job->scores.characters.size() * width, 0);
  job->left = job->inputs.size();
  for (std::size_t i = 0; i < job->inputs.size(); ++i) {
    model_->score({job->inputs[i]}, job->context, [this, job, i, width](Result<RawScores> raw) {
      if (raw) {
        std::ranges::copy(raw->values, job->scores.raw.begin() + static_cast<std::ptrdiff_t>(job->places[i] * width));
        job->tokens += raw->tokens;
      } else {
        job->scores.errors[job->places[i]] = raw.error();
      }
      if (--job->left > 0) return;
      job->scores.inference_ns = job->context.now() - job->began;
      finish(*job);
    });
  }
}

void TextScorer::finish(Job& job) const {
  BatchScores& scores = job.scores;
  scores.raw.resize(scores.characters.size() * plan_.columns().size());
  scores.verdicts.resize(scores.characters.size());
  scores.tokens = job.tokens;
  plan_.decide(scores.raw, scores.characters, scores.verdicts);
  scores.elapsed_ns = job.context.now() - job.began;
  job.done(std::move(scores));
}

BatchScores TextScorer::score(std::vector<Input> inputs, const Context& context) const {
  models::Answer<BatchScores> answer;
  score(std::move(inputs), context, [&answer](BatchScores scores) { answer.set(std::move(scores)); });
  return std::move(*answer.wait());
}

Result<ScoreResult> TextScorer::result(const BatchScores& batch, std::size_t i) const {
  if (batch.errors[i]) return std::unexpected(*batch.errors[i]);
  const std::size_t width = plan_.columns().size();
  return plan_.result(std::span(batch.raw).subspan(i * width, width), batch.characters[i]);
}

Value TextScorer::meta(std::size_t texts, std::int64_t elapsed_ns, std::int64_t inference_ns) const {
  return Value::map({{"elapsed_ns", elapsed_ns},
                     {"inference_ns", inference_ns},
                     {"batch_size", static_cast<std::int64_t>(texts)},
                     {"model", model_->name()},
                     {"version", model_->identity()}});
}

}  // namespace thalweg::scoring
