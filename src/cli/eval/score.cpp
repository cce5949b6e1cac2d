// thalweg eval score

#include <filesystem>

#include "cli/eval/scoring.h"
#include "cli/render.h"
#include "scoring/data/row_writer.h"
#include "scoring/data/scores_file.h"
#include "scoring/scores_export.h"

namespace thalweg::cli {

namespace {

class EvalScore final : public Command {
 public:
  void declare(Options& options) override {
    options.position("DATA", data_, "a data set: JSON, JSONL or CSV, also gzipped; - is standard input", Completes::file);
    options.value("-o,--output", "FILE", output_,
                  "the raw scores: .json, or .jsonl for large sets (scores.json in the folder of results)", Completes::file);
    resuming_.declare(options);
    source_.declare_run(options);
    options.flag("--json", json_, "print {samples, failed, dropped, output} as JSON");
  }
  [[nodiscard]] std::string_view notes() const override {
    return "A raw score is what the model says, before calibration, weights and thresholds. The file is what 'eval train'\n"
           "reads, and what a model of type `recorded` gives back; decisions, categories and labels of the samples are kept\n"
           "in it. A sample whose model failed has no scores.\n"
           "\n"
           "Raw scores are kept as they come, so that a stopped export goes on where it was: in the folder of results, where\n"
           "a run of the same data kept some, else beside FILE. Exit codes are those of 'eval run'.\n";
  }
  [[nodiscard]] std::string_view examples() const override {
    return "  thalweg eval score messages.json -c gate.yaml -o scores.json\n"
           "  thalweg eval train scores.json -o params.json --method platt\n";
  }
  [[nodiscard]] Result<int> run(Program& program) override {
    TRY(resuming_.check());
    const EvalConfig config = TRY(source_.read());
    const auto session = TRY(Session::open(program, source_.session()));
    const auto samples = TRY(open_samples(data_, config, session->interrupt()));
    const Places places = TRY(this->places(config));
    const std::string& path = places.output;
    TRY(keep_inputs(path, {data_, source_.path()}));
    Output output = TRY(Output::growing(path));
    scoring::RowWriter rows(scoring::form_to_write(path), Value::map({{"data", data_}, {"configuration_hash", config.hash}}),
                            [&](std::string_view text) { return output.write(text); });
    const auto exporting = TRY(as_usage(scoring::ScoresExport::open(config.data.score, *session->models())));
    std::size_t fitted_on = 0;
    const ScoringDone done = TRY(run_scoring(program, *session, config,
                                             {.samples = *samples,
                                              .data = data_,
                                              .ledger = places.ledger,
                                              .resuming = resuming_,
                                              .outcome = [&](const scoring::Outcome& outcome) -> Result<> {
                                                const scoring::ScoredSample sample = exporting.row(outcome);
                                                fitted_on += sample.fitted_on ? 1 : 0;
                                                const Value row = TRY(scoring::to_value(sample));
                                                return rows.write(row);
                                              },
                                              .handed_over = [&] { return output.flush(); }}));
    if (done.interrupted) {
      print_error("thalweg: stopped; run it again to go on\n");
      return kExitInterrupted;
    }
    TRY(rows.finish());
    TRY(output.commit());
    const auto count = static_cast<std::int64_t>(rows.rows());
    if (json_) {
      TRY(print_json(program.out, Value::map({{"samples", count},
                                              {"failed", done.evaluation.errors()},
                                              {"dropped", done.evaluation.dropped()},
                                              {"output", path}})));
    } else {
      TRY(program.out.write(
          fmt::format("{}: raw scores of {} samples and {} labels{}\n", path, count, exporting.labels().size(),
                      done.evaluation.errors() > 0 ? fmt::format(", {} failed", done.evaluation.errors()) : "")));
    }
    if (fitted_on > 0) {
      print_error(
          fmt::format("thalweg: warning: the probe was fitted on {} of these texts; they are marked, and 'eval train' does not "
                      "take their scores\n",
                      fitted_on));
    }
    return done.evaluation.errors() > 0 ? kExitFailed : kExitOk;
  }

 private:
  struct Places {
    std::string output;
    std::string ledger;
    std::optional<ResultsFolder> folder;
  };

  // With --output nothing is made beside it but its own ledger, where there is none of a run.
  [[nodiscard]] Result<Places> places(const EvalConfig& config) const {
    namespace fs = std::filesystem;
    std::error_code ignored;
    const std::string kept = (fs::path(results_folder_name("", config, data_)) / kRawScores).string();
    const bool is_file = !fs::exists(output_, ignored) || fs::is_regular_file(output_, ignored);
    if (!output_.empty() && fs::exists(kept, ignored)) return Places{output_, kept, {}};
    if (!output_.empty() && is_file) return Places{output_, output_ + ".ledger", {}};
    ResultsFolder folder = TRY(ResultsFolder::open("", config, data_));
    const std::string scores = (fs::path(folder.path()) / "scores.json").string();
    return Places{output_.empty() ? scores : output_, kept, std::move(folder)};
  }

  std::string data_;
  std::string output_;
  EvalSource source_;
  Resuming resuming_;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_eval_score() { return std::make_unique<EvalScore>(); }

}  // namespace thalweg::cli
