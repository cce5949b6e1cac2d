#include "library/metrics.h"

namespace thalweg::scoring {

Metrics metrics_of(const Evaluation& evaluation) {
  Metrics out;
  const Confusion& decisions = evaluation.decisions();
  out.total = decisions.rows();
  out.correct = decisions.true_positives + decisions.true_negatives;
  out.errors = static_cast<std::size_t>(evaluation.errors());
  out.dropped = static_cast<std::size_t>(evaluation.dropped());
  out.accuracy = decisions.accuracy();
  out.majority = decisions.majority();
  for (const auto& [name, counts] : evaluation.categories())
    out.per_category.emplace(name,
                             Metrics::Count{.total = counts.rows(), .correct = counts.true_positives + counts.true_negatives});
  for (std::size_t i = 0; i < evaluation.label_names().size(); ++i) {
    const Confusion& counts = evaluation.labels()[i];
    out.per_label.emplace(evaluation.label_names()[i],
                          Metrics::Detection{.expected = counts.true_positives + counts.false_negatives,
                                             .detected = counts.true_positives + counts.false_positives,
                                             .true_positives = counts.true_positives,
                                             .false_positives = counts.false_positives,
                                             .false_negatives = counts.false_negatives,
                                             .precision = counts.precision(),
                                             .recall = counts.recall(),
                                             .f1 = counts.f1()});
  }
  if (const auto macro = evaluation.macro()) {
    out.precision = macro->precision;
    out.recall = macro->recall;
    out.f1 = macro->f1;
  }
  out.details = evaluation.to_value();
  return out;
}

}  // namespace thalweg::scoring
