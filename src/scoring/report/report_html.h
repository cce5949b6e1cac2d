#pragma once
// The page that `thalweg eval report` writes.

#include <string>

#include "thalweg/value.h"

namespace thalweg::scoring {

/// One HTML page that needs nothing else: no network, no script; it reads on light and dark screens and on paper. What the tree
/// does not have is left out of the page, and so is what has another type or is not finite. Texts of others are escaped and,
/// where long, cut.
///
///     title: string                        "basic.yaml on label.samples.json"
///     summary: string                      a sentence below the title
///     about: [{name, value, detail}]       configuration, data, model, machine, with hashes as detail; all texts
///     warnings: [string]
///     decision:
///       true_accept, false_reject, true_reject, false_accept: int     what was expected beside what was decided
///       errors: int                        samples that could not be scored
///       copies: int                        rows that are copies of these texts, which count once
///       accuracy: {value, low, high}       shares from 0 to 1; low and high are an interval, and may be missing everywhere
///       majority: {value, decision}        accuracy of always giving the more frequent decision ("accept")
///       note: string                       how it was measured: "leave-one-out, 95 % intervals by bootstrap"
///     scores: {bins: [{from, to, true_accept, false_reject, true_reject, false_accept}], thresholds: [{value, name}]}
///     risk:
///       target, confidence: double         "at most 5 % of the accepted wrong, 95 % sure"
///       curve: [{threshold, accepted, risk, bound}]     shares; `bound` the upper bound of the risk
///       chosen: {threshold, accepted, risk, bound}      missing when nothing could be promised
///       reason: string                     why not, or how it was chosen
///     groups: [{title, rows: [{name, samples, correct, accuracy: {value, low, high}}]}]     by category, by difficulty
///     labels: [{name, category, present, detected, threshold, precision, recall, f1, auc, average_precision, log_loss,
///              raw_log_loss, base_rate, brier, ece}]   the log-loss of raw scores, and of always saying the label's share
///     label_mean: the same fields for the line below
///     label_note: string                   a sentence below them: what is left out, and why
///     reliability: [{label, ece, present, points: [{predicted, observed, low, high, count}]}]
///     latency: {texts, count, mean_ms, p50_ms, p90_ms, p95_ms, p99_ms, max_ms}      of batches of up to so many texts; without
///                                        `texts` or with 1: of a text
///     throughput: {texts_per_second, seconds, samples}
///     energy: {joules_per_text, joules, source} or a string that says why there is none
///     mistakes: [{id, text, expected, decided, score, threshold, category, labels: [string], reason}]     worst first
///
/// Lists are drawn up to a bound (200 mistakes, 1,000 rows of a table, 400 bins, 400 points of a curve), and the page says what
/// it left out.
[[nodiscard]] std::string report_html(const Value& report);

}  // namespace thalweg::scoring
