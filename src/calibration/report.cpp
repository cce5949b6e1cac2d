#include "calibration/report.h"

#include <algorithm>
#include <cmath>

#include "calibration/folds.h"
#include "calibration/logit.h"
#include "calibration/shrinkage.h"

namespace thalweg::calibration {
namespace {

using Column = std::vector<double>;

// The fits of all labels on some rows.
class Fitter {
 public:
  Fitter(std::span<const LabelData> labels, const ReportOptions& options) : labels_(labels), options_(options) {}

  // Fits on all rows, and remembers which labels could be fitted.
  Result<std::vector<Fit>> whole(std::vector<LabelReport>& reports) {
    fitted_.assign(labels_.size(), true);
    if (options_.shrink) {
      TRY(choose_shrunk(reports));
      return shrunk(samples_of({}));
    }
    std::vector<Fit> out(labels_.size());
    for (std::size_t i = 0; i < labels_.size(); ++i) {
      auto found = fit(options_.method, labels_[i].sample, options_.fit);
      if (found) {
        out[i] = *std::move(found);
      } else if (found.error().code() == Code::failed_precondition) {
        fitted_[i] = false;
        reports[i].skipped = found.error().message();
      } else {
        return std::unexpected(found.error().at(labels_[i].name));
      }
    }
    return out;
  }

  Result<std::vector<Fit>> part(std::span<const std::size_t> rows) {
    const auto samples = samples_of(rows);
    if (options_.shrink) return shrunk(samples);
    FitOptions any = options_.fit;
    any.minimum = 0;
    std::vector<Fit> out(labels_.size());
    for (std::size_t i = 0; i < labels_.size(); ++i) {
      if (!fitted_[i]) continue;
      auto found = fit(options_.method, samples[i], any);
      if (!found) return std::unexpected(found.error().at(fmt::format("{}, on part of the rows", labels_[i].name)));
      out[i] = *std::move(found);
    }
    return out;
  }

 private:
  // What a label lacks it has from the others, if these have enough.
  Result<> choose_shrunk(std::vector<LabelReport>& reports) {
    std::size_t positives = 0, negatives = 0;
    for (const LabelData& label : labels_) {
      positives += label.sample.positives();
      negatives += label.sample.negatives();
    }
    const std::size_t least = options_.fit.minimum;
    if (std::min(positives, negatives) < least) {
      return fail(Code::failed_precondition,
                  "too thin to fit: over all labels, {} rows have a label and {} have it not, and at least {} of each are needed",
                  positives, negatives, least);
    }
    for (std::size_t i = 0; i < labels_.size(); ++i) {
      const std::size_t with = labels_[i].sample.positives(), without = labels_[i].sample.negatives();
      if (std::min(with, without) > 0 || std::min(positives - with, negatives - without) >= least) continue;
      fitted_[i] = false;
      reports[i].skipped =
          fmt::format("present in {} rows and absent in {}, and the other labels have too few rows to hold it up", with, without);
    }
    if (std::ranges::find(fitted_, true) == fitted_.end())
      return fail(Code::failed_precondition, "too thin to fit: every label is present in all rows or in none");
    return {};
  }

  Result<std::vector<Fit>> shrunk(const std::vector<Sample>& samples) {
    std::vector<Sample> chosen;
    for (std::size_t i = 0; i < samples.size(); ++i) {
      if (fitted_[i]) chosen.push_back(samples[i]);
    }
    std::vector<Fit> fits = std::move(TRY(fit_shrunk(chosen, {.form = options_.method})).labels);
    std::vector<Fit> out(samples.size());
    for (std::size_t i = 0, next = 0; i < samples.size(); ++i) {
      if (fitted_[i]) out[i] = std::move(fits[next++]);
    }
    return out;
  }

