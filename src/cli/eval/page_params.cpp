// The page of a file of parameters: what its calibrations are worth.

#include <algorithm>
#include <unordered_set>

#include "calibration/metrics.h"
#include "cli/eval/page.h"
#include "cli/eval/page_labels.h"
#include "cli/eval/source.h"
#include "scoring/data/scores_file.h"
#include "scoring/fields.h"
#include "scoring/params_file.h"
#include "scoring/shipped.h"
#include "thalweg/json.h"

namespace thalweg::cli {

namespace {

using scoring::count_field;
using scoring::field;
using scoring::number_field;

std::string text_at(const Value& value, std::string_view key, std::string_view inner) {
  const Value* const of = value.find(key);
  const Value* const found = of == nullptr ? nullptr : of->find(inner);
  return found != nullptr && found->is_string() ? std::string(found->as_string()) : "";
}

Value line(std::string_view name, const std::string& value, const std::string& detail) {
  return Value::map({{"name", name}, {"value", value}, {"detail", detail}});
}

class ParamsPage {
 public:
  ParamsPage(const std::string& scores, const std::string& path, scoring::Params params)
      : scores_(scores), path_(path), params_(std::move(params)) {}

  Result<Value> tree(const Interrupt& interrupt) {
    TRY(read(interrupt));
    const bool trained_on = !hash_.empty() && text_at(params_.more, "scores", "hash") == hash_;
    const Value* const report = trained_on ? params_.more.find("report") : nullptr;
    if (report != nullptr) {
      const Result<> told = held_out(*report);
      if (!told) return std::unexpected(told.error().at(path_ + ": metadata.report"));
    } else {
      TRY(measured());
    }
    if (report == nullptr && (params_.model.empty() || unnamed_)) {
      warnings_.emplace_back(
          fmt::format("{} of which model: a calibration is right for no other raw scores.",
                      params_.model.empty() ? "The parameters do not tell for the raw scores" : "The raw scores do not tell"));
    }
    return Value::map({{"title", fmt::format("{} on {}", path_, scores_)},
                       {"summary", summary_},
                       {"warnings", Value::list(warnings_)},
                       {"about", Value::list({line("parameters", path_, text_at(params_.more, "report", "method")),
                                              line("raw scores", scores_, hash_),
                                              line("model", params_.model.empty() ? "not told" : params_.model, "")})},
                       {"labels", Value::list(labels_)},
                       {"reliability", diagrams_}});
  }

 private:
  struct Column {
    LabelColumn raw;  // its `calibrated` are raw scores
    const scoring::LabelParams* params;
  };

  Result<> read(const Interrupt& interrupt) {
    for (const scoring::LabelParams& label : params_.labels) columns_.push_back({.raw = {}, .params = &label});
    auto reader = TRY(as_usage(
        scoring::ScoresReader::open(scores_, {.readable = [&](int descriptor) { return interrupt.readable(descriptor); }})));
    while (const auto sample = TRY(reader.next())) {
      if (interrupt.requested()) return fail(Code::cancelled, "stopped");
      if (sample->scores.empty()) continue;  // its model failed
      ++texts_;
      unnamed_ = unnamed_ || sample->model.empty();
      if (!params_.model.empty() && !sample->model.empty() && params_.model != sample->model) {
        return fail(Code::invalid_argument,
                    "{}: these raw scores are of another model, probe or hypotheses than {} was fitted to", reader.place(*sample),
                    path_);
      }
      if (sample->fitted_on || params_.fitted_on.contains(sample->text)) {
        ++fitted_on_;
        continue;
      }
      if (!met_.insert(std::hash<std::string>()(sample->text)).second) {
        ++copies_;
        continue;
      }
      for (Column& column : columns_) {
        const std::string& label = column.params->label;
        const auto found = std::ranges::find(sample->scores, label, &std::pair<std::string, double>::first);
        if (found == sample->scores.end()) {
          return fail(Code::invalid_argument, "{}: there is no raw score of the label '{}', which {} calibrates",
                      reader.place(*sample), label, path_);
        }
        column.raw.calibrated.push_back(found->second);
        column.raw.present.push_back(std::ranges::find(sample->expected_labels, label) != sample->expected_labels.end() ? 1 : 0);
      }
    }
    hash_ = reader.source().hash();
    if (texts_ == 0) return fail(Code::failed_precondition, "{}: there are no samples with scores", scores_);
    return {};
  }

