#include "cli/eval/page.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <map>
#include <unordered_map>

#include "base/machine.h"
#include "calibration/binomial.h"
#include "calibration/metrics.h"
#include "calibration/threshold.h"
#include "cli/eval/page_labels.h"
#include "cli/eval/source.h"

namespace thalweg::cli {

namespace {

constexpr std::size_t kScoreBins = 40;
constexpr std::size_t kRiskPoints = 200;
constexpr std::size_t kMistakes = 100;

Value count(std::uint64_t n) { return Value(static_cast<std::int64_t>(n)); }

// A share with its exact (Clopper-Pearson) interval.
Value share_of(std::uint64_t part, std::uint64_t whole) {
  if (whole == 0) return {};
  const auto interval = calibration::clopper_pearson(part, whole);
  return Value::map(
      {{"value", static_cast<double>(part) / static_cast<double>(whole)}, {"low", interval.low}, {"high", interval.high}});
}

Value get(const Value& value, std::initializer_list<std::string_view> path) {
  const Value* at = &value;
  for (const std::string_view key : path) at = at == nullptr ? nullptr : at->find(key);
  return at == nullptr ? Value() : *at;
}

std::string text_at(const Value& value, std::initializer_list<std::string_view> path) {
  const Value found = get(value, path);
  return found.is_string() ? std::string(found.as_string()) : "";
}

Value in_ms(const Value& value, std::initializer_list<std::string_view> path) {
  const Value found = get(value, path);
  return found.is_number() ? Value(found.as_number() / 1e6) : Value();
}

class Page {
 public:
  Page(const Results& results, const RiskTarget& target, const ChosenThresholds& chosen)
      : results_(results), alpha_(target.alpha), confidence_(target.confidence), chosen_(chosen) {}

  Result<> read(const Interrupt& interrupt) {
    return results_.read(interrupt, [this](const ResultRow& row) -> Result<> {
      add(decided_again(row));
      return {};
    });
  }

  [[nodiscard]] Value tree() {
    const Value& summary = results_.summary;
    const std::string data = text_at(summary, {"data", "path"});
    const std::string config = text_at(summary, {"configuration", "path"});
    const auto rows = decisions_.rows();
    const auto right = decisions_.true_positives + decisions_.true_negatives;
    std::string flattering;
    if (fitted_on_ > 0) {
      flattering = fmt::format(
          "Take none of this for what new texts will give: the configuration was fitted on {} of these texts, and does better on "
          "them. ",
          fitted_on_);
    }
    if (held_out()) flattering += "Each text is decided by fits without it. ";
    flattering += chosen_.told();
    const std::string name = std::filesystem::path(data).filename().string();
    std::vector<Entry> page{
        {"title", held_out() ? fmt::format("Texts held out of {}", name) : fmt::format("{} on {}", config, name)},
        {"summary", fmt::format("{}{} of {} texts are decided as expected ({}).", flattering, right, rows,
                                rows == 0 ? "-" : percent(static_cast<double>(right) / static_cast<double>(rows)))},
        {"warnings", Value::list({chosen_.warnings.begin(), chosen_.warnings.end()})},
        {"about", about()},
        {"decision", decision()},
        {"scores", scores()}};
    page.push_back({"risk", risk()});
    page.push_back({"groups", Value::list({group("By category", categories_), group("By difficulty", difficulties_)})});
    page.push_back({"labels", labels()});
    if (held_out()) page.push_back({"label_note", not_ranked()});
    page.push_back({"reliability", reliability()});
    const Value elapsed = get(summary, {"batches", "elapsed"});
    if (elapsed.is_map()) {
      page.push_back({"latency", Value::map({{"texts", get(summary, {"batches", "most_texts"})},
                                             {"count", get(summary, {"batches", "count"})},
                                             {"mean_ms", in_ms(elapsed, {"mean_ns"})},
                                             {"p50_ms", in_ms(elapsed, {"p50_ns"})},
                                             {"p90_ms", in_ms(elapsed, {"p90_ns"})},
                                             {"p99_ms", in_ms(elapsed, {"p99_ns"})},
                                             {"max_ms", in_ms(elapsed, {"most_ns"})}})});
    }
    const Value milliseconds = get(summary, {"elapsed_ms"});
    // Texts kept from before took neither time nor energy.
    const Value kept = get(summary, {"kept"});
    const std::int64_t computed =
        static_cast<std::int64_t>(rows + choice_.copies() + errors_) - (kept.is_int() ? kept.as_int() : 0);
    page.push_back(
        {"throughput", Value::map({{"texts_per_second", get(summary, {"throughput"})},
                                   {"seconds", milliseconds.is_number() ? Value(milliseconds.as_number() / 1000) : Value()},
                                   {"samples", computed}})});
    const Value joules = get(summary, {"energy_joules"});
    page.push_back(
        {"energy", joules.is_number()
                       ? Value::map({{"joules", joules},
                                     {"joules_per_text",
                                      computed <= 0 ? Value() : Value(joules.as_number() / static_cast<double>(computed))},
                                     {"source", "RAPL counters of the whole machine"}})
                       : Value("no energy counters on this machine")});
    page.push_back({"mistakes", mistakes()});
    return Value::map(std::move(page));
  }

