// thalweg eval threshold

#include "calibration/threshold.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <unordered_set>

#include "calibration/label_thresholds.h"
#include "cli/eval/equal_texts.h"
#include "cli/eval/results.h"
#include "cli/eval/source.h"
#include "cli/eval/summary.h"
#include "cli/eval/threshold_options.h"
#include "cli/render.h"

namespace thalweg::cli {

namespace {

using calibration::Threshold;

Value count(std::size_t n) { return Value(static_cast<std::int64_t>(n)); }

class EvalThreshold final : public Command {
 public:
  void declare(Options& options) override {
    options.position("RESULTS", folder_, "a folder that 'eval run' wrote", Completes::folder);
    chosen_.declare(options);
    options.value("--false-accept", "COST", false_accept_, "cost: of accepting what should be rejected (1)");
    options.value("--false-reject", "COST", false_reject_, "cost: of rejecting what should be accepted (1)");
    options.flag("--labels", labels_, "thresholds from which on labels are detected, by F1, and not of the overall score");
    options.flag("--in-sample", in_sample_,
                 "risk and --labels: also from texts that the configuration was fitted on; then nothing is proven");
    options.value("-o,--output", "FILE", output_, "where the threshold goes, for 'eval apply'", Completes::file);
    options.flag("--json", json_, "print {threshold, accepted, wrong, missed, rows, ...}");
  }
  [[nodiscard]] std::string_view notes() const override {
    return "Chooses the threshold of the overall score, as texts of medium length have it; those of short and long texts move\n"
           "with it. Texts that a veto rejects stay rejected.\n"
           "\n"
           "By risk: the lowest threshold of which the data prove, with the confidence asked for, that at most that share of\n"
           "what is accepted should have been rejected. The promise holds although the same data choose the threshold\n"
           "(Learn-then-Test), for texts drawn as these were, independently of each other: texts that a probe or calibration\n"
           "was fitted on are left out, and equal texts count once. It rests on lower scores not being wrong less often than\n"
           "higher ones. For 5 % and 95 % it takes at least 59 accepted texts, all of them right.\n"
           "\n"
           "By f1 and cost: best on these texts, and nothing is promised about others.\n"
           "\n"
           "--labels: for each label the threshold with the best F1 to be expected from its probabilities. What they are\n"
           "worth is measured over ten folds, each by thresholds of the other nine, on texts that nothing was fitted on. Labels\n"
           "that veto keep theirs. Where no combiner decides, the thresholds of labels also say which labels count for the\n"
           "overall score: choose them before its threshold.\n"
           "\n"
           "What is written also tells whose decisions these were: 'eval apply' refuses a threshold proven by others.\n";
  }
  [[nodiscard]] std::string_view examples() const override {
    return "  thalweg eval threshold messages.eval\n"
           "  thalweg eval threshold messages.eval --alpha 0.1 --confidence 0.9 -o threshold.json\n"
           "  thalweg eval threshold messages.eval --by cost --false-accept 5\n"
           "  thalweg eval threshold messages.eval --labels -o labels.json\n"
           "  thalweg eval apply gate.yaml threshold.json labels.json -o bounded.yaml\n";
  }
  [[nodiscard]] Result<int> run(Program& program) override {
    const ThresholdOptions::Read target = TRY(chosen_.read());
    const auto [alpha, confidence] = std::pair(target.alpha, target.confidence);
    TRY(check_options(target));
    const std::string& by = chosen_.by;
    const calibration::Costs costs{.false_accept = TRY(cost("--false-accept", false_accept_)),
                                   .false_reject = TRY(cost("--false-reject", false_reject_))};
    const auto in_folder = [this](const char* name) { return (std::filesystem::path(folder_) / name).string(); };
    TRY(keep_inputs(output_, {in_folder("results.jsonl"), in_folder("summary.json")}));
    const auto interrupt = TRY(Interrupt::watch());
    const Results results = TRY(open_results(folder_));
    if (labels_) return of_labels(program, results, *interrupt);
    ThresholdRows rows(by == "risk");
    TRY(results.read(*interrupt, [&](const ResultRow& row) -> Result<> {
      rows.add(row);
      return {};
    }));
    if (by == "risk" && !in_sample_) rows.leave_out_fitted();
    const bool proven = rows.left_out() > 0 || rows.fitted_on() == 0;
    if (rows.left_out() > 0 && rows.scores().empty()) {
      return fail(
          Code::failed_precondition,
          "the configuration was fitted on {} of these texts, which prove nothing about others; run it on new texts, or take "
          "what 'eval train --held-out FOLDER' decided of each text by fits without it (--in-sample chooses a threshold all "
          "the same, and promises nothing)",
          rows.left_out());
    }
    const Threshold found =
        TRY(beside(rows.left_out(), by == "f1"     ? calibration::threshold_by_f1(rows.scores(), rows.good())
                                    : by == "cost" ? calibration::threshold_by_cost(rows.scores(), rows.good(), costs)
                                                   : calibration::threshold_by_risk(rows.scores(), rows.good(),
                                                                                    {.alpha = alpha, .delta = 1 - confidence})));
    warn_of_one_kind(rows);
    const Value told = with_fields(value_of(found, rows, alpha, confidence), decided_by(results));
    TRY(keep(program, told));
    if (json_) return kExitOk;
    TRY(program.out.write(
        fmt::format("threshold {:.4f}: accepts {} of {} texts, {} of them wrongly; misses {} that should be accepted\n",
                    found.value, found.accepted, found.rows, found.wrong, found.missed)));
    TRY(tell_left_out(program, rows.left_out()));
    if (rows.copies() > 0)
      TRY(program.out.write(fmt::format("{} more texts are copies of these and prove nothing more\n", rows.copies())));
    if (!proven)
      TRY(program.out.write(fmt::format(
          "nothing is promised: the configuration was fitted on {} of these texts, and does better on them than on others\n",
          rows.fitted_on())));
    else if (by == "risk")
      TRY(program.out.write(
          fmt::format("with {} confidence at most {} of what is accepted is wrong (seen: {}, bound: {})\n", percent(confidence),
                      percent(alpha),
                      percent(found.accepted == 0 ? 0 : static_cast<double>(found.wrong) / static_cast<double>(found.accepted)),
                      percent(found.objective))));
    if (const Value* const held_out = results.summary.find("held_out"); held_out != nullptr && proven && by == "risk")
      TRY(program.out.write(
          "each text was decided by fits without it; the configuration, fitted on all, is taken to do no worse\n"));
    return kExitOk;
  }

