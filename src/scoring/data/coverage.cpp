#include "scoring/data/coverage.h"

#include <algorithm>

#include "scoring/score_plan.h"

namespace thalweg::scoring {

namespace {
Value number(std::uint64_t count) { return Value(static_cast<std::int64_t>(count)); }

void count(Coverage::Decisions& decisions, Decision decision) {
  ++(decision == Decision::accept ? decisions.accepts : decisions.rejects);
}

std::vector<std::string> missing(const std::unordered_set<std::string>& known,
                                 const std::map<std::string, Coverage::Decisions>& met) {
  std::vector<std::string> names;
  for (const std::string& name : known) {
    if (!met.contains(name)) names.push_back(name);
  }
  std::ranges::sort(names);
  return names;
}

Value table(const std::map<std::string, Coverage::Decisions>& counts, std::size_t target) {
  Value rows = Value::map();
  for (const auto& [name, decisions] : counts) {
    rows = std::move(rows).set(Value(name), Value::map({{"total", number(decisions.total())},
                                                        {"accept", number(decisions.accepts)},
                                                        {"reject", number(decisions.rejects)},
                                                        {"target", number(target)},
                                                        {"met", Value(decisions.total() >= target)}}));
  }
  return rows;
}

Value names(const std::vector<std::string>& texts) { return Value::list(std::vector<Value>(texts.begin(), texts.end())); }

Value unknown(const std::unordered_set<std::string>* known, const std::map<std::string, Coverage::Decisions>& met) {
  std::vector<std::string> texts;
  for (const auto& [name, decisions] : met) {
    if (known != nullptr && !known->contains(name)) texts.push_back(name);
  }
  return names(texts);
}

template <class Counts>
Value counts_value(const Counts& counts) {
  Value rows = Value::map();
  for (const auto& [key, times] : counts) rows = std::move(rows).set(Value(fmt::format("{}", key)), number(times));
  return rows;
}
}  // namespace

void Coverage::add(const Sample& sample) {
  const bool accepted = sample.expected_decision == Decision::accept;
  count(all_, sample.expected_decision);
  count(categories_[sample.primary_category], sample.expected_decision);
  for (const std::string& label : sample.expected_labels) count(labels_[label], sample.expected_decision);
  ++labels_per_sample_[sample.expected_labels.size()];
  ++difficulty_[sample.difficulty ? std::string(name(*sample.difficulty)) : "untold"];
  lengths_.record(characters_of(sample.text));
  if (!sample.context.empty()) ++contexts_;
  if (is_blank(sample.text)) ++blank_;
  if (const auto first = texts_.meet(sample.text, sample.row, accepted)) ++(first->second == accepted ? duplicates_ : conflicts_);
}

std::vector<std::string> Coverage::missing_categories() const {
  return known_ == nullptr ? std::vector<std::string>() : missing(known_->categories, categories_);
}

std::vector<std::string> Coverage::missing_labels() const {
  return known_ == nullptr ? std::vector<std::string>() : missing(known_->labels, labels_);
}

Value Coverage::to_value() const {
  const std::size_t total = all_.total();
  const auto most = static_cast<double>(std::max(all_.accepts, all_.rejects));
  return Value::map({
      {"total", number(total)},
      {"accept", number(all_.accepts)},
      {"reject", number(all_.rejects)},
      {"majority", Value(total == 0 ? 0.0 : most / static_cast<double>(total))},
      {"categories", table(categories_, targets_.per_category)},
      {"labels", table(labels_, targets_.per_label)},
      {"missing", Value::map({{"categories", names(missing_categories())}, {"labels", names(missing_labels())}})},
      {"unknown", Value::map({{"categories", unknown(known_ == nullptr ? nullptr : &known_->categories, categories_)},
                              {"labels", unknown(known_ == nullptr ? nullptr : &known_->labels, labels_)}})},
      {"labels_per_sample", counts_value(labels_per_sample_)},
      {"difficulty", counts_value(difficulty_)},
      {"length", Value::map({{"least", number(lengths_.least())},
                             {"mean", Value(lengths_.mean())},
                             {"median", number(lengths_.percentile(0.5))},
                             {"p90", number(lengths_.percentile(0.9))},
                             {"most", number(lengths_.most())}})},
      {"with_context", number(contexts_)},
      {"blank", number(blank_)},
      {"duplicate_texts", number(duplicates_)},
      {"conflicting_texts", number(conflicts_)},
  });
}

}  // namespace thalweg::scoring
