#include "cli/eval/train_decisions.h"

#include <algorithm>
#include <filesystem>
#include <numeric>

#include "calibration/combiner.h"
#include "calibration/folds.h"
#include "calibration/logit.h"
#include "cli/eval/result_row.h"
#include "cli/eval/results_writer.h"
#include "scoring/score_plan.h"

namespace thalweg::cli {

namespace {

scoring::Sample sample_of(const scoring::ScoredSample& scored) {
  scoring::Sample sample;
  sample.id = scored.id;
  sample.text = scored.text;
  sample.expected_decision = *scored.expected_decision;
  sample.expected_labels = scored.expected_labels;
  sample.primary_category = scored.primary_category;
  sample.difficulty = scored.difficulty;
  return sample;
}

}  // namespace

TrainDecisions::TrainDecisions(scoring::ScoreConfig rule, const TrainingScores& scores, bool combine, std::uint64_t seed)
    : rule_(std::move(rule)),
      scores_(scores),
      accepted_(scores.accepted()),
      combine_(combine),
      seed_(seed),
      rows_(scores.samples.size()) {}

scoring::ScoreConfig TrainDecisions::combining(const TrainingScores& scores) {
  scoring::ScoreConfig rule;
  scoring::CategoryConfig all{.name = "labels", .top_k = 1, .labels = {}};
  for (const std::string& label : scores.labels) {
    scoring::LabelConfig one;
    one.name = label;
    all.labels.push_back(std::move(one));
  }
  rule.categories.push_back(std::move(all));
  return rule;
}

Result<scoring::CombinerConfig> TrainDecisions::combiner_of(std::span<const calibration::Calibrator> calibrators,
                                                            std::span<const std::size_t> rows, std::size_t minimum) const {
  const std::size_t width = calibrators.size();
  std::vector<double> features;
  features.reserve(rows.size() * width);
  for (const std::size_t row : rows) {
    for (std::size_t i = 0; i < width; ++i) features.push_back(calibration::logit(calibrators[i].apply(scores_.raw[i][row])));
  }
  const auto good = calibration::pick(std::span<const std::uint8_t>(accepted_), rows);
  const auto groups = calibration::pick(std::span(scores_.groups), rows);
  const auto fit = TRY(calibration::fit_combiner({.width = width, .features = features, .good = good, .groups = groups},
                                                 {.seed = seed_, .minimum = minimum}));
  scoring::CombinerConfig combiner{.threshold = 0.5, .bias = fit.combiner.intercept, .weights = {}};
  for (std::size_t i = 0; i < width; ++i) combiner.weights.emplace_back(scores_.labels[i], fit.combiner.weights[i]);
  return combiner;
}

Result<scoring::CombinerConfig> TrainDecisions::fit_all(std::span<const calibration::Calibrator> calibrators) {
  std::vector<std::size_t> all(accepted_.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  return combiner_of(calibrators, all, 5);
}

scoring::Deciding TrainDecisions::decided_by(std::span<const calibration::Calibrator> calibrators,
                                             const std::optional<scoring::CombinerConfig>& combiner) const {
  scoring::ScoreConfig fitted = rule_;
  scoring::calibrate_labels(fitted, calibrators);
  if (combine_) fitted.combiner = combiner;
  return scoring::deciding_of(fitted, scores_.model);
}

Result<> TrainDecisions::hold_out(std::span<const calibration::Fit> fits, std::span<const std::size_t> inside,
                                  std::span<const std::size_t> outside) {
  std::vector<calibration::Calibrator> calibrators;
  for (const calibration::Fit& fit : fits) calibrators.push_back(fit.calibrator);
  scoring::calibrate_labels(rule_, calibrators);
  if (combine_) rule_.combiner = TRY(combiner_of(calibrators, outside, 2));
  const scoring::ScorePlan plan(rule_);
  const std::size_t width = calibrators.size();
  std::vector<double> raw, calibrated(inside.size() * width);
  std::vector<std::size_t> characters;
  for (const std::size_t row : inside) {
    for (std::size_t i = 0; i < width; ++i) raw.push_back(scores_.raw[i][row]);
    characters.push_back(scoring::characters_of(scores_.samples[row].text));
  }
  std::vector<scoring::Verdict> verdicts(inside.size());
  plan.decide(raw, characters, verdicts, calibrated);
  const scoring::BatchDone batch{};  // none: nothing was asked of a model
  for (std::size_t i = 0; i < inside.size(); ++i) {
    const scoring::Sample sample = sample_of(scores_.samples[inside[i]]);
    const scoring::Outcome outcome{.sample = sample,
                                   .raw = std::span(raw).subspan(i * width, width),
                                   .calibrated = std::span(calibrated).subspan(i * width, width),
                                   .verdict = verdicts[i],
                                   .characters = characters[i],
                                   .error = nullptr,
                                   .kept = false,
                                   .batch = batch};
    held_out_.add(verdicts[i].decision == scoring::Decision::accept, accepted_[inside[i]] != 0);
    rows_[inside[i]] = result_row(outcome, plan, false);
  }
  return {};
}

Result<> TrainDecisions::write(const std::string& folder, Value head) const {
  namespace fs = std::filesystem;
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) return std::unexpected(system_error(error.value(), fmt::format("make the folder '{}'", folder)));
  const auto results = TRY(ResultsWriter::open(folder));
  for (const Value& row : rows_) TRY(results->write(row));
  std::vector<Entry> categories;
  for (const scoring::CategoryConfig& category : rule_.categories) {
    std::vector<Entry> labels;
    for (const scoring::LabelConfig& label : category.labels) labels.push_back({label.name, Value::map({{"veto", label.veto}})});
    categories.push_back({category.name, Value::map({{"labels", Value::map(std::move(labels))}})});
  }
  Value score = Value::map({{"threshold", rule_.threshold},
                            {"modifiers", Value::map({{"short_text_delta", rule_.modifiers.short_text_delta},
                                                      {"long_text_delta", rule_.modifiers.long_text_delta}})},
                            {"categories", Value::map(std::move(categories))}});
  if (rule_.combiner) score = std::move(score).set("combiner", Value::map({{"threshold", rule_.combiner->threshold}}));
  const Value settings = Value::map({{"layers", Value::map({{"score", std::move(score)}})}});
  std::vector<Entry> thresholds;
  for (const scoring::LabelConfig* label : rule_.labels())
    thresholds.push_back({label->name, Value::map({{"threshold", label->threshold}})});
  head = std::move(head).set(
      "configuration",
      Value::map({{"path", "held out by folds: each text decided by fits without it"}, {"hash", ""}, {"settings", settings}}));
  head = std::move(head).set("held_out", true);
  head = std::move(head).set("per_label", Value::map(std::move(thresholds)));
  TRY(results->commit(std::move(head)));
  return {};
}

}  // namespace thalweg::cli
