#include "scoring/evaluation.h"

#include <algorithm>

namespace thalweg::scoring {

namespace {

using Counts = std::map<std::string, Confusion, std::less<>>;

void merge_into(Counts& counts, const Counts& other) {
  for (const auto& [name, one] : other) counts[name].merge(one);
}

Value to_value(const Counts& counts) {
  std::vector<Entry> all;
  for (const auto& [name, one] : counts) {
    all.push_back({name, Value::map({{"total", one.total()}, {"correct", one.correct()}, {"accuracy", one.accuracy()}})});
  }
  return Value::map(std::move(all));
}

Value to_value(const Histogram& times) {
  if (times.count() == 0) return {};
  const auto at = [&](double share) { return static_cast<std::int64_t>(times.percentile(share)); };
  return Value::map({{"mean_ns", times.mean()},
                     {"p50_ns", at(0.5)},
                     {"p90_ns", at(0.9)},
                     {"p99_ns", at(0.99)},
                     {"most_ns", static_cast<std::int64_t>(times.most())}});
}

}  // namespace

Evaluation::Evaluation(const ScorePlan& plan)
    : names_(plan.columns()), thresholds_(plan.thresholds().begin(), plan.thresholds().end()), labels_(names_.size()) {}

void Evaluation::add(const Sample& sample, const Verdict& verdict, std::span<const double> calibrated) {
  const bool expected = sample.expected_decision == Decision::accept;
  const bool given = verdict.decision == Decision::accept;
  decisions_.add(expected, given);
  categories_[sample.primary_category].add(expected, given);
  if (sample.difficulty) difficulties_[std::string(name(*sample.difficulty))].add(expected, given);
  for (std::size_t i = 0; i < labels_.size(); ++i) {
    const bool wanted = std::ranges::find(sample.expected_labels, names_[i]) != sample.expected_labels.end();
    labels_[i].add(wanted, calibrated[i] >= thresholds_[i]);
  }
}

void Evaluation::add_error(const Error& error) {
  ++errors_;
  ++error_codes_[std::string(info(error.code()).name)];
}

void Evaluation::add_batch(std::size_t texts, std::int64_t elapsed_ns, std::int64_t inference_ns, std::int64_t tokens) {
  inferred_ += static_cast<std::int64_t>(texts);
  tokens_ += tokens;
  most_texts_ = std::max(most_texts_, texts);
  batch_ns_.record(static_cast<std::uint64_t>(std::max<std::int64_t>(elapsed_ns, 0)));
  inference_ns_.record(static_cast<std::uint64_t>(std::max<std::int64_t>(inference_ns, 0)));
}

void Evaluation::merge(const Evaluation& other) {
  decisions_.merge(other.decisions_);
  merge_into(categories_, other.categories_);
  merge_into(difficulties_, other.difficulties_);
  for (std::size_t i = 0; i < labels_.size(); ++i) labels_[i].merge(other.labels_[i]);
  for (const auto& [code, times] : other.error_codes_) error_codes_[code] += times;
  errors_ += other.errors_;
  dropped_ += other.dropped_;
  inferred_ += other.inferred_;
  tokens_ += other.tokens_;
  most_texts_ = std::max(most_texts_, other.most_texts_);
  batch_ns_.merge(other.batch_ns_);
  inference_ns_.merge(other.inference_ns_);
}

Evaluation::Macro Evaluation::macro() const noexcept {
  Macro macro;
  double labels = 0;
  for (const Confusion& one : labels_) {
    if (one.expected() == 0) continue;
    ++labels;
    macro.precision += one.precision();
    macro.recall += one.recall();
  }
  if (labels == 0) return macro;
  macro.precision /= labels;
  macro.recall /= labels;
  const double sum = macro.precision + macro.recall;
  macro.f1 = sum == 0 ? 0 : 2 * macro.precision * macro.recall / sum;
  return macro;
}

Confusion Evaluation::micro() const noexcept {
  Confusion all;
  for (const Confusion& one : labels_) all.merge(one);
  return all;
}

Value Evaluation::to_value() const {
  std::vector<Entry> codes;
  for (const auto& [code, times] : error_codes_) codes.push_back({code, times});
  std::vector<Entry> labels;
  for (std::size_t i = 0; i < labels_.size(); ++i) {
    const Confusion& one = labels_[i];
    labels.push_back({names_[i], Value::map({{"expected_count", one.expected()},
                                             {"detected_count", one.given()},
                                             {"true_positives", one.true_positive},
                                             {"false_positives", one.false_positive},
                                             {"false_negatives", one.false_negative},
                                             {"precision", one.precision()},
                                             {"recall", one.recall()},
                                             {"f1", one.f1()}})});
  }
  const Macro mean = macro();
  return Value::map({{"total", decisions_.total()},
                     {"correct", decisions_.correct()},
                     {"errors", errors_},
                     {"error_codes", Value::map(std::move(codes))},
                     {"dropped", dropped_},
                     {"accuracy", decisions_.accuracy()},
                     {"majority", decisions_.majority()},
                     {"balanced_accuracy", decisions_.balanced_accuracy()},
                     {"matthews", decisions_.matthews()},
                     {"decisions", decisions_.to_value()},
                     {"per_category", scoring::to_value(categories_)},
                     {"per_difficulty", scoring::to_value(difficulties_)},
                     {"per_label", Value::map(std::move(labels))},
                     {"macro", Value::map({{"precision", mean.precision}, {"recall", mean.recall}, {"f1", mean.f1}})},
                     {"micro", micro().to_value()},
                     {"batches", Value::map({{"count", static_cast<std::int64_t>(batch_ns_.count())},
                                             {"texts", inferred_},
                                             {"most_texts", static_cast<std::int64_t>(most_texts_)},
                                             {"tokens", tokens_},
                                             {"elapsed", scoring::to_value(batch_ns_)},
                                             {"inference", scoring::to_value(inference_ns_)}})}});
}

}  // namespace thalweg::scoring