  // The labels' samples of `rows`, of all where there are none; valid until the next call.
  std::vector<Sample> samples_of(std::span<const std::size_t> rows) {
    std::vector<Sample> out;
    raw_.resize(labels_.size());
    present_.resize(labels_.size());
    for (std::size_t i = 0; i < labels_.size(); ++i) {
      if (rows.empty()) {
        out.push_back(labels_[i].sample);
        continue;
      }
      raw_[i] = pick(labels_[i].sample.raw, rows);
      present_[i] = pick(labels_[i].sample.present, rows);
      out.push_back({raw_[i], present_[i]});
    }
    return out;
  }

  std::span<const LabelData> labels_;
  const ReportOptions& options_;
  std::vector<bool> fitted_;
  std::vector<Column> raw_;
  std::vector<std::vector<std::uint8_t>> present_;
};

Result<> check(std::span<const LabelData> labels, const ReportOptions& options) {
  if (labels.empty()) return fail(Code::invalid_argument, "there is no label");
  for (const LabelData& label : labels) {
    if (auto checked = check(label.sample); !checked) return std::unexpected(checked.error().at(label.name));
    if (label.sample.size() != labels.front().sample.size()) {
      return fail(Code::invalid_argument, "label '{}' has {} rows, and '{}' {}", label.name, label.sample.size(),
                  labels.front().name, labels.front().sample.size());
    }
  }
  if (options.bins == 0) return fail(Code::invalid_argument, "a reliability diagram has at least one bin");
  if (options.shrink && options.method != Method::platt && options.method != Method::beta) {
    return fail(Code::invalid_argument, "labels are shrunk in the forms platt and beta, not {}", name(options.method));
  }
  return {};
}

// Rows drawn with replacement, group by group.
class Draws {
 public:
  Draws(Groups groups, std::size_t rows) : together_(rows_of(groups, rows)) {}

  template <class Statistic>
  [[nodiscard]] std::vector<Interval> bootstrap(std::size_t count, Statistic statistic, const BootstrapOptions& options) const {
    std::vector<std::size_t> rows;
    return calibration::bootstrap(
        together_.size(), count,
        [&](std::span<const std::size_t> drawn, std::span<double> out) {
          rows.clear();
          for (const std::size_t group : drawn) rows.insert(rows.end(), together_[group].begin(), together_[group].end());
          statistic(rows, out);
        },
        options);
  }

 private:
  std::vector<std::vector<std::size_t>> together_;
};

// What a bootstrap needs of one column of probabilities, row by row.
class Measure {
 public:
  Measure(std::span<const double> p, std::span<const std::uint8_t> present, std::size_t bins)
      : sample_{p, present}, bins_(bins), bin_(p.size()), loss_(p.size()) {
    for (std::size_t row = 0; row < p.size(); ++row) {
      bin_[row] = bin_of(p[row], bins);
      loss_[row] = log_loss(present[row] != 0, p[row]);
    }
  }

  // log-loss, Brier, ECE of `rows`.
  void operator()(std::span<const std::size_t> rows, std::span<double> out) {
    gap_.assign(bins_, 0.0);
    double loss = 0, squares = 0, gaps = 0;
    for (const std::size_t row : rows) {
      const double off = sample_.raw[row] - sample_.present[row];
      loss += loss_[row];
      squares += off * off;
      gap_[bin_[row]] += off;
    }
    for (const double gap : gap_) gaps += std::abs(gap);
    const auto count = static_cast<double>(rows.size());
    out[0] = loss / count;
    out[1] = squares / count;
    out[2] = gaps / count;
  }

  [[nodiscard]] Quality quality(std::span<const Interval> intervals) const {
    const double gap = ece(reliability(sample_, bins_));
    return {{mean_log_loss(sample_), intervals[0]},
            {brier(sample_), intervals[1]},
            {gap, {std::min(intervals[2].low, gap), std::max(intervals[2].high, gap)}}};
  }
  [[nodiscard]] const Column& losses() const noexcept { return loss_; }