 private:
  struct Label {
    LabelColumn column;
    calibration::Confusion detected;
  };

  // A text, and where it was counted.
  struct Text {
    bool right = false, accepted = false, fitted_on = false;
    std::array<calibration::Confusion*, 4> counted{};
  };

  [[nodiscard]] bool held_out() const { return get(results_.summary, {"held_out"}) == Value(true); }
  [[nodiscard]] bool again() const { return chosen_.overall || !chosen_.labels.empty(); }

  // The row as the chosen thresholds decide it.
  [[nodiscard]] ResultRow decided_again(const ResultRow& given) const {
    if (!again() || given.failed) return given;
    ResultRow row = given;
    if (chosen_.overall) {
      row.accepted = row.highest >= *chosen_.overall;
      row.threshold += *chosen_.overall - results_.threshold;
      if (!row.vetoed) row.reason = fmt::format("{:.3f} {} {:.3f}", row.score, row.accepted ? ">=" : "<", row.threshold);
    }
    if (chosen_.labels.empty()) return row;
    row.detected_labels.clear();
    for (const Entry& entry : row.labels.entries()) {
      const std::string_view name = entry.key.as_string();
      if (entry.value.as_number() >= label_threshold(name)) row.detected_labels.emplace_back(name);
    }
    return row;
  }

  [[nodiscard]] double label_threshold(std::string_view label) const {
    const auto found = chosen_.labels.find(label);
    return found == chosen_.labels.end() ? results_.label_threshold(label) : found->second;
  }

  void add(const ResultRow& row) {
    if (row.failed) {
      ++errors_;
      return;
    }
    choice_.add(row);
    const auto [place, first] = texts_.try_emplace(row.text_hash);
    Text& text = place->second;
    fitted_on_ += row.fitted_on && !text.fitted_on ? 1 : 0;
    text.fitted_on |= row.fitted_on;
    first ? add_text(row, text) : add_copy(row, text);
  }

  void add_text(const ResultRow& row, Text& text) {
    text.right = row.accepted == row.expected;
    text.accepted = row.accepted;
    text.counted = {&decisions_, &categories_[row.category],
                    &bins_[std::min(static_cast<std::size_t>(std::clamp(row.score, 0.0, 1.0) * kScoreBins), kScoreBins - 1)],
                    row.difficulty.empty() ? nullptr : &difficulties_[row.difficulty]};
    for (calibration::Confusion* const in : text.counted) {
      if (in != nullptr) in->add(row.accepted, row.expected);
    }
    for (const Entry& entry : row.labels.entries()) {
      const std::string_view name = entry.key.as_string();
      const auto has = [&](const std::vector<std::string>& names) { return std::ranges::find(names, name) != names.end(); };
      Label& label = labels_[std::string(name)];
      label.column.calibrated.push_back(entry.value.as_number());
      label.column.present.push_back(has(row.expected_labels) ? 1 : 0);
      label.detected.add(has(row.detected_labels), label.column.present.back() != 0);
    }
    if (!text.right) add_mistake(row);
  }

  // It proves nothing more. Where it was expected otherwise the text is wrong, as it is for whoever chooses a threshold.
  void add_copy(const ResultRow& row, Text& text) {
    if (!text.right || row.expected == text.accepted) return;
    text.right = false;
    for (calibration::Confusion* const in : text.counted) {
      if (in == nullptr) continue;
      --(text.accepted ? in->true_positives : in->true_negatives);
      in->add(text.accepted, row.expected);
    }
    add_mistake(row);
  }

