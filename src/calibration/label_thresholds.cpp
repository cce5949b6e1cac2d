#include "calibration/label_thresholds.h"

#include <algorithm>
#include <functional>
#include <numeric>

namespace thalweg::calibration {
namespace {

// Half of the greatest F1 that a threshold can be expected to have, if the probabilities hold.
double best_threshold(std::vector<double> p) {
  std::ranges::sort(p, std::greater<>());
  const double present = std::accumulate(p.begin(), p.end(), 0.0);
  double most = 0, hits = 0;
  for (std::size_t i = 0; i < p.size(); ++i) {
    hits += p[i];
    most = std::max(most, 2 * hits / (static_cast<double>(i + 1) + present));
  }
  return present > 0 ? most / 2 : 0.5;
}

std::vector<double> choose(std::span<const Sample> labels, std::span<const std::size_t> rows) {
  std::vector<double> out;
  for (const Sample& label : labels) out.push_back(best_threshold(pick(label.raw, rows)));
  return out;
}

Detection detection_of(std::span<const Confusion> counts) {
  Confusion all;
  double precision = 0, recall = 0, present = 0;
  for (const Confusion& one : counts) {
    all += one;
    if (one.true_positives + one.false_negatives == 0) continue;
    precision += one.precision().value_or(0);
    recall += one.recall().value_or(0);
    ++present;
  }
  const double sum = precision + recall;
  return {.micro_f1 = all.f1().value_or(0), .macro_f1 = sum == 0 ? 0 : 2 * precision * recall / sum / present};
}

}  // namespace

Result<LabelThresholds> choose_label_thresholds(std::span<const Sample> labels, const Folds& folds) {
  if (labels.empty()) return fail(Code::invalid_argument, "there is no label");
  std::size_t positives = 0;
  for (const Sample& label : labels) {
    TRY(check(label));
    if (label.size() != folds.rows()) return fail(Code::invalid_argument, "folds of {} rows for {}", folds.rows(), label.size());
    positives += label.positives();
  }
  if (positives == 0) return fail(Code::failed_precondition, "no row has a label: no threshold can be chosen");
  std::vector<Confusion> counts(labels.size());
  for (std::size_t fold = 0; fold < folds.count(); ++fold) {
    const auto chosen = choose(labels, folds.outside(fold));
    for (const std::size_t row : folds.inside(fold)) {
      for (std::size_t i = 0; i < labels.size(); ++i) counts[i].add(labels[i].raw[row] >= chosen[i], labels[i].present[row] != 0);
    }
  }
  std::vector<std::size_t> all(folds.rows());
  std::iota(all.begin(), all.end(), std::size_t{0});
  return LabelThresholds{.values = choose(labels, all), .held_out = detection_of(counts)};
}

Detection detection(std::span<const Sample> labels, std::span<const double> thresholds) {
  std::vector<Confusion> counts;
  for (std::size_t i = 0; i < labels.size(); ++i) counts.push_back(confusion(labels[i], thresholds[i]));
  return detection_of(counts);
}

}  // namespace thalweg::calibration
