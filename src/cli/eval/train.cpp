// thalweg eval train

#include <algorithm>
#include <optional>

#include "calibration/report.h"
#include "cli/eval/source.h"
#include "cli/eval/train_decisions.h"
#include "cli/eval/train_probe.h"
#include "cli/eval/train_scores.h"
#include "cli/render.h"
#include "cli/table.h"
#include "scoring/origin.h"
#include "scoring/params_file.h"

namespace thalweg::cli {

namespace {

using calibration::Method;

std::string formula(const calibration::Calibrator& calibrator) {
  switch (calibrator.method()) {
    case Method::none:
      return "as it is";
    case Method::legacy:
    case Method::platt:
      return fmt::format("a {:.4f}  b {:.4f}", calibrator.a(), calibrator.b());
    case Method::temperature:
      return fmt::format("t {:.4f}", calibrator.t());
    case Method::beta:
      return fmt::format("a {:.4f}  b {:.4f}  c {:.4f}", calibrator.a(), calibrator.b(), calibrator.c());
    case Method::isotonic:
      return fmt::format("{} knots", calibrator.x().size());
  }
  return {};
}

class EvalTrain final : public Command {
 public:
  void declare(Options& options) override {
    options.position("SCORES", data_, "raw scores (thalweg eval score); with --method probe a data set", Completes::file);
    options.value("-o,--output", "FILE", output_, "where the parameters go", Completes::file);
    options.value("-m,--method", "NAME", method_, "beta, platt, isotonic, temperature, legacy, or probe (beta)");
    options.flag("--no-shrinkage", alone_, "platt and beta: fit each label alone, and leave those with too few samples raw");
    options.flag("--combiner", combine_, "also fit what decides: a logistic regression on the calibrated labels");
    options.value("--held-out", "FOLDER", held_out_,
                  "also write what is decided of each text by fits without it, as 'eval run' writes it", Completes::folder);
    options.value("--scores", "FILE", scores_, "probe: also write raw scores that each text got from probes fitted without it",
                  Completes::file);
    options.value("--folds", "N", folds_, "cuts of the data, each held out once; 0 leaves out one text at a time (10)");
    options.value("--seed", "N", seed_, "of the cuts (1)");
    source_.declare(options);
    options.flag("--json", json_, "print what was found for each label");
  }
  [[nodiscard]] std::string_view notes() const override {
    return "A calibration makes a probability of a raw score, label by label. platt and beta are fitted for all labels\n"
           "together: what labels have in common holds up those with few samples. legacy is the formula of older files, on the\n"
           "raw score itself; with it, and with isotonic and temperature, labels with fewer than 5 samples with or without\n"
           "them are left as they are. All labels together need 5 of each, too.\n"
           "\n"
           "With --combiner, or with the rule of a configuration (-c), the decisions of texts held out are counted: in every\n"
           "fold calibrations and combiner are fitted on the other folds alone. --held-out keeps them for 'eval threshold' and\n"
           "'eval report', which would only flatter on texts that the configuration was fitted on.\n"
           "\n"
           "A probe is a logistic regression on the sentence vectors of the configuration's model, for each label. Calibrate\n"
           "it on --scores, not on scores of texts that it was fitted on.\n";
  }
  [[nodiscard]] std::string_view examples() const override {
    return "  thalweg eval train scores.json -o params.json\n"
           "  thalweg eval train scores.json -o params.json --method isotonic\n"
           "  thalweg eval train scores.json -o params.json --combiner --held-out out\n"
           "  thalweg eval train messages.json -c gate.yaml --method probe -o probe.json --scores scores.json\n"
           "  thalweg eval apply gate.yaml probe.json params.json -o trained.yaml\n";
  }
  [[nodiscard]] Result<int> run(Program& program) override {
    if (folds_ < 0 || folds_ == 1) return fail(Code::invalid_argument, "--folds must be 0, or 2 or more");
    if (output_.empty()) return fail(Code::invalid_argument, "name a file for the parameters with --output");
    TRY(keep_inputs(output_, {data_}));
    TRY(keep_inputs(scores_, {data_, output_}));
    if (method_ == "probe") {
      if (combine_ || !held_out_.empty())
        return fail(Code::invalid_argument,
                    "--combiner and --held-out go with raw scores: train the probe first, then on its --scores");
      return train_probe(program, source_,
                         {.data = data_, .output = output_, .scores = scores_, .folds = folds_, .seed = seed_, .json = json_});
    }
    if (!scores_.empty()) return fail(Code::invalid_argument, "--scores goes with --method probe");
    const Method method = TRY(calibration::method_named(method_));
    if (method == Method::none) return fail(Code::invalid_argument, "--method none fits nothing");
    const auto interrupt = TRY(Interrupt::watch());
    Progress progress(program.clock);
    const TrainingScores scores = TRY(as_usage(read_training_scores(data_, progress, *interrupt)));
    std::optional<TrainDecisions> decisions = TRY(decisions_of(scores));
    std::vector<calibration::LabelData> labels;
    for (std::size_t i = 0; i < scores.labels.size(); ++i) labels.push_back({.name = scores.labels[i], .sample = scores.of(i)});
    const bool shrunk = !alone_ && (method == Method::platt || method == Method::beta);
    auto report = calibration::calibrate(
        labels, {.method = method,
                 .shrink = shrunk,
                 .folds = static_cast<std::size_t>(folds_),
                 .seed = static_cast<std::uint64_t>(seed_),
                 .groups = scores.groups,
                 .fold = [&](auto fits, auto inside,
                             auto outside) { return decisions ? decisions->hold_out(fits, inside, outside) : Result<>(); },
                 .progress = [&](std::size_t done, std::size_t total) -> Result<> {
                   progress.on_progress("fit", static_cast<std::int64_t>(done), static_cast<std::int64_t>(total), "rounds");
                   if (interrupt->requested()) return fail(Code::cancelled, "stopped");
                   return {};
                 }});
    progress.clear();
    if (interrupt->requested()) return kExitInterrupted;
    if (!report) return std::unexpected(report.error().at(data_));
    TRY(check(*report));
    scoring::Params params = params_of(*report);
    params.model = scores.model;
    params.fitted_on = scoring::FittedTexts(scores.texts());
    params.more = Value::map({{"scores", Value::map({{"path", data_}, {"hash", scores.hash}})}, {"report", report->to_value()}});
    std::vector<calibration::Calibrator> calibrators;
    for (const scoring::LabelParams& label : params.labels) calibrators.push_back(label.calibrator);
    if (combine_) params.combiner = TRY(decisions->fit_all(calibrators));
    if (decisions) params.more = std::move(params.more).set("decisions", value_of(decisions->held_out()));
    if (decisions && !held_out_.empty()) {
      TRY(decisions->write(held_out_,
                           Value::map({{"data", Value::map({{"path", data_}, {"hash", scores.hash}})},
                                       {"model", Value::map({{"identity", scores.model}})},
                                       {"decided_by", decisions->decided_by(calibrators, params.combiner).to_value()}})));
    }
    Output file = TRY(Output::file(output_));
    TRY(print_json(file, params.to_value()));
    TRY(file.commit());
    for (const calibration::LabelReport& label : report->labels) {
      for (const calibration::Warning& warning : label.warnings)
        print_error(fmt::format("thalweg: warning: {}: {}\n", label.name, warning.text));
      if (!label.skipped.empty()) print_error(fmt::format("thalweg: warning: {} is left raw: {}\n", label.name, label.skipped));
    }
    if (scores.failed > 0)
      print_error(fmt::format("thalweg: warning: {} samples have no scores and were passed over\n", scores.failed));
    if (json_) {
      TRY(print_json(program.out, params.to_value()));
    } else {
      TRY(program.out.write(text_of(*report)));
      if (const std::size_t copies = scores.copies(); copies > 0)
        TRY(program.out.write(fmt::format("{} samples are copies of others: no fold and no draw parts them\n", copies)));
      if (decisions) TRY(program.out.write(text_of(decisions->held_out())));
      TRY(program.out.write(fmt::format("written  {}{}\n", output_, held_out_.empty() ? "" : fmt::format(", {}", held_out_))));
    }
    return kExitOk;
  }

