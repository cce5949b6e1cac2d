#include "cli/eval/result_row.h"

#include "cli/eval/source.h"
#include "scoring/digest.h"

namespace thalweg::cli {

namespace {
constexpr std::size_t kLongestText = 500;  // characters of a text
}

Value result_row(const scoring::Outcome& outcome, const scoring::ScorePlan& plan, bool fitted_on) {
  const scoring::Sample& sample = outcome.sample;
  std::vector<Entry> row{{"id", sample.id},
                         {"text", beginning_of(sample.text, kLongestText)},
                         {"text_hash", scoring::digest({&sample.text, 1})},
                         {"primary_category", sample.primary_category},
                         {"expected_decision", scoring::name(sample.expected_decision)}};
  if (sample.difficulty) row.push_back({"difficulty", scoring::name(*sample.difficulty)});
  row.push_back(
      {"expected_labels", Value::list(std::vector<Value>(sample.expected_labels.begin(), sample.expected_labels.end()))});
  if (fitted_on) row.push_back({"fitted_on", true});
  if (outcome.error != nullptr) {
    row.push_back({"error", Value::map({{"code", info(outcome.error->code()).name}, {"message", outcome.error->text()}})});
    return Value::map(std::move(row));
  }
  const scoring::ScoreResult result = plan.result(outcome.raw, outcome.characters);
  std::vector<Value> detected;
  for (const std::string& label : result.detected_labels()) detected.emplace_back(label);
  std::vector<Entry> calibrated;
  for (std::size_t i = 0; i < plan.columns().size(); ++i) calibrated.push_back({plan.columns()[i], outcome.calibrated[i]});
  row.push_back({"actual_decision", scoring::name(result.decision)});
  row.push_back({"correct", result.decision == sample.expected_decision});
  row.push_back({"score", result.score});
  row.push_back({"threshold", plan.least_score(outcome.characters)});
  row.push_back({"rule", scoring::name(result.reason.rule)});
  row.push_back({"reason", result.reason.text()});
  row.push_back({"detected_labels", Value::list(std::move(detected))});
  row.push_back({"labels", Value::map(std::move(calibrated))});
  return Value::map(std::move(row));
}

}  // namespace thalweg::cli
