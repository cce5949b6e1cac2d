// thalweg eval run

#include <filesystem>

#include "base/printable.h"
#include "cli/eval/result_row.h"
#include "cli/eval/results_writer.h"
#include "cli/eval/summary.h"
#include "cli/render.h"
#include "scoring/deciding.h"
#include "scoring/origin.h"

namespace thalweg::cli {

namespace {

constexpr std::size_t kMistakesShown = 10;

class EvalRun final : public Command {
 public:
  void declare(Options& options) override {
    options.position("DATA", data_, "a data set: JSON, JSONL or CSV, also gzipped; - is standard input", Completes::file);
    options.value("-o,--output", "FOLDER", output_, "where results go (the configuration's `output`, else DATA.eval)",
                  Completes::folder);
    resuming_.declare(options);
    options.flag("-v,--verbose", verbose_, "also categories, difficulties, labels and the first mistakes");
    source_.declare_run(options);
    options.flag("--json", json_, "print the summary as JSON");
  }
  [[nodiscard]] std::string_view notes() const override {
    return "Writes results.jsonl (a row for each sample, in order; results.jsonl.part while it runs) and summary.json. Raw\n"
           "scores are kept in raw-scores.ledger as they come: a run that was stopped or killed goes on where it was, and\n"
           "other weights, thresholds and calibrations are tried without asking the model again. They stand under the text,\n"
           "the labels and the model, so that what is kept never is of something else; --fresh computes it anyway.\n"
           "'thalweg eval failures' lists the texts on which the model failed.\n"
           "\n"
           "The exit code is 0 when everything was scored, 1 when a model failed on a text, nothing could be scored or\n"
           "results could not be written, 2 for wrong options, data or configuration, 130 when stopped.\n";
  }
  [[nodiscard]] std::string_view examples() const override {
    return "  thalweg eval run messages.json\n"
           "  thalweg eval run messages.json -c gate.yaml -o out -v\n"
           "  thalweg eval run messages.json -c gate.yaml --set layers.score.threshold=0.6 --json\n";
  }
  [[nodiscard]] Result<int> run(Program& program) override {
    TRY(resuming_.check());
    const EvalConfig config = TRY(source_.read());
    const auto session = TRY(Session::open(program, source_.session()));
    const auto samples = TRY(open_samples(data_, config, session->interrupt()));
    const scoring::ScorePlan plan(config.data.score);
    const auto seen = TRY(as_usage(scoring::TextsSeen::by_decisions(config.data.score)));
    const ResultsFolder made = TRY(ResultsFolder::open(output_, config, data_));
    const std::string& folder = made.path();
    const auto results = TRY(ResultsWriter::open(folder));
    const scoring::Deciding decided_by =
        scoring::deciding_of(config.data.score, TRY(as_usage(scoring::scores_origin(config.data.score, *session->models()))));
    warn_of_origin(config, decided_by.model);
    std::int64_t fitted_on = 0;
    std::vector<std::string> mistakes;
    std::size_t wrong = 0;
    const Timestamp began = wall_time(program.clock);
    const ScoringDone done =
        TRY(run_scoring(program, *session, config,
                        {.samples = *samples,
                         .data = data_,
                         .ledger = (std::filesystem::path(folder) / kRawScores).string(),
                         .resuming = resuming_,
                         .outcome = [&](const scoring::Outcome& outcome) -> Result<> {
                           const bool mistaken =
                               outcome.error != nullptr || outcome.verdict.decision != outcome.sample.expected_decision;
                           if (mistaken && ++wrong <= kMistakesShown) mistakes.push_back(mistake(outcome, plan));
                           const bool fitted = outcome.sample.fitted_on || seen.contains(outcome.sample.text);
                           fitted_on += fitted ? 1 : 0;
                           return results->write(result_row(outcome, plan, fitted));
                         },
                         .handed_over = [&] { return results->flush(); }}));
    if (done.interrupted) {
      const auto texts = static_cast<std::int64_t>(done.evaluation.decisions().rows()) + done.evaluation.errors();
      print_error(
          texts == 0 ? "thalweg: stopped before the first text\n"
                     : fmt::format("thalweg: stopped after {} texts ({}.part); run it again to go on\n", texts, results->path()));
      return kExitInterrupted;
    }
    const Value summary = TRY(results->commit(
        summary_of(done, config, data_, began).set("fitted_on", fitted_on).set("decided_by", decided_by.to_value())));
    if (json_) {
      TRY(print_json(program.out, summary));
    } else {
      TRY(program.out.write(summary_text(done, config, data_, folder, verbose_)));
      if (fitted_on > 0) {
        TRY(program.out.write(fmt::format(
            "fitted on  {} of these texts: the configuration was fitted to them, so that these figures flatter; those of "
            "new texts are what counts\n",
            fitted_on)));
      }
      if (verbose_ && !mistakes.empty()) {
        TRY(program.out.write(fmt::format("\nmistakes\n{}\n", fmt::join(mistakes, "\n"))));
        if (wrong > mistakes.size())
          TRY(program.out.write(fmt::format("... and {} more in {}\n", wrong - mistakes.size(), results->path())));
      }
      TRY(program.out.write(fmt::format("written    {}, summary.json\n", results->path())));
    }
    return done.evaluation.errors() > 0 ? kExitFailed : kExitOk;
  }

 private:
  static void warn_of_origin(const EvalConfig& config, const std::string& origin) {
    const std::string& fitted_to = config.data.score.training.model;
    if (fitted_to.empty() || origin.empty() || origin == fitted_to) return;
    print_error(
        fmt::format("thalweg: warning: {}: the calibrations were fitted to raw scores of another model, probe or hypotheses "
                    "than these; train and apply them anew\n",
                    config.path));
  }

  static std::string mistake(const scoring::Outcome& outcome, const scoring::ScorePlan& plan) {
    if (outcome.error != nullptr)
      return fmt::format("  {}: {}", one_line(outcome.sample.id, 80), printable_line(outcome.error->text()));
    const scoring::ScoreResult result = plan.result(outcome.raw, outcome.characters);
    return fmt::format("  {}: '{}' {}, expected {}: {}", one_line(outcome.sample.id, 80), one_line(outcome.sample.text, 50),
                       result.accepted() ? "accepted" : "rejected", scoring::name(outcome.sample.expected_decision),
                       printable_line(result.reason.text()));
  }

  std::string data_;
  std::string output_;
  EvalSource source_;
  Resuming resuming_;
  bool verbose_ = false;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_eval_run() { return std::make_unique<EvalRun>(); }

}  // namespace thalweg::cli
