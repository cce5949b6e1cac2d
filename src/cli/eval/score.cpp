// thalweg eval score

#include <filesystem>

#include "cli/eval/scoring.h"
#include "cli/render.h"
#include "scoring/data/row_writer.h"

namespace thalweg::cli {

namespace {

class EvalScore final : public Command {
 public:
  void declare(Options& options) override {
    options.position("DATA", data_, "a data set: JSON, JSONL or CSV, also gzipped; - is standard input", Completes::file);
    options.value("-o,--output", "FILE", output_,
                  "the raw scores: .json, or .jsonl for large sets (scores.json in the folder of results)", Completes::file);
    options.flag("--resume", resume_, "go on where a run was stopped: texts that are scored already are not scored again");
    options.flag("--retry", retry_, "as --resume, and try those again that failed");
    source_.declare_run(options);
    options.flag("--json", json_, "print {samples, failed, dropped, output} as JSON");
  }
  [[nodiscard]] std::string_view notes() const override {
    return "A raw score is what the model says, before calibration, weights and thresholds. The file is what 'eval train'\n"
           "reads, and what a model of type `recorded` gives back; decisions, categories and labels of the samples are kept\n"
           "in it. A sample whose model failed has no scores.\n";
  }
  [[nodiscard]] std::string_view examples() const override {
    return "  thalweg eval score messages.json -c gate.yaml -o scores.json\n"
           "  thalweg eval train scores.json -o params.json --method platt\n";
  }
  [[nodiscard]] Result<int> run(Program& program) override {
    const EvalConfig config = TRY(source_.read());
    const auto session = TRY(Session::open(program, source_.session()));
    const std::string folder = TRY(results_folder("", config, data_));
    const std::string path = output_.empty() ? (std::filesystem::path(folder) / "scores.json").string() : output_;
    Output output = TRY(Output::file(path));
    scoring::RowWriter rows(scoring::form_to_write(path), Value::map({{"configuration_hash", config.hash}}),
                            [&](std::string_view text) { return output.write(text); });
    const scoring::ScorePlan plan(config.data.score);
    const ScoringDone done = TRY(run_scoring(program, *session, config,
                                             {.data = data_,
                                              .folder = folder,
                                              .resume = resume_,
                                              .retry = retry_,
                                              .outcome = [&](const scoring::Outcome& outcome) -> Result<> {
                                                const Value row = TRY(scoring::to_value(scored(outcome, plan)));
                                                return rows.write(row);
                                              }}));
    print_problems(done.problems, 5);
    if (done.interrupted) {
      print_error("thalweg: stopped; go on with --resume\n");
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
          fmt::format("{}: raw scores of {} samples and {} labels{}\n", path, count, plan.columns().size(),
                      done.evaluation.errors() > 0 ? fmt::format(", {} failed", done.evaluation.errors()) : "")));
    }
    return done.evaluation.errors() > 0 ? kExitFailed : kExitOk;
  }

 private:
  static scoring::ScoredSample scored(const scoring::Outcome& outcome, const scoring::ScorePlan& plan) {
    scoring::ScoredSample sample;
    sample.id = outcome.sample.id;
    sample.text = outcome.sample.text;
    sample.expected_labels = outcome.sample.expected_labels;
    sample.expected_decision = outcome.sample.expected_decision;
    sample.primary_category = outcome.sample.primary_category;
    sample.difficulty = outcome.sample.difficulty;
    for (std::size_t i = 0; i < outcome.raw.size(); ++i) sample.scores.emplace_back(plan.columns()[i], outcome.raw[i]);
    return sample;
  }

  std::string data_;
  std::string output_;
  EvalSource source_;
  bool resume_ = false;
  bool retry_ = false;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_eval_score() { return std::make_unique<EvalScore>(); }

}  // namespace thalweg::cli
