#include "cli/eval/page_labels.h"

#include <cmath>

#include "calibration/binomial.h"

namespace thalweg::cli {

namespace {

Value count(std::uint64_t n) { return Value(static_cast<std::int64_t>(n)); }
Value number(const std::optional<double>& figure) { return figure ? Value(*figure) : Value(); }

}  // namespace

std::vector<Entry> label_figures(const std::string& name, const LabelColumn& column, Ranks ranks) {
  const calibration::Sample sample = column.sample();
  const auto bins = calibration::reliability(sample);
  return {{"name", name},
          {"present", count(sample.positives())},
          {"auc", ranks == Ranks::apart ? Value() : number(calibration::roc_auc(sample))},
          {"average_precision", ranks == Ranks::apart ? Value() : number(calibration::average_precision(sample))},
          {"log_loss", calibration::mean_log_loss(sample)},
          {"brier", calibration::brier(sample)},
          {"ece", calibration::ece(bins)}};
}

Value reliability_diagram(const std::string& name, std::span<const calibration::ReliabilityBin> bins, std::size_t present) {
  std::vector<Value> points;
  for (const calibration::ReliabilityBin& bin : bins) {
    const auto there = static_cast<std::uint64_t>(std::llround(bin.present * static_cast<double>(bin.rows)));
    const auto interval = calibration::clopper_pearson(there, bin.rows);
    points.push_back(Value::map({{"predicted", bin.predicted},
                                 {"observed", bin.present},
                                 {"low", interval.low},
                                 {"high", interval.high},
                                 {"count", count(bin.rows)}}));
  }
  return Value::map({{"label", name},
                     {"ece", calibration::ece(bins)},
                     {"present", count(present)},
                     {"points", Value::list(std::move(points))}});
}

Value reliability_diagrams(const std::map<std::string, LabelColumn>& labels) {
  LabelColumn all;
  for (const auto& [name, label] : labels) {
    all.calibrated.insert(all.calibrated.end(), label.calibrated.begin(), label.calibrated.end());
    all.present.insert(all.present.end(), label.present.begin(), label.present.end());
  }
  if (all.calibrated.empty()) return Value::list();
  const auto diagram = [](const std::string& name, const LabelColumn& column) {
    return reliability_diagram(name, calibration::reliability(column.sample()), column.sample().positives());
  };
  std::vector<Value> out{diagram("all labels", all)};
  for (const auto& [name, label] : labels) {
    if (label.sample().positives() >= kFewest) out.push_back(diagram(name, label));
  }
  return Value::list(std::move(out));
}

}  // namespace thalweg::cli