 private:
  // Nothing where there is no rule to decide by, or no decision is expected.
  Result<std::optional<TrainDecisions>> decisions_of(const TrainingScores& scores) const {
    const bool wanted = combine_ || !held_out_.empty();
    if (wanted && scores.undecided > 0) {
      return fail(Code::invalid_argument,
                  "{}: {} samples have no 'expected_decision', which is what decisions are fitted to; export the scores with "
                  "'thalweg eval score', which keeps it",
                  data_, scores.undecided);
    }
    const auto accepts = static_cast<std::size_t>(std::ranges::count(scores.accepted(), 1));
    if (const std::size_t rejects = scores.samples.size() - accepts; combine_ && std::min(accepts, rejects) < 5) {
      return fail(Code::failed_precondition,
                  "{}: {} texts are to be accepted and {} to be rejected; a combiner needs at least 5 of each", data_, accepts,
                  rejects);
    }
    if (!combine_ && !source_.given()) {
      if (wanted) return fail(Code::invalid_argument, "--held-out needs what decides: --combiner, or a configuration (-c)");
      return std::nullopt;
    }
    scoring::ScoreConfig rule = TrainDecisions::combining(scores);
    if (source_.given()) {
      rule = TRY(source_.read()).data.score;
      std::vector<std::string> labels;
      for (const scoring::LabelConfig* label : rule.labels()) labels.push_back(label->name);
      if (labels != scores.labels)
        return fail(Code::invalid_argument, "{} has other labels than the configuration; score and train with one", data_);
    }
    if (scores.undecided > 0) return std::nullopt;
    if (source_.given()) {
      if (rule.combiner && !combine_ && !rule.training.texts.empty()) {
        const auto seen = TRY(scoring::TextsSeen::by_decisions(rule));
        if (std::ranges::any_of(scores.samples, [&](const auto& sample) { return seen.contains(sample.text); })) {
          return fail(
              Code::failed_precondition,
              "the configuration's combiner was fitted on these texts, so that none of its decisions is held out; fit it anew "
              "in each fold with --combiner");
        }
      }
    }
    return std::optional<TrainDecisions>(std::in_place, std::move(rule), scores, combine_, static_cast<std::uint64_t>(seed_));
  }