 private:
  Sample sample_;
  std::size_t bins_;
  std::vector<std::size_t> bin_;
  Column loss_, gap_;
};

// Probabilities and losses of every row by what was fitted without it, label by label.
struct HeldOut {
  std::vector<Column> p, base_rate;
};

Result<HeldOut> hold_out(std::span<const LabelData> labels, const Folds& folds, Fitter& fitter, const ReportOptions& options,
                         const std::function<Result<>(std::size_t done)>& step) {
  HeldOut out{std::vector<Column>(labels.size(), Column(folds.rows())), std::vector<Column>(labels.size(), Column(folds.rows()))};
  for (std::size_t fold = 0; fold < folds.count(); ++fold) {
    const auto inside = folds.inside(fold), outside = folds.outside(fold);
    const auto fits = TRY(fitter.part(outside));
    for (std::size_t i = 0; i < labels.size(); ++i) {
      const Sample& sample = labels[i].sample;
      double share = 0;
      for (const std::size_t row : outside) share += sample.present[row];
      share /= static_cast<double>(outside.size());
      for (const std::size_t row : inside) {
        out.p[i][row] = fits[i].calibrator.apply(sample.raw[row]);
        out.base_rate[i][row] = log_loss(sample.present[row] != 0, share);
      }
    }
    if (options.fold) TRY(options.fold(fits, inside, outside));
    TRY(step(fold + 2));
  }
  return out;
}

Column mean_of(std::span<const Column> columns) {
  Column out(columns.front().size());
  for (const Column& column : columns) {
    for (std::size_t row = 0; row < out.size(); ++row) out[row] += column[row] / static_cast<double>(columns.size());
  }
  return out;
}

double mean_of(std::span<const double> values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

Value to_value(const Figure& figure) {
  return Value::map({{"value", figure.value}, {"low", figure.interval.low}, {"high", figure.interval.high}});
}

Value to_value(const Quality& quality) {
  return Value::map(
      {{"log_loss", to_value(quality.log_loss)}, {"brier", to_value(quality.brier)}, {"ece", to_value(quality.ece)}});
}

Value to_value(const LabelReport& label) {
  std::vector<Value> points, warnings;
  for (const ReliabilityBin& bin : label.reliability) {
    points.push_back(
        Value::map({{"rows", static_cast<std::int64_t>(bin.rows)}, {"predicted", bin.predicted}, {"present", bin.present}}));
  }
  for (const Warning& warning : label.warnings) {
    warnings.push_back(Value::map({{"kind", name(warning.kind)}, {"text", warning.text}}));
  }
  std::vector<Entry> entries = {{"positives", static_cast<std::int64_t>(label.positives)},
                                {"negatives", static_cast<std::int64_t>(label.negatives)},
                                {"calibration", label.calibrator.to_value()}};
  if (!label.skipped.empty()) entries.push_back({"skipped", label.skipped});
  entries.insert(entries.end(), {{"before", to_value(label.before)},
                                 {"after", to_value(label.after)},
                                 {"held_out", to_value(label.held_out)},
                                 {"base_rate", label.base_rate},
                                 {"auc", label.auc ? Value(*label.auc) : Value()},
                                 {"reliability", Value::list(std::move(points))},
                                 {"warnings", Value::list(std::move(warnings))}});
  return Value::map(std::move(entries));
}

}  // namespace

Value Report::to_value() const {
  std::vector<Entry> each;
  for (const LabelReport& label : labels) each.push_back({label.name, calibration::to_value(label)});
  return Value::map({{"method", name(method)},
                     {"shrunk", shrunk},
                     {"rows", static_cast<std::int64_t>(rows)},
                     {"fitted", static_cast<std::int64_t>(fitted)},
                     {"folds", static_cast<std::int64_t>(folds)},
                     {"log_loss", Value::map({{"before", calibration::to_value(before)},
                                              {"after", calibration::to_value(after)},
                                              {"held_out", calibration::to_value(held_out)},
                                              {"held_out_with_skipped", held_out_with_skipped},
                                              {"base_rate", base_rate}})},
                     {"labels", Value::map(std::move(each))}});
}

Result<Report> calibrate(std::span<const LabelData> labels, const ReportOptions& options) {
  TRY(check(labels, options));
  const std::size_t rows = labels.front().sample.size(), count = labels.size();
  const std::vector<std::uint8_t> alike(rows);  // no one class to spread evenly: a row has many labels
  const Folds folds = options.folds == 0 ? Folds::leave_one_out(rows, options.groups)
                                         : TRY(Folds::stratified(alike, options.folds, options.seed, options.groups));
  if (folds.count() < 2) return fail(Code::failed_precondition, "one row cannot be both fitted and held out");
  const Draws draws(options.groups, rows);
  Report report{.method = options.method,
                .shrunk = options.shrink,
                .rows = rows,
                .folds = folds.count(),
                .labels = {},
                .before = {},
                .after = {},
                .held_out = {}};
  report.labels.resize(count);
  const auto step = [&](std::size_t done) { return options.progress ? options.progress(done, folds.count() + 1) : Result<>(); };

  Fitter fitter(labels, options);
  std::vector<Fit> whole = TRY(fitter.whole(report.labels));
  TRY(step(1));
  const HeldOut held_out = TRY(hold_out(labels, folds, fitter, options, step));

  std::vector<Column> losses[3];  // before, after, held out
  Column after(rows);
  for (std::size_t i = 0; i < count; ++i) {
    const Sample& sample = labels[i].sample;
    LabelReport& label = report.labels[i];
    whole[i].calibrator.apply(sample.raw, after);
    Measure measures[] = {{sample.raw, sample.present, options.bins},
                          {after, sample.present, options.bins},
                          {held_out.p[i], sample.present, options.bins}};
    const auto intervals = draws.bootstrap(
        9,
        [&](std::span<const std::size_t> drawn, std::span<double> out) {
          for (std::size_t j = 0; j < 3; ++j) measures[j](drawn, out.subspan(3 * j, 3));
        },
        options.bootstrap);
    label.name = labels[i].name;
    label.positives = sample.positives();
    label.negatives = sample.negatives();
    label.calibrator = whole[i].calibrator;
    label.warnings = std::move(whole[i].warnings);
    label.before = measures[0].quality(std::span(intervals).subspan(0, 3));
    label.after = measures[1].quality(std::span(intervals).subspan(3, 3));
    label.held_out = measures[2].quality(std::span(intervals).subspan(6, 3));
    label.base_rate = mean_of(held_out.base_rate[i]);
    label.auc = roc_auc(sample);
    label.reliability = reliability({held_out.p[i], sample.present}, options.bins);
    if (label.skipped.empty() && label.held_out.log_loss.value >= label.base_rate) {
      label.warnings.push_back(
          {Warning::Kind::no_better, fmt::format("held-out log-loss {:.4f}, and {:.4f} of always saying how common the label is",
                                                 label.held_out.log_loss.value, label.base_rate)});
    }
    report.held_out_with_skipped += label.held_out.log_loss.value / static_cast<double>(count);
    if (!label.skipped.empty()) continue;
    ++report.fitted;
    report.base_rate += label.base_rate;
    for (std::size_t j = 0; j < 3; ++j) losses[j].push_back(measures[j].losses());
  }
  if (report.fitted == 0) return report;
  report.base_rate /= static_cast<double>(report.fitted);

  const Column means[] = {mean_of(losses[0]), mean_of(losses[1]), mean_of(losses[2])};
  const auto intervals = draws.bootstrap(
      3,
      [&](std::span<const std::size_t> drawn, std::span<double> out) {
        for (std::size_t j = 0; j < 3; ++j) {
          double sum = 0;
          for (const std::size_t row : drawn) sum += means[j][row];
          out[j] = sum / static_cast<double>(drawn.size());
        }
      },
      options.bootstrap);
  report.before = {mean_of(means[0]), intervals[0]};
  report.after = {mean_of(means[1]), intervals[1]};
  report.held_out = {mean_of(means[2]), intervals[2]};
  return report;
}

}  // namespace thalweg::calibration
