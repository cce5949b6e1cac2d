// thalweg eval train

#include <algorithm>
#include <numeric>

#include "calibration/report.h"
#include "cli/eval/source.h"
#include "cli/eval/train_probe.h"
#include "cli/render.h"
#include "cli/table.h"
#include "scoring/data/scores_file.h"
#include "scoring/params_file.h"

namespace thalweg::cli {

namespace {

using calibration::Method;

// Raw scores of a file, label by label.
struct Scores {
  std::vector<std::string> labels;  // by name
  std::vector<std::vector<double>> raw;
  std::vector<std::vector<std::uint8_t>> present;
  std::size_t samples = 0;
  std::size_t failed = 0;  // samples without scores
  std::string hash;
  [[nodiscard]] calibration::Sample of(std::size_t label) const { return {.raw = raw[label], .present = present[label]}; }
};

Result<Scores> read_scores(const std::string& path, Progress& progress, const Interrupt& interrupt) {
  auto reader =
      TRY(scoring::ScoresReader::open(path, {.readable = [&](int descriptor) { return interrupt.readable(descriptor); }}));
  Scores scores;
  while (const auto sample = TRY(reader.next())) {
    if (interrupt.requested()) return fail(Code::cancelled, "stopped");
    show_progress(progress, "read", ++scores.samples, reader.source());
    if (sample->scores.empty()) {
      ++scores.failed;
      continue;
    }
    auto row = sample->scores;
    std::ranges::sort(row);
    if (scores.labels.empty()) {
      for (const auto& [label, raw] : row) scores.labels.push_back(label);
      scores.raw.resize(row.size());
      scores.present.resize(row.size());
    }
    const bool same = std::ranges::equal(row, scores.labels, {}, &std::pair<std::string, double>::first);
    if (!same) {
      return fail(Code::invalid_argument,
                  "{}: it has other labels than the samples before it; the file holds scores of several "
                  "configurations",
                  reader.place(*sample));
    }
    for (std::size_t i = 0; i < row.size(); ++i) {
      scores.raw[i].push_back(row[i].second);
      scores.present[i].push_back(std::ranges::find(sample->expected_labels, row[i].first) != sample->expected_labels.end());
    }
  }
  progress.clear();
  scores.hash = reader.source().hash();
  if (scores.labels.empty()) return fail(Code::failed_precondition, "{}: there are no samples with scores", path);
  return scores;
}

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
           "A probe is a logistic regression on the sentence vectors of the configuration's model, for each label. Calibrate\n"
           "it on --scores, not on scores of texts that it was fitted on.\n";
  }
  [[nodiscard]] std::string_view examples() const override {
    return "  thalweg eval train scores.json -o params.json\n"
           "  thalweg eval train scores.json -o params.json --method isotonic\n"
           "  thalweg eval train messages.json -c gate.yaml --method probe -o probe.json --scores scores.json\n"
           "  thalweg eval apply gate.yaml probe.json params.json -o trained.yaml\n";
  }
  [[nodiscard]] Result<int> run(Program& program) override {
    if (folds_ < 0 || folds_ == 1) return fail(Code::invalid_argument, "--folds must be 0, or 2 or more");
    if (output_.empty()) return fail(Code::invalid_argument, "name a file for the parameters with --output");
    TRY(keep_inputs(output_, {data_}));
    TRY(keep_inputs(scores_, {data_, output_}));
    if (method_ == "probe") {
      return train_probe(program, source_,
                         {.data = data_, .output = output_, .scores = scores_, .folds = folds_, .seed = seed_, .json = json_});
    }
    if (!scores_.empty()) return fail(Code::invalid_argument, "--scores goes with --method probe");
    const Method method = TRY(calibration::method_named(method_));
    if (method == Method::none) return fail(Code::invalid_argument, "--method none fits nothing");
    const auto interrupt = TRY(Interrupt::watch());
    Progress progress(program.clock);
    const Scores scores = TRY(read_scores(data_, progress, *interrupt));
    std::vector<calibration::LabelData> labels;
    for (std::size_t i = 0; i < scores.labels.size(); ++i) labels.push_back({.name = scores.labels[i], .sample = scores.of(i)});
    const bool shrunk = !alone_ && (method == Method::platt || method == Method::beta);
    auto report = calibration::calibrate(labels, {.method = method,
                                                  .shrink = shrunk,
                                                  .folds = static_cast<std::size_t>(folds_),
                                                  .seed = static_cast<std::uint64_t>(seed_),
                                                  .progress = [&](std::size_t done, std::size_t total) -> Result<> {
                                                    progress.on_progress("fit", static_cast<std::int64_t>(done),
                                                                         static_cast<std::int64_t>(total), "rounds");
                                                    if (interrupt->requested()) return fail(Code::cancelled, "stopped");
                                                    return {};
                                                  }});
    progress.clear();
    if (interrupt->requested()) return kExitInterrupted;
    if (!report) return std::unexpected(report.error().at(data_));
    TRY(check(*report));
    scoring::Params params = params_of(*report);
    params.more = Value::map({{"scores", Value::map({{"path", data_}, {"hash", scores.hash}})}, {"report", report->to_value()}});
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
      TRY(program.out.write(fmt::format("written  {}\n", output_)));
    }
    return kExitOk;
  }

 private:
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
    std::vector<std::vector<std::string>> rows{{"label", "with", "without", "raw", "held out", "base rate", "AUC", "parameters"}};
    for (const calibration::LabelReport& label : report.labels) {
      rows.push_back({label.name, std::to_string(label.positives), std::to_string(label.negatives), number(label.before.log_loss),
                      number(label.held_out.log_loss), fmt::format("{:.4f}", label.base_rate),
                      label.auc ? fmt::format("{:.3f}", *label.auc) : "-",
                      label.skipped.empty() ? formula(label.calibrator) : "left raw"});
    }
    rows.push_back(
        {"mean", "", "", number(report.before), number(report.held_out), fmt::format("{:.4f}", report.base_rate), "", ""});
    std::string out = fmt::format("log-loss in nats, of {} samples; held out: each by {}\n\n", report.rows,
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
  bool alone_ = false;
  bool json_ = false;
  EvalSource source_;
};

}  // namespace

std::unique_ptr<Command> make_eval_train() { return std::make_unique<EvalTrain>(); }

}  // namespace thalweg::cli
