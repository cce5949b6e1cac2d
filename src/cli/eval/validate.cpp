// thalweg eval validate

#include "base/printable.h"
#include "cli/eval/samples.h"
#include "cli/render.h"

namespace thalweg::cli {

namespace {

class EvalValidate final : public Command {
 public:
  void declare(Options& options) override {
    options.position("DATA", data_, "a data set: JSON, JSONL or CSV, also gzipped; - is standard input", Completes::file);
    source_.declare(options);
    options.flag("--strict", strict_, "exit code 1 when there is any error");
    options.flag("--json", json_, "print {samples, complete, errors, warnings, problems}");
  }
  [[nodiscard]] std::string_view notes() const override {
    return "Errors: rows that cannot be read, ids met twice, blank texts, raw scores that are none and, with -c, categories and\n"
           "labels that the configuration does not have, and raw scores that are missing where its model takes those of the\n"
           "samples: what 'eval run' with that configuration leaves out. Warnings: keys nobody reads, no expected labels, texts\n"
           "met twice, also with another decision. All are told with file, line and sample; at most 1000 are listed.\n"
           "\n"
           "The exit code is 0, with --strict 1 when there is any error, and 2 when the file cannot be read to its end; what\n"
           "is wrong before that place is told all the same.\n";
  }
  [[nodiscard]] std::string_view examples() const override {
    return "  thalweg eval validate messages.json\n"
           "  thalweg eval validate messages.jsonl -c gate.yaml --strict\n"
           "  thalweg eval validate messages.csv --json\n";
  }
  [[nodiscard]] Result<int> run(Program& program) override {
    // As a run with this configuration reads it; without one, whatever is there has to be right.
    scoring::SampleRules rules{.read = {.strict = false, .scores = scoring::ScoresRead::if_there}};
    if (source_.given()) rules = scoring::sample_rules(TRY(source_.read()).data.score, false);
    const auto interrupt = TRY(Interrupt::watch());
    rules.read.readable = [&](int descriptor) { return interrupt->readable(descriptor); };
    const auto reader = TRY(as_usage(scoring::SampleReader::open(data_, std::move(rules))));
    Progress progress(program.clock);
    std::size_t good = 0;
    Result<std::optional<scoring::Sample>> sample;
    while ((sample = reader->next()) && *sample) {
      if (++good % 256 == 0) show_progress(progress, "check", reader->rows(), reader->source());
      if (interrupt->requested()) return kExitInterrupted;
    }
    progress.clear();
    if (interrupt->requested()) return kExitInterrupted;
    const scoring::Problems problems = reader->problems();
    std::vector<scoring::Problem> all = problems.kept();
    const std::size_t errors = problems.errors() + (sample ? 0 : 1);
    if (!sample) all.push_back(breaks_off(sample.error(), *reader));
    if (json_) {
      std::vector<Value> list;
      for (const scoring::Problem& problem : all) list.push_back(problem.to_value());
      TRY(print_json(program.out, Value::map({{"samples", static_cast<std::int64_t>(reader->readable())},
                                              {"complete", sample.has_value()},
                                              {"errors", static_cast<std::int64_t>(errors)},
                                              {"warnings", static_cast<std::int64_t>(problems.warnings())},
                                              {"problems", Value::list(std::move(list))}})));
    } else {
      for (const scoring::Problem& problem : all)
        TRY(program.out.write(
            fmt::format("{}{}\n", scoring::is_warning(problem.kind) ? "warning: " : "", printable_line(problem.text()))));
      TRY(program.out.write(fmt::format("{}: {} samples can be read{}, {} errors, {} warnings\n", data_, reader->readable(),
                                        sample ? "" : " before the file breaks off", errors, problems.warnings())));
    }
    if (!sample) return kExitUsage;
    return strict_ && errors > 0 ? kExitFailed : kExitOk;
  }

 private:
  static scoring::Problem breaks_off(const Error& error, const scoring::SampleReader& reader) {
    return {.kind = scoring::ProblemKind::broken,
            .place = error.path().empty() ? reader.source().name() : error.path(),
            .row = reader.rows(),
            .line = reader.source().place().line,
            .id = {},
            .message = error.message()};
  }

  std::string data_;
  EvalSource source_;
  bool strict_ = false;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_eval_validate() { return std::make_unique<EvalValidate>(); }

}  // namespace thalweg::cli
