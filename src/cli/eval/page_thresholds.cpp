// Thresholds that 'eval threshold' wrote, for a page that decides by them.

#include <algorithm>
#include <filesystem>

#include "cli/eval/page.h"
#include "cli/eval/source.h"
#include "scoring/deciding.h"
#include "scoring/shipped.h"
#include "thalweg/json.h"

namespace thalweg::cli {

namespace {

bool is_share(const Value& value) { return value.is_number() && value.as_number() >= 0 && value.as_number() <= 1; }

Result<> known_label(const std::string& path, std::string_view name, const Results& results) {
  const Value* const labels = results.summary.find("per_label");
  if (labels == nullptr || !labels->is_map()) return {};
  std::vector<std::string> names;
  for (const Entry& entry : labels->entries()) names.emplace_back(entry.key.as_string());
  if (std::ranges::find(names, name) != names.end()) return {};
  const std::string near = nearest(name, names);
  return fail(Code::invalid_argument, "{}: label_thresholds.{}: the run in '{}' has no such label{}", path, name, results.folder,
              near.empty() ? "" : fmt::format("; did you mean '{}'?", near));
}

// What is right for these decisions, or may be: the problem in words, if there is one.
Result<std::string> problem_of(const std::string& path, const Value& value, const Results& results) {
  using Is = scoring::ThresholdFit::Is;
  const std::string taker = fmt::format("the run in '{}'", results.folder);
  const Value* const decided_by = results.summary.find("decided_by");
  if (decided_by == nullptr)
    return fmt::format("{} does not tell what decided its texts; {} is right only where it was chosen from them", taker, path);
  const auto now = scoring::Deciding::from_value(*decided_by);
  if (!now) return std::unexpected(now.error().at(fmt::format("{}/summary.json: decided_by", results.folder)));
  scoring::ThresholdFit fit = TRY(scoring::threshold_fit(path, value, *now, taker));
  if (fit.is == Is::disproved) {
    return fail(Code::failed_precondition,
                "{}; what it proves does not hold here. Choose one from this run ('thalweg eval threshold {}')", fit.problem,
                results.folder);
  }
  return std::move(fit.problem);
}

}  // namespace

Result<> ChosenThresholds::add(const std::string& path, const Results& results) {
  const std::string text = TRY(as_usage(scoring::read_named_file(path)));
  const auto told = parse_json(text);
  if (!told) return std::unexpected(told.error().at(path));
  const std::string name = std::filesystem::path(path).filename().string();
  const Value* const one = told->find("threshold");
  const Value* const all = told->find("label_thresholds");
  if (one != nullptr && one->is_number()) {
    if (!is_share(*one)) return fail(Code::invalid_argument, "{}: threshold: it is a number from 0 to 1", path);
    if (overall)
      return fail(Code::invalid_argument, "{} and {} both have a threshold of the overall score; name one of them", overall_from_,
                  path);
    overall = one->as_number();
    overall_from_ = name;
  } else if (all != nullptr && all->is_map()) {
    for (const Entry& entry : all->entries()) {
      const std::string_view label = entry.key.as_string();
      TRY(known_label(path, label, results));
      if (!is_share(entry.value))
        return fail(Code::invalid_argument, "{}: label_thresholds.{}: a threshold is a number from 0 to 1", path, label);
      labels.insert_or_assign(std::string(label), entry.value.as_number());
    }
    labels_from_ += labels_from_.empty() ? name : " and " + name;
  } else {
    return fail(Code::invalid_argument, "'{}' holds no thresholds; 'thalweg eval threshold -o FILE' writes them", path);
  }
  std::string problem = TRY(problem_of(path, *told, results));
  if (!problem.empty()) warnings.push_back(std::move(problem));
  return {};
}

// Whether they were chosen on these texts no file tells.
std::string ChosenThresholds::told() const {
  std::string what;
  if (overall) what = fmt::format("Decided by the threshold of {}", overall_from_);
  if (!labels.empty())
    what += fmt::format("{} of {}", what.empty() ? "Labels are detected by the thresholds" : ", labels detected by those",
                        labels_from_);
  return what.empty() ? "" : what + ", not by the run's own; this flatters where they were chosen on these texts. ";
}

}  // namespace thalweg::cli