 private:
  // What would have no effect was meant otherwise.
  [[nodiscard]] Result<> check_options(const ThresholdOptions::Read& target) const {
    const bool costs = !false_accept_.empty() || !false_reject_.empty();
    if (labels_ && (target.by_given || target.risk_given || costs))
      return fail(Code::invalid_argument, "--labels chooses by F1 alone; leave out --by, --alpha, --confidence and the costs");
    if (costs && chosen_.by != "cost")
      return fail(Code::invalid_argument, "--false-accept and --false-reject are of --by cost, not {}", chosen_.by);
    if (target.risk_given && chosen_.by != "risk")
      return fail(Code::invalid_argument, "--alpha and --confidence are of --by risk, not {}", chosen_.by);
    return {};
  }

  static std::string said_of(std::size_t texts) {
    return fmt::format("the configuration was fitted on {} of these texts: these are left out", texts);
  }
  static Result<> tell_left_out(Program& program, std::size_t texts) {
    return texts == 0 ? Result<>() : program.out.write(said_of(texts) + '\n');
  }
  // Too few remain: with those that are left out there might have been enough.
  template <class T>
  static Result<T> beside(std::size_t left_out, Result<T> chosen) {
    if (chosen || left_out == 0) return chosen;
    return fail(chosen.error().code(), "{} ({})", chosen.error().text(), said_of(left_out));
  }

  // With nothing to accept none is found.
  static void warn_of_one_kind(const ThresholdRows& rows) {
    if (std::ranges::count(rows.good(), 0) > 0) return;
    print_error(
        fmt::format("thalweg: warning: all {} texts are to be accepted: no threshold chosen from them can tell what is not\n",
                    rows.good().size()));
  }

  // For 'eval apply', which puts no threshold where something else decides.
  static Value decided_by(const Results& results) {
    const Value* const told = results.summary.find("decided_by");
    return told == nullptr ? Value::map() : Value::map({{"decided_by", *told}});
  }

  // Into the file for 'eval apply' and, as JSON, onto standard output: where they were asked for.
  Result<> keep(Program& program, const Value& told) const {
    if (!output_.empty()) {
      Output file = TRY(Output::file(output_));
      TRY(print_json(file, told));
      TRY(file.commit());
    }
    if (json_) TRY(print_json(program.out, told));
    return {};
  }

  struct LabelColumn {
    std::vector<double> score;
    std::vector<std::uint8_t> present;
  };
  struct LabelRows {
    std::map<std::string, LabelColumn> columns;
    std::vector<std::string> texts;  // by their hashes
    std::size_t fitted_on = 0, left_out = 0;
  };

  // Of texts that nothing was fitted on; with --in-sample of all.
  Result<LabelRows> label_rows(const Results& results, const Interrupt& interrupt) const {
    std::unordered_set<std::string> fitted;  // copies of such a text are known, too
    LabelRows rows;
    TRY(results.read(interrupt, [&](const ResultRow& row) -> Result<> {
      if (row.failed || !row.fitted_on) return {};
      ++rows.fitted_on;
      if (!in_sample_) fitted.insert(row.text_hash);
      return {};
    }));
    TRY(results.read(interrupt, [&](const ResultRow& row) -> Result<> {
      if (row.failed) return {};
      if (fitted.contains(row.text_hash)) {
        rows.fitted_on = ++rows.left_out;
        return {};
      }
      rows.texts.push_back(row.text_hash);
      for (const Entry& entry : row.labels.entries()) {
        const std::string label(entry.key.as_string());
        auto& [score, present] = rows.columns[label];
        score.push_back(entry.value.as_number());
        present.push_back(std::ranges::find(row.expected_labels, label) != row.expected_labels.end() ? 1 : 0);
      }
      return {};
    }));
    return rows;
  }