  static Value value_of(const calibration::Confusion& held_out) {
    const auto count = [](std::uint64_t n) { return Value(static_cast<std::int64_t>(n)); };
    return Value::map({{"rows", count(held_out.rows())},
                       {"accuracy", *held_out.accuracy()},
                       {"majority", *held_out.majority()},
                       {"true_positives", count(held_out.true_positives)},
                       {"false_positives", count(held_out.false_positives)},
                       {"false_negatives", count(held_out.false_negatives)},
                       {"true_negatives", count(held_out.true_negatives)}});
  }

  static std::string text_of(const calibration::Confusion& held_out) {
    return fmt::format(
        "decisions held out: {} of {} right ({}), {} accepted and {} rejected wrongly; always the commoner one: {}\n",
        held_out.true_positives + held_out.true_negatives, held_out.rows(), percent(*held_out.accuracy()),
        held_out.false_positives, held_out.false_negatives, percent(*held_out.majority()));
  }

  // What there is too little of to be calibrated alone must not end in a file that changes nothing.
  static Result<> check(const calibration::Report& report) {
    for (const calibration::LabelReport& label : report.labels) {
      if (label.skipped.empty()) return {};
    }
    return fail(Code::failed_precondition,
                "no label has enough samples to be calibrated alone: {}; label more texts, or calibrate all labels together "
                "(--method beta or platt)",
                report.labels.front().skipped);
  }

  static scoring::Params params_of(const calibration::Report& report) {
    scoring::Params params;
    for (const calibration::LabelReport& label : report.labels) {
      params.labels.push_back({.label = label.name,
                               .calibrator = label.calibrator,
                               .positives = label.positives,
                               .negatives = label.negatives,
                               .skipped = !label.skipped.empty(),
                               .reason = label.skipped});
    }
    params.total_samples = report.rows;
    return params;
  }

  [[nodiscard]] std::string text_of(const calibration::Report& report) const {
    const auto number = [](const calibration::Figure& figure) { return fmt::format("{:.4f}", figure.value); };
    std::vector<std::vector<std::string>> rows{
        {"label", "with", "without", "raw", "held out", "base rate", "AUC", "Brier", "ECE (95 %)", "parameters"}};
    for (const calibration::LabelReport& label : report.labels) {
      rows.push_back({label.name, std::to_string(label.positives), std::to_string(label.negatives), number(label.before.log_loss),
                      number(label.held_out.log_loss), fmt::format("{:.4f}", label.base_rate),
                      label.auc ? fmt::format("{:.3f}", *label.auc) : "-", fmt::format("{:.3f}", label.held_out.brier.value),
                      fmt::format("{:.3f} ({:.3f} to {:.3f})", label.held_out.ece.value, label.held_out.ece.interval.low,
                                  label.held_out.ece.interval.high),
                      label.skipped.empty() ? formula(label.calibrator) : "left raw"});
    }
    rows.push_back({"mean", "", "", number(report.before), number(report.held_out), fmt::format("{:.4f}", report.base_rate), "",
                    "", "", ""});
    std::string out = fmt::format("log-loss in nats, of {} samples; held out, as Brier score and ECE are, by {}\n\n", report.rows,
                                  report.folds == report.rows
                                      ? std::string("fits of all the others")
                                      : fmt::format("fits of the other {} of {} folds", report.folds - 1, report.folds)) +
                      table(rows);
    out += fmt::format("\nheld out {:.4f} (95 % interval {:.4f} to {:.4f}), raw {:.4f}, always the base rate {:.4f}\n",
                       report.held_out.value, report.held_out.interval.low, report.held_out.interval.high, report.before.value,
                       report.base_rate);
    if (const std::size_t all = report.labels.size(); report.fitted < all)
      out += fmt::format("these are means of the {} labels that are fitted; with the {} left raw held out {:.4f}\n",
                         report.fitted, all - report.fitted, report.held_out_with_skipped);
    return out;
  }

  std::string data_;
  std::string output_;
  std::string method_ = "beta";
  std::string scores_;
  std::int64_t folds_ = 10;
  std::int64_t seed_ = 1;
  std::string held_out_;
  bool alone_ = false;
  bool combine_ = false;
  bool json_ = false;
  EvalSource source_;
};

}  // namespace

std::unique_ptr<Command> make_eval_train() { return std::make_unique<EvalTrain>(); }

}  // namespace thalweg::cli