  void add_mistake(const ResultRow& row) {
    mistakes_.push_back(row);
    mistakes_.back().labels = Value();
    mistakes_.back().accepted = !row.expected;
    if (mistakes_.size() >= 4 * kMistakes) keep_worst();
  }

  void keep_worst() {
    const auto distance = [](const ResultRow& row) { return -std::abs(row.score - row.threshold); };
    std::ranges::sort(mistakes_, {}, distance);
    if (mistakes_.size() > kMistakes) mistakes_.resize(kMistakes);
  }

  [[nodiscard]] Value about() const {
    const Value& summary = results_.summary;
    const auto line = [](std::string name, std::string value, std::string detail) {
      return Value::map({{"name", name}, {"value", value}, {"detail", detail}});
    };
    return Value::list(
        {line("data", text_at(summary, {"data", "path"}), text_at(summary, {"data", "hash"})),
         line("configuration", text_at(summary, {"configuration", "path"}), text_at(summary, {"configuration", "hash"})),
         line("model", fmt::format("{} ({})", text_at(summary, {"model", "name"}), text_at(summary, {"model", "type"})),
              text_at(summary, {"model", "identity"})),
         line("begun", text_at(summary, {"began"}), ""), line("machine", processor_name(), "where this page was made")});
  }

  [[nodiscard]] Value decision() const {
    const auto expected = decisions_.true_positives + decisions_.false_negatives;
    const auto majority = decisions_.majority();
    return Value::map(
        {{"true_accept", count(decisions_.true_positives)},
         {"false_reject", count(decisions_.false_negatives)},
         {"true_reject", count(decisions_.true_negatives)},
         {"false_accept", count(decisions_.false_positives)},
         {"errors", count(errors_)},
         {"copies", count(choice_.copies())},
         {"accuracy", share_of(decisions_.true_positives + decisions_.true_negatives, decisions_.rows())},
         {"majority", Value::map({{"value", majority ? Value(*majority) : Value()},
                                  {"decision", 2 * expected >= decisions_.rows() ? "accept" : "reject"}})},
         {"note", fmt::format("Intervals hold 95 % of what other texts of this kind would give (Clopper-Pearson).{}{}",
                              choice_.copies() > 0 ? " Copies of a text count once: they prove no more than it does." : "",
                              held_out() ? "" : " Texts that a probe or a calibration was fitted on flatter these figures.")}});
  }

  [[nodiscard]] Value scores() const {
    std::vector<Value> bins;
    for (std::size_t i = 0; i < kScoreBins; ++i) {
      const calibration::Confusion& bin = bins_[i];
      bins.push_back(Value::map({{"from", static_cast<double>(i) / kScoreBins},
                                 {"to", static_cast<double>(i + 1) / kScoreBins},
                                 {"true_accept", count(bin.true_positives)},
                                 {"false_reject", count(bin.false_negatives)},
                                 {"true_reject", count(bin.true_negatives)},
                                 {"false_accept", count(bin.false_positives)}}));
    }
    return Value::map(
        {{"bins", Value::list(std::move(bins))},
         {"thresholds",
          Value::list({Value::map({{"value", chosen_.overall.value_or(results_.threshold)}, {"name", "threshold"}})})}});
  }

