#include "scoring/data/dataset_check.h"

#include <algorithm>

#include "base/error.h"
#include "base/utf8.h"
#include "scoring/score_plan.h"

namespace thalweg::scoring {

namespace {
std::string unknown(std::string_view what, std::string_view name, const std::unordered_set<std::string>& known) {
  const std::string near = nearest(name, known);
  return fmt::format("the configuration has no {} \"{}\"{}", what, utf8::cut(name),
                     near.empty() ? "" : fmt::format("; did you mean \"{}\"?", near));
}

// Scores of labels that are not known are nobody's loss: they may be of a larger configuration.
std::string missing_scores(const Sample& sample, const std::unordered_set<std::string>& labels) {
  const auto known = std::ranges::count_if(sample.scores, [&](const auto& score) { return labels.contains(score.first); });
  const std::size_t missing = labels.size() - static_cast<std::size_t>(known);
  if (missing == 0) return {};
  if (sample.scores.empty()) return "it brings no raw scores";
  std::string first;
  std::vector<std::string> there;
  for (const auto& [label, score] : sample.scores) there.push_back(label);
  for (const std::string& label : labels) {
    if (std::ranges::find(there, label) == there.end() && (first.empty() || label < first)) first = label;
  }
  const std::string near = nearest(first, there);
  return fmt::format("there is no raw score of the label \"{}\"{}; {}", utf8::cut(first),
                     missing == 1 ? "" : fmt::format(" and {} more", missing - 1),
                     near.empty() ? "the scores are of another configuration" : fmt::format("\"{}\" is meant?", near));
}
}  // namespace

KnownNames known_names(const ScoreConfig& config) {
  KnownNames names;
  for (const CategoryConfig& category : config.categories) names.categories.insert(category.name);
  for (const LabelConfig* label : config.labels()) names.labels.insert(label->name);
  return names;
}

bool DatasetCheck::add(const Sample& sample, const std::string& place, Problems& problems) {
  bool good = true;
  const auto tell = [&](ProblemKind kind, std::string message) {
    good = good && is_warning(kind);
    problems.add({kind, place, sample.row, sample.line, utf8::cut(sample.id), std::move(message)});
  };
  const bool accepted = sample.expected_decision == Decision::accept;
  if (const auto first = ids_.meet(sample.id, sample.row, accepted)) {
    tell(ProblemKind::duplicate_id, fmt::format("the id stands at row {} already (counted from 1)", first->first + 1));
  }
  if (is_blank(sample.text)) {
    tell(ProblemKind::blank_text, "the text is blank");
  } else if (const auto first = texts_.meet(sample.text, sample.row, accepted)) {
    const bool same = first->second == accepted;
    tell(same ? ProblemKind::duplicate_text : ProblemKind::conflicting_texts,
         fmt::format(
             "the same text stands at row {} (counted from 1){}", first->first + 1,
             same ? ""
                  : fmt::format(", where {} is expected, not {}", name(first->second ? Decision::accept : Decision::reject),
                                name(sample.expected_decision))));
  }
  if (sample.expected_labels.empty()) tell(ProblemKind::no_labels, "no label is expected");
  if (known_ == nullptr) return good;
  if (!known_->categories.contains(sample.primary_category))
    tell(ProblemKind::unknown_category, unknown("category", sample.primary_category, known_->categories));
  for (const std::string& label : sample.expected_labels) {
    if (!known_->labels.contains(label)) tell(ProblemKind::unknown_label, unknown("label", label, known_->labels));
  }
  if (scores_wanted_) {
    if (std::string message = missing_scores(sample, known_->labels); !message.empty())
      tell(ProblemKind::bad_score, std::move(message));
  }
  return good;
}

}  // namespace thalweg::scoring
