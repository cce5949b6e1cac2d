// thalweg eval run

#include <filesystem>

#include "cli/eval/summary.h"
#include "cli/render.h"
#include "scoring/data/row_writer.h"
#include "scoring/digest.h"

namespace thalweg::cli {

namespace {

constexpr std::size_t kMistakesShown = 10;
constexpr std::size_t kLongestText = 500;  // characters of a text in a row of results

// A row of results.jsonl.
Value row_of(const scoring::Outcome& outcome, const scoring::ScorePlan& plan) {
  const scoring::Sample& sample = outcome.sample;
  std::vector<Entry> row{{"id", sample.id},
                         {"text", one_line(sample.text, kLongestText)},
                         {"text_hash", scoring::digest({&sample.text, 1})},
                         {"primary_category", sample.primary_category},
                         {"expected_decision", scoring::name(sample.expected_decision)}};
  if (sample.difficulty) row.push_back({"difficulty", scoring::name(*sample.difficulty)});
  row.push_back(
      {"expected_labels", Value::list(std::vector<Value>(sample.expected_labels.begin(), sample.expected_labels.end()))});
  if (outcome.error != nullptr) {
    row.push_back({"error", Value::map({{"code", info(outcome.error->code()).name}, {"message", outcome.error->text()}})});
    return Value::map(std::move(row));
  }
  const scoring::ScoreResult result = plan.result(outcome.raw, outcome.characters);
  std::vector<Value> detected;
  for (const std::string& label : result.detected_labels()) detected.emplace_back(label);
  std::vector<Entry> calibrated;
  for (std::size_t i = 0; i < plan.columns().size(); ++i) calibrated.push_back({plan.columns()[i], outcome.calibrated[i]});
  row.push_back({"actual_decision", scoring::name(result.decision)});
  row.push_back({"correct", result.decision == sample.expected_decision});
  row.push_back({"score", result.score});
  row.push_back({"threshold", plan.least_score(outcome.characters)});
  row.push_back({"rule", scoring::name(result.reason.rule)});
  row.push_back({"reason", result.reason.text()});
  row.push_back({"detected_labels", Value::list(std::move(detected))});
  row.push_back({"labels", Value::map(std::move(calibrated))});
  return Value::map(std::move(row));
}

class EvalRun final : public Command {
 public:
  void declare(Options& options) override {
    options.position("DATA", data_, "a data set: JSON, JSONL or CSV, also gzipped; - is standard input", Completes::file);
    options.value("-o,--output", "FOLDER", output_, "where results go (the configuration's `output`, else DATA.eval)",
                  Completes::folder);
    options.flag("--resume", resume_, "go on where a run was stopped: texts that are scored already are not scored again");
    options.flag("--retry", retry_, "as --resume, and try those again that failed");
    options.flag("-v,--verbose", verbose_, "also categories, difficulties, labels and the first mistakes");
    source_.declare_run(options);
    options.flag("--json", json_, "print the summary as JSON");
  }
  [[nodiscard]] std::string_view notes() const override {
    return "Writes results.jsonl (a row for each sample, in order) and summary.json. Raw scores are kept in\n"
           "raw-scores.ledger as they come; they depend on the model, the labels and the text alone, so that with\n"
           "--resume other weights, thresholds and calibrations are tried without asking the model again.\n"
           "\n"
           "The exit code is 0 when everything was scored, 1 when a model failed on a text, 2 for wrong options,\n"
           "data or configuration, 130 when stopped.\n";
  }
  [[nodiscard]] std::string_view examples() const override {
    return "  thalweg eval run messages.json\n"
           "  thalweg eval run messages.json -c gate.yaml -o out -v\n"
           "  thalweg eval run messages.json -c gate.yaml --resume --set layers.score.threshold=0.6 --json\n";
  }
  [[nodiscard]] Result<int> run(Program& program) override {
    const EvalConfig config = TRY(source_.read());
    const auto session = TRY(Session::open(program, source_.session()));
    const std::string folder = TRY(results_folder(output_, config, data_));
    const std::string path = (std::filesystem::path(folder) / "results.jsonl").string();
    Output results = TRY(Output::file(path));
    scoring::RowWriter rows(scoring::FileForm::lines, Value::map(), [&](std::string_view text) { return results.write(text); });
    const scoring::ScorePlan plan(config.data.score);
    std::vector<std::string> mistakes;
    std::size_t wrong = 0;
    const Timestamp began = wall_time(program.clock);
    const ScoringDone done =
        TRY(run_scoring(program, *session, config,
                        {.data = data_,
                         .folder = folder,
                         .resume = resume_,
                         .retry = retry_,
                         .outcome = [&](const scoring::Outcome& outcome) -> Result<> {
                           const bool mistaken =
                               outcome.error != nullptr || outcome.verdict.decision != outcome.sample.expected_decision;
                           if (mistaken && ++wrong <= kMistakesShown) mistakes.push_back(mistake(outcome, plan));
                           return rows.write(row_of(outcome, plan));
                         }}));
    print_problems(done.problems, 5);
    if (done.interrupted) {
      print_error(fmt::format("thalweg: stopped after {} texts; go on with --resume\n",
                              static_cast<std::int64_t>(done.evaluation.decisions().rows()) + done.evaluation.errors()));
      return kExitInterrupted;
    }
    TRY(rows.finish());
    // Rows never stand beside the summary of another run.
    const std::string summary_path = (std::filesystem::path(folder) / "summary.json").string();
    std::error_code ignored;
    std::filesystem::remove(summary_path, ignored);
    TRY(results.commit());
    const Value summary = summary_of(done, config, data_, began);
    Output file = TRY(Output::file(summary_path));
    TRY(print_json(file, summary));
    TRY(file.commit());
    if (json_) {
      TRY(print_json(program.out, summary));
    } else {
      TRY(program.out.write(summary_text(done, config, data_, verbose_)));
      if (verbose_ && !mistakes.empty()) {
        TRY(program.out.write(fmt::format("\nmistakes\n{}\n", fmt::join(mistakes, "\n"))));
        if (wrong > mistakes.size())
          TRY(program.out.write(fmt::format("... and {} more in {}\n", wrong - mistakes.size(), path)));
      }
      TRY(program.out.write(fmt::format("written    {}, summary.json\n", path)));
    }
    return done.evaluation.errors() > 0 ? kExitFailed : kExitOk;
  }

 private:
  static std::string mistake(const scoring::Outcome& outcome, const scoring::ScorePlan& plan) {
    if (outcome.error != nullptr) return fmt::format("  {}: {}", outcome.sample.id, outcome.error->text());
    const scoring::ScoreResult result = plan.result(outcome.raw, outcome.characters);
    return fmt::format("  {}: '{}' {}, expected {}: {}", outcome.sample.id, one_line(outcome.sample.text, 50),
                       result.accepted() ? "accepted" : "rejected", scoring::name(outcome.sample.expected_decision),
                       result.reason.text());
  }

  std::string data_;
  std::string output_;
  EvalSource source_;
  bool resume_ = false;
  bool retry_ = false;
  bool verbose_ = false;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_eval_run() { return std::make_unique<EvalRun>(); }

}  // namespace thalweg::cli