  [[nodiscard]] Value risk() const {
    const std::vector<double>& scores = choice_.scores();
    std::vector<std::size_t> order(scores.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::ranges::sort(order, std::greater<>(), [&](std::size_t i) { return scores[i]; });
    std::vector<Value> curve;
    std::size_t taken = 0;
    std::uint64_t wrong = 0;
    const auto point = [&](double threshold) {
      return Value::map({{"threshold", threshold},
                         {"accepted", static_cast<double>(taken) / static_cast<double>(scores.size())},
                         {"risk", static_cast<double>(wrong) / static_cast<double>(taken)},
                         {"bound", calibration::upper_bound(wrong, taken, 1 - confidence_)}});
    };
    for (std::size_t i = kRiskPoints + 1; i-- > 0;) {
      const double threshold = static_cast<double>(i) / kRiskPoints;
      while (taken < order.size() && scores[order[taken]] >= threshold) wrong += choice_.good()[order[taken++]] == 0 ? 1 : 0;
      if (taken > 0) curve.push_back(point(threshold));
    }
    std::ranges::reverse(curve);
    std::vector<Entry> out{{"target", alpha_}, {"confidence", confidence_}, {"curve", Value::list(std::move(curve))}};
    if (fitted_on_ > 0) {
      out.push_back({"reason", fmt::format("Nothing is proven: the configuration was fitted on {} of these texts.", fitted_on_)});
      return Value::map(std::move(out));
    }
    const auto chosen = calibration::threshold_by_risk(scores, choice_.good(), {.alpha = alpha_, .delta = 1 - confidence_});
    if (chosen) {
      out.push_back(
          {"chosen",
           Value::map(
               {{"threshold", chosen->value},
                {"accepted", static_cast<double>(chosen->accepted) / static_cast<double>(scores.size())},
                {"risk", chosen->accepted == 0 ? 0 : static_cast<double>(chosen->wrong) / static_cast<double>(chosen->accepted)},
                {"bound", chosen->objective}})});
      out.push_back(
          {"reason",
           "The lowest threshold that these texts prove (Learn-then-Test); texts that a veto rejects are rejected at any."});
    } else {
      out.push_back({"reason", chosen.error().message()});
    }
    return Value::map(std::move(out));
  }

  static Value group(std::string title, const std::map<std::string, calibration::Confusion>& counts) {
    std::vector<Value> rows;
    for (const auto& [name, one] : counts) {
      const auto right = one.true_positives + one.true_negatives;
      rows.push_back(Value::map({{"name", name.empty() ? "(none)" : name},
                                 {"samples", count(one.rows())},
                                 {"correct", count(right)},
                                 {"accuracy", share_of(right, one.rows())}}));
    }
    return Value::map({{"title", title}, {"rows", Value::list(std::move(rows))}});
  }

  [[nodiscard]] Value labels() const {
    const auto number = [](const std::optional<double>& figure) { return figure ? Value(*figure) : Value(); };
    std::vector<Value> rows;
    for (const auto& [name, label] : labels_) {
      std::vector<Entry> row = label_figures(name, label.column, held_out() ? Ranks::apart : Ranks::together);
      row.insert(row.end(), {{"detected", count(label.detected.true_positives + label.detected.false_positives)},
                             {"precision", number(label.detected.precision())},
                             {"recall", number(label.detected.recall())},
                             {"f1", number(label.detected.f1())},
                             {"threshold", label_threshold(name)}});
      rows.push_back(Value::map(std::move(row)));
    }
    return Value::list(std::move(rows));
  }

  [[nodiscard]] std::string not_ranked() const {
    const std::string scores = text_at(results_.summary, {"data", "path"});
    return fmt::format(
        "AUC and average precision are left out: these probabilities come from the calibrations of different folds, and ranking "
        "them together would tell more of the folds than of the labels; 'thalweg eval report {} PARAMS' ranks the raw scores.",
        scores.empty() ? "SCORES" : scores);
  }

  [[nodiscard]] Value reliability() const {
    std::map<std::string, LabelColumn> columns;
    for (const auto& [name, label] : labels_) columns.emplace(name, label.column);
    return reliability_diagrams(columns);
  }

  [[nodiscard]] Value mistakes() {
    keep_worst();
    std::vector<Value> rows;
    for (const ResultRow& row : mistakes_) {
      rows.push_back(
          Value::map({{"id", row.id},
                      {"text", row.text},
                      {"expected", row.expected ? "accept" : "reject"},
                      {"decided", row.accepted ? "accept" : "reject"},
                      {"score", row.score},
                      {"threshold", row.threshold},
                      {"category", row.category},
                      {"labels", Value::list(std::vector<Value>(row.detected_labels.begin(), row.detected_labels.end()))},
                      {"reason", row.reason}}));
    }
    return Value::list(std::move(rows));
  }

  const Results& results_;
  const double alpha_;
  const double confidence_;
  const ChosenThresholds& chosen_;
  calibration::Confusion decisions_;
  std::uint64_t errors_ = 0;
  std::map<std::string, calibration::Confusion> categories_;
  std::map<std::string, calibration::Confusion> difficulties_;
  std::array<calibration::Confusion, kScoreBins> bins_;
  std::unordered_map<std::string, Text> texts_;  // by their hashes
  std::size_t fitted_on_ = 0;                    // of these texts
  ThresholdRows choice_{true};
  std::map<std::string, Label> labels_;
  std::vector<ResultRow> mistakes_;
};

}  // namespace

Result<Value> page_of(const Results& results, const RiskTarget& target, const ChosenThresholds& chosen,
                      const Interrupt& interrupt) {
  Page page(results, target, chosen);
  TRY(page.read(interrupt));
  return page.tree();
}

}  // namespace thalweg::cli