  Result<int> of_labels(Program& program, const Results& results, const Interrupt& interrupt) const {
    auto [columns, texts, fitted_on, left_out] = TRY(label_rows(results, interrupt));
    if (left_out > 0 && texts.empty()) {
      return fail(
          Code::failed_precondition,
          "the configuration was fitted on {} of these texts, whose labels it knows; run it on new texts, or take what 'eval "
          "train --held-out FOLDER' decided of each text by fits without it (--in-sample goes on all the same)",
          left_out);
    }
    const bool flattered = fitted_on > 0 && left_out == 0;
    const std::size_t vetoes = std::erase_if(columns, [&](const auto& column) { return results.vetoes(column.first); });
    if (columns.empty()) return fail(Code::failed_precondition, "{} has no label but those that veto", folder_);
    std::vector<calibration::Sample> samples;
    std::vector<double> before;
    for (const auto& [label, column] : columns) {
      samples.push_back({.raw = column.score, .present = column.present});
      before.push_back(results.label_threshold(label));
    }
    const std::vector<std::uint8_t> alike(texts.size());
    const auto folds = TRY(beside(left_out, calibration::Folds::stratified(alike, 10, 1, equal_texts(texts))));
    const auto found = TRY(beside(left_out, calibration::choose_label_thresholds(samples, folds)));
    const calibration::Detection now = calibration::detection(samples, before);
    std::vector<Entry> thresholds;
    std::size_t next = 0;
    for (const auto& [label, column] : columns) thresholds.push_back({label, found.values[next++]});
    const auto figures = [](const calibration::Detection& of) {
      return Value::map({{"micro_f1", of.micro_f1}, {"macro_f1", of.macro_f1}});
    };
    const Value told = with_fields(Value::map({{"label_thresholds", Value::map(std::move(thresholds))},
                                               {"rows", count(texts.size())},
                                               {"fitted_on", count(fitted_on)},
                                               {"left_out", count(left_out)},
                                               {"held_out", figures(found.held_out)},
                                               {"before", figures(now)}}),
                                   decided_by(results));
    TRY(keep(program, told));
    if (json_) return kExitOk;
    TRY(program.out.write(
        fmt::format("thresholds of {} labels, by F1 {:.3f} micro, {:.3f} macro on texts held out{}; with those "
                    "there were {:.3f} and {:.3f}\n",
                    samples.size(), found.held_out.micro_f1, found.held_out.macro_f1,
                    flattered ? " (flattered: the configuration was fitted on them)" : "", now.micro_f1, now.macro_f1)));
    TRY(tell_left_out(program, left_out));
    if (vetoes > 0) TRY(program.out.write(fmt::format("labels that veto keep theirs, which decide: {}\n", vetoes)));
    return kExitOk;
  }

  static Result<double> cost(std::string_view option, const std::string& text) {
    const double value = text.empty() ? 1 : TRY(number_option(option, text));
    if (!(value >= 0)) return fail(Code::invalid_argument, "{} must not be negative", option);
    return value;
  }

  [[nodiscard]] Value value_of(const Threshold& found, const ThresholdRows& rows, double alpha, double confidence) const {
    std::vector<Entry> out{{"threshold", found.value},
                           {"by", chosen_.by},
                           {"rows", count(found.rows)},
                           {"accepted", count(found.accepted)},
                           {"wrong", count(found.wrong)},
                           {"missed", count(found.missed)},
                           {"vetoed", count(rows.vetoed())},
                           {"copies", count(rows.copies())},
                           {"fitted_on", count(rows.fitted_on())},
                           {"left_out", count(rows.left_out())}};
    if (chosen_.by == "f1") out.push_back({"f1", found.objective});
    if (chosen_.by == "cost") out.push_back({"mean_cost", found.objective});
    if (chosen_.by == "risk" && (rows.left_out() > 0 || rows.fitted_on() == 0)) {
      out.push_back({"alpha", alpha});
      out.push_back({"confidence", confidence});
      out.push_back({"bound", found.objective});
    }
    return Value::map(std::move(out));
  }

  std::string folder_;
  ThresholdOptions chosen_;
  std::string false_accept_;
  std::string false_reject_;
  std::string output_;
  bool labels_ = false;
  bool in_sample_ = false;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_eval_threshold() { return std::make_unique<EvalThreshold>(); }

}  // namespace thalweg::cli
