// thalweg eval train

#include <algorithm>
#include <numeric>

#include "calibration/fit.h"
#include "calibration/shrinkage.h"
#include "cli/eval_source.h"
#include "cli/eval_train_probe.h"
#include "cli/render.h"
#include "cli/table.h"
#include "scoring/params_file.h"
#include "scoring/scores_file.h"

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
    options.value("-m,--method", "NAME", method_, "platt, isotonic, temperature, beta, legacy, or probe (platt)");
    options.flag("--no-shrinkage", alone_, "platt and beta: fit each label alone, and leave those with too few samples raw");
    options.value("--scores", "FILE", scores_, "probe: also write raw scores that each text got from probes fitted without it",
                  Completes::file);
    options.value("--folds", "N", folds_, "probe: cuts of the data for --scores; 0 leaves out one text at a time (10)");
    options.value("--seed", "N", seed_, "of those cuts (1)");
    source_.declare(options);
    options.flag("--json", json_, "print what was found for each label");
  }
  [[nodiscard]] std::string_view notes() const override {
    return "A calibration makes a probability of a raw score, label by label. platt and beta are fitted for all labels\n"
           "together: what labels have in common holds up those with few samples. legacy is the formula of older files, on the\n"
           "raw score itself; with it, and with isotonic and temperature, labels with fewer than 5 samples with or without\n"
           "them are left as they are.\n"
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
    if (output_.empty()) return fail(Code::invalid_argument, "name a file for the parameters with --output");
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
    const bool shrunk = !alone_ && (method == Method::platt || method == Method::beta);
    scoring::Params params = TRY(shrunk ? fit_together(scores, method) : fit_alone(scores, method));
    params.total_samples = scores.samples;
    params.more = Value::map({{"method", calibration::name(method)},
                              {"shrinkage", shrunk},
                              {"scores", Value::map({{"path", data_}, {"hash", scores.hash}})}});
    Output file = TRY(Output::file(output_));
    TRY(print_json(file, params.to_value()));
    TRY(file.commit());
    if (json_) {
      TRY(print_json(program.out, params.to_value()));
      return kExitOk;
    }
    std::vector<std::vector<std::string>> rows{{"label", "with", "without", "parameters", ""}};
    for (const scoring::LabelParams& label : params.labels)
      rows.push_back({label.label, std::to_string(label.positives), std::to_string(label.negatives), formula(label.calibrator),
                      label.reason});
    TRY(program.out.write(table(rows)));
    for (const std::string& warning : warnings_) print_error(fmt::format("thalweg: warning: {}\n", warning));
    if (scores.failed > 0)
      print_error(fmt::format("thalweg: warning: {} samples have no scores and were passed over\n", scores.failed));
    TRY(program.out.write(fmt::format("{}: {} of {} labels calibrated ({}{}) from {} samples\n", output_,
                                      std::ranges::count(params.labels, false, &scoring::LabelParams::skipped),
                                      params.labels.size(), method_, shrunk ? ", with shrinkage" : "", scores.samples)));
    return kExitOk;
  }

 private:
  void warn(const std::string& label, const std::vector<calibration::Warning>& warnings) {
    for (const calibration::Warning& warning : warnings) warnings_.push_back(fmt::format("{}: {}", label, warning.text));
  }

  Result<scoring::Params> fit_together(const Scores& scores, Method method) {
    std::vector<calibration::Sample> samples;
    for (std::size_t i = 0; i < scores.labels.size(); ++i) samples.push_back(scores.of(i));
    const auto fit = TRY(calibration::fit_shrunk(samples, {.form = method}));
    scoring::Params params;
    for (std::size_t i = 0; i < scores.labels.size(); ++i) {
      params.labels.push_back({.label = scores.labels[i],
                               .calibrator = fit.labels[i].calibrator,
                               .positives = samples[i].positives(),
                               .negatives = samples[i].negatives()});
      warn(scores.labels[i], fit.labels[i].warnings);
    }
    return params;
  }

  Result<scoring::Params> fit_alone(const Scores& scores, Method method) {
    scoring::Params params;
    std::size_t fitted = 0;
    for (std::size_t i = 0; i < scores.labels.size(); ++i) {
      const calibration::Sample sample = scores.of(i);
      scoring::LabelParams label{.label = scores.labels[i], .positives = sample.positives(), .negatives = sample.negatives()};
      const auto fit = calibration::fit(method, sample);
      if (fit) {
        ++fitted;
        label.calibrator = fit->calibrator;
        warn(label.label, fit->warnings);
      } else if (fit.error().code() == Code::failed_precondition) {
        label.skipped = true;
        label.reason = fit.error().message();
      } else {
        return std::unexpected(fit.error().at(label.label));
      }
      params.labels.push_back(std::move(label));
    }
    if (fitted > 0) return params;
    return fail(Code::failed_precondition,
                "no label has enough samples to be calibrated alone: {}; label more texts, or use --method platt",
                params.labels.front().reason);
  }

  std::string data_;
  std::string output_;
  std::string method_ = "platt";
  std::string scores_;
  std::int64_t folds_ = 10;
  std::int64_t seed_ = 1;
  bool alone_ = false;
  bool json_ = false;
  EvalSource source_;
  std::vector<std::string> warnings_;
};

}  // namespace

std::unique_ptr<Command> make_eval_train() { return std::make_unique<EvalTrain>(); }

}  // namespace thalweg::cli