  // As training found it: each text by fits without it.
  Result<> held_out(const Value& report) {
    const std::size_t rows = TRY(count_field(report, "rows")), folds = TRY(count_field(report, "folds"));
    const auto value = [](const Value& of, std::string_view name) -> Result<double> {
      const Value* const figure = TRY(field(of, name, Kind::map));
      return number_field(*figure, "value");
    };
    std::vector<Value> diagrams;
    const std::size_t fitted = TRY(count_field(report, "fitted"));
    const Value* const mean = TRY(field(report, "log_loss", Kind::map));
    const double loss = TRY(value(*mean, "held_out")), raw = TRY(value(*mean, "before"));
    const Value* const labels = TRY(field(report, "labels", Kind::map));
    for (const Entry& entry : labels->entries()) {
      const std::string name(entry.key.as_string());
      const Value& label = entry.value;
      const Value& quality = *TRY(field(label, "held_out", Kind::map));
      const Value* const auc = label.find("auc");
      const std::size_t present = TRY(count_field(label, "positives"));
      const Value* const before = TRY(field(label, "before", Kind::map));
      const double of_raw = TRY(value(*before, "log_loss")), of_held_out = TRY(value(quality, "log_loss"));
      labels_.push_back(Value::map({{"name", name},
                                    {"present", static_cast<std::int64_t>(present)},
                                    {"auc", auc == nullptr ? Value() : *auc},
                                    {"log_loss", of_held_out},
                                    {"raw_log_loss", of_raw},
                                    {"base_rate", TRY(number_field(label, "base_rate"))},
                                    {"brier", TRY(value(quality, "brier"))},
                                    {"ece", TRY(value(quality, "ece"))}}));
      std::vector<calibration::ReliabilityBin> bins;
      for (const Value& point : TRY(field(label, "reliability", Kind::list))->items()) {
        bins.push_back({.rows = TRY(count_field(point, "rows")),
                        .predicted = TRY(number_field(point, "predicted")),
                        .present = TRY(number_field(point, "present"))});
        if (bins.back().rows == 0 || !(bins.back().present >= 0 && bins.back().present <= 1))
          return fail(Code::invalid_argument, "labels.{}.reliability: a point has rows, and a share of them", name);
      }
      if (present >= kFewest) diagrams.push_back(reliability_diagram(name, bins, present));
    }
    if (labels_.empty()) return fail(Code::invalid_argument, "there are no labels");
    diagrams_ = Value::list(std::move(diagrams));
    summary_ = fmt::format(
        "These {} texts trained it, so what is shown is of texts held out: each calibrated by fits without it ({} folds). Mean "
        "log-loss {:.4f}, of the raw scores {:.4f}{}.",
        rows, folds, loss, raw,
        fitted < labels_.size() ? fmt::format("; of the {} labels that were fitted, the others are raw", fitted) : "");
    return {};
  }

  Result<> measured() {
    if (fitted_on_ == texts_) {
      return fail(Code::failed_precondition,
                  "{} was fitted on all texts of {}, which tell nothing about others; name raw scores of new texts, or the very "
                  "file that it was trained on, for what training found on texts held out",
                  path_, scores_);
    }
    if (params_.fitted_on.size() == 0)
      warnings_.emplace_back("The parameters do not tell on which texts they were fitted; figures of those would flatter.");
    std::map<std::string, LabelColumn> calibrated;
    double loss = 0, raw = 0;
    for (Column& column : columns_) {
      const calibration::Sample before = column.raw.sample();
      LabelColumn after{.calibrated = std::vector<double>(before.size()), .present = column.raw.present};
      column.params->calibrator.apply(before.raw, after.calibrated);
      std::vector<Entry> row = label_figures(column.params->label, after, Ranks::together);
      // The share that training saw; where the file does not tell it, that of these texts.
      const bool told = column.params->positives + column.params->negatives > 0;
      const std::size_t present = told ? column.params->positives : before.positives();
      const std::size_t all = told ? present + column.params->negatives : before.size();
      const double share = static_cast<double>(present) / static_cast<double>(all);
      const std::vector<double> always(before.size(), share);
      row.push_back({"raw_log_loss", calibration::mean_log_loss(before)});
      row.push_back({"base_rate", calibration::mean_log_loss({.raw = always, .present = before.present})});
      loss += calibration::mean_log_loss(after.sample());
      raw += calibration::mean_log_loss(before);
      labels_.push_back(Value::map(std::move(row)));
      calibrated.emplace(column.params->label, std::move(after));
    }
    diagrams_ = reliability_diagrams(calibrated);
    const auto count = static_cast<double>(columns_.size());
    summary_ = fmt::format("On {} texts{}{}. Mean log-loss {:.4f}, of the raw scores {:.4f}.", met_.size(),
                           fitted_on_ > 0 ? fmt::format("; {} more, which it was fitted on, are left out", fitted_on_) : "",
                           copies_ > 0 ? fmt::format("; {} more are copies of these and prove nothing more", copies_) : "",
                           loss / count, raw / count);
    return {};
  }

  const std::string& scores_;
  const std::string& path_;
  const scoring::Params params_;
  std::vector<Column> columns_;
  std::size_t texts_ = 0, fitted_on_ = 0, copies_ = 0;
  std::unordered_set<std::size_t> met_;  // texts that count, by a hash
  bool unnamed_ = false;                 // some raw scores do not tell their model
  std::string hash_;
  std::string summary_;
  std::vector<Value> warnings_;
  std::vector<Value> labels_;
  Value diagrams_;
};

}  // namespace

Result<Value> page_of_params(const std::string& scores, const std::string& params, const Interrupt& interrupt) {
  const std::string text = TRY(as_usage(scoring::read_named_file(params)));
  const auto value = parse_json(text);
  if (!value) return std::unexpected(value.error().at(params));
  auto read = scoring::Params::from_value(*value);
  if (!read) return std::unexpected(read.error().at(params));
  if (read->labels.empty()) return fail(Code::invalid_argument, "{} has parameters of no label", params);
  return ParamsPage(scores, params, std::move(*read)).tree(interrupt);
}

}  // namespace thalweg::cli
