#include "scoring/evaluation.h"

#include <algorithm>

namespace thalweg::scoring {

namespace {

Value number(std::uint64_t count) { return Value(static_cast<std::int64_t>(count)); }
Value number(const std::optional<double>& figure) { return figure ? Value(*figure) : Value(); }
std::uint64_t correct(const Confusion& of) noexcept { return of.true_positives + of.true_negatives; }
std::uint64_t expected(const Confusion& of) noexcept { return of.true_positives + of.false_negatives; }

Value to_value(const Confusion& of) {
  return Value::map({{"true_positives", number(of.true_positives)},
                     {"false_positives", number(of.false_positives)},
                     {"false_negatives", number(of.false_negatives)},
                     {"true_negatives", number(of.true_negatives)},
                     {"precision", number(of.precision())},
                     {"recall", number(of.recall())},
                     {"f1", number(of.f1())}});
}

// The mean of what each label says, where it says something.
template <class Figure>
std::optional<double> mean_of(const std::vector<calibration::BinnedScores>& labels, Figure figure) {
  double sum = 0;
  double count = 0;
  for (const calibration::BinnedScores& label : labels) {
    if (const std::optional<double> one = figure(label)) {
      sum += *one;
      ++count;
    }
  }
  if (count == 0) return std::nullopt;
  return sum / count;
}

using Counts = std::map<std::string, Confusion, std::less<>>;

Value to_value(const Counts& counts) {
  std::vector<Entry> all;
  for (const auto& [name, one] : counts) {
    all.push_back(
        {name,
         Value::map({{"total", number(one.rows())}, {"correct", number(correct(one))}, {"accuracy", number(one.accuracy())}})});
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
    : names_(plan.columns()),
      thresholds_(plan.thresholds().begin(), plan.thresholds().end()),
      labels_(names_.size()),
      calibrated_(names_.size()) {}

void Evaluation::add(const Sample& sample, const Verdict& verdict, std::span<const double> calibrated) {
  const bool wanted = sample.expected_decision == Decision::accept;
  const bool given = verdict.decision == Decision::accept;
  decisions_.add(given, wanted);
  categories_[sample.primary_category].add(given, wanted);
  if (sample.difficulty) difficulties_[std::string(name(*sample.difficulty))].add(given, wanted);
  for (std::size_t i = 0; i < labels_.size(); ++i) {
    const bool present = std::ranges::find(sample.expected_labels, names_[i]) != sample.expected_labels.end();
    labels_[i].add(calibrated[i] >= thresholds_[i], present);
    calibrated_[i].add(calibrated[i], present);
  }
}

void Evaluation::add(const Sample& sample, const ScoreResult& result) {
  for (const CategoryScore& category : result.categories) {
    for (const LabelScore& label : category.labels) {
      if (std::ranges::find(names_, label.name) == names_.end()) add_column(label);
    }
  }
  for (const std::string& label : sample.expected_labels) {
    if (std::ranges::find(names_, label) == names_.end()) ++unmet_[label];
  }
  std::vector<double> calibrated;
  for (const std::string& name : names_) {
    const LabelScore* label = result.label(name);
    calibrated.push_back(label == nullptr ? 0 : label->calibrated);
  }
  add(sample, {.decision = result.decision, .score = result.score}, calibrated);
}

void Evaluation::add_column(const LabelScore& label) {
  names_.push_back(label.name);
  thresholds_.push_back(label.threshold);
  Confusion& counts = labels_.emplace_back();
  calibration::BinnedScores& scores = calibrated_.emplace_back();
  const auto unmet = unmet_.extract(label.name);
  const std::size_t expected = unmet.empty() ? 0 : unmet.mapped();
  for (std::uint64_t row = 0; row < decisions_.rows(); ++row) {
    counts.add(label.threshold <= 0, row < expected);
    scores.add(0, row < expected);
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

std::optional<Evaluation::Macro> Evaluation::macro() const noexcept {
  Macro macro;
  double labels = 0;
  for (const Confusion& one : labels_) {
    if (expected(one) == 0) continue;
    ++labels;
    macro.precision += one.precision().value_or(0);
    macro.recall += one.recall().value_or(0);
  }
  if (labels == 0) return std::nullopt;
  macro.precision /= labels;
  macro.recall /= labels;
  const double sum = macro.precision + macro.recall;
  macro.f1 = sum == 0 ? 0 : 2 * macro.precision * macro.recall / sum;
  return macro;
}

Confusion Evaluation::micro() const noexcept {
  Confusion all;
  for (const Confusion& one : labels_) all += one;
  return all;
}

std::optional<double> Evaluation::mean_auc() const {
  return mean_of(calibrated_, [](const calibration::BinnedScores& label) { return label.roc_auc(); });
}

std::optional<double> Evaluation::mean_log_loss() const {
  return mean_of(calibrated_, [](const calibration::BinnedScores& label) { return label.mean_log_loss(); });
}

Value Evaluation::to_value() const {
  std::vector<Entry> codes;
  for (const auto& [code, times] : error_codes_) codes.push_back({code, times});
  std::vector<Entry> labels;
  for (std::size_t i = 0; i < labels_.size(); ++i) {
    const Confusion& one = labels_[i];
    const calibration::BinnedScores& scores = calibrated_[i];
    std::vector<Value> points;
    for (const calibration::ReliabilityBin& bin : scores.reliability())
      points.push_back(Value::map({{"predicted", bin.predicted}, {"observed", bin.present}, {"count", number(bin.rows)}}));
    labels.push_back(
        {names_[i], Value::map({{"expected_count", number(expected(one))},
                                {"detected_count", number(one.true_positives + one.false_positives)},
                                {"true_positives", number(one.true_positives)},
                                {"false_positives", number(one.false_positives)},
                                {"false_negatives", number(one.false_negatives)},
                                {"precision", number(one.precision())},
                                {"recall", number(one.recall())},
                                {"f1", number(one.f1())},
                                {"auc", number(scores.roc_auc())},
                                {"average_precision", number(scores.average_precision())},
                                {"log_loss", number(scores.mean_log_loss())},
                                {"brier", number(scores.brier())},
                                {"ece", scores.rows() == 0 ? Value() : Value(calibration::ece(scores.reliability()))},
                                {"threshold", thresholds_[i]},
                                {"reliability", Value::list(std::move(points))}})});
  }
  const std::optional<Macro> mean = macro();
  const auto of_mean = [&](double Macro::* figure) { return mean ? Value((*mean).*figure) : Value(); };
  return Value::map({{"total", number(decisions_.rows())},
                     {"correct", number(correct(decisions_))},
                     {"errors", errors_},
                     {"error_codes", Value::map(std::move(codes))},
                     {"dropped", dropped_},
                     {"accuracy", number(decisions_.accuracy())},
                     {"majority", number(decisions_.majority())},
                     {"balanced_accuracy", number(decisions_.balanced_accuracy())},
                     {"mcc", number(decisions_.mcc())},
                     {"decisions", scoring::to_value(decisions_)},
                     {"per_category", scoring::to_value(categories_)},
                     {"per_difficulty", scoring::to_value(difficulties_)},
                     {"per_label", Value::map(std::move(labels))},
                     {"macro", Value::map({{"precision", of_mean(&Macro::precision)},
                                           {"recall", of_mean(&Macro::recall)},
                                           {"f1", of_mean(&Macro::f1)}})},
                     {"micro", scoring::to_value(micro())},
                     {"mean_auc", number(mean_auc())},
                     {"mean_log_loss", number(mean_log_loss())},
                     {"batches", Value::map({{"count", static_cast<std::int64_t>(batch_ns_.count())},
                                             {"texts", inferred_},
                                             {"most_texts", static_cast<std::int64_t>(most_texts_)},
                                             {"tokens", tokens_},
                                             {"elapsed", scoring::to_value(batch_ns_)},
                                             {"inference", scoring::to_value(inference_ns_)}})}});
}

}  // namespace thalweg::scoring
