// thalweg eval validate

#include "base/printable.h"
#include "cli/eval/samples.h"
#include "cli/render.h"
#include "scoring/evaluate.h"

namespace thalweg::cli {

namespace {

class EvalValidate final : public Command {
 public:
  void declare(Options& options) override {
    options.position("DATA", data_, "a data set: JSON, JSONL or CSV, also gzipped; - is standard input", Completes::file);
    source_.declare(options);
    options.flag("--strict", strict_, "exit code 1 when there is any error");
    options.value("--test-samples", "N", tested_, "also score the first N samples that are right; with -c");
    options.flag("--json", json_, "print {samples, complete, errors, warnings, problems, tested}");
  }
  [[nodiscard]] std::string_view notes() const override {
    return "A sample has id, text, expected_decision (accept or reject), expected_labels (a list; in a CSV cell: time|task) and\n"
           "primary_category; it may have context, difficulty (easy, medium or hard), notes, metadata and raw scores ({label:\n"
           "number}). JSON: {\"samples\": [...]} or a list; JSONL: one a line; CSV: a column each, others are metadata.\n"
           "\n"
           "Errors: rows that cannot be read, ids met twice, blank texts, raw scores that are none and, with -c, categories and\n"
           "labels that the configuration does not have, and raw scores that are missing where its model takes those of the\n"
           "samples: what 'eval run' with that configuration leaves out. Warnings: keys nobody reads, no expected labels, texts\n"
           "met twice, also with another decision. All are told with file, line and sample; at most 1000 are listed.\n"
           "\n"
           "The exit code is 0, with --strict 1 when there is any error, 1 when one of the --test-samples cannot be scored, and "
           "2\n"
           "when the file cannot be read to its end; what is wrong before that place is told all the same.\n";
  }
  [[nodiscard]] std::string_view examples() const override {
    return "  thalweg eval validate messages.json\n"
           "  thalweg eval validate messages.jsonl -c gate.yaml --strict\n"
           "  thalweg eval validate messages.jsonl -c gate.yaml --test-samples 10\n"
           "  thalweg eval validate messages.csv --json\n";
  }
  [[nodiscard]] Result<int> run(Program& program) override {
    if (tested_ < 0 || tested_ > kMostTested)
      return fail(Code::invalid_argument, "--test-samples must be from 0 to {}, not {}", kMostTested, tested_);
    if (tested_ > 0 && !source_.given())
      return fail(Code::invalid_argument, "--test-samples needs a configuration to score them with: -c FILE");
    // As a run with this configuration reads it; without one, whatever is there has to be right.
    scoring::SampleRules rules{.read = {.strict = false, .scores = scoring::ScoresRead::if_there}};
    scoring::ConfigData config;
    if (source_.given()) {
      config = TRY(source_.read()).data;
      rules = scoring::sample_rules(config.score, false);
    }
    const auto session = TRY(Session::open(program, source_.session()));
    const Interrupt* const interrupt = &session->interrupt();
    rules.read.readable = [&](int descriptor) { return interrupt->readable(descriptor); };
    const auto reader = TRY(as_usage(scoring::SampleReader::open(data_, std::move(rules))));
    Progress progress(program.clock);
    std::size_t good = 0;
    std::vector<scoring::Sample> first;
    Result<std::optional<scoring::Sample>> sample;
    while ((sample = reader->next()) && *sample) {
      if (std::cmp_less(first.size(), tested_)) first.push_back(**sample);
      if (++good % 256 == 0) show_progress(progress, "check", reader->rows(), reader->source());
      if (interrupt->requested()) return kExitInterrupted;
    }
    progress.clear();
    if (interrupt->requested()) return kExitInterrupted;
    const scoring::Problems problems = reader->problems();
    std::vector<scoring::Problem> all = problems.kept();
    const std::size_t errors = problems.errors() + (sample ? 0 : 1);
    if (!sample) all.push_back(breaks_off(sample.error(), *reader));
    Tested tested;
    if (!first.empty()) tested = TRY(test(*session, config, first));
    if (interrupt->requested()) return kExitInterrupted;
    if (json_) {
      std::vector<Value> list;
      for (const scoring::Problem& problem : all) list.push_back(problem.to_value());
      TRY(print_json(program.out, Value::map({{"samples", static_cast<std::int64_t>(reader->readable())},
                                              {"complete", sample.has_value()},
                                              {"errors", static_cast<std::int64_t>(errors)},
                                              {"warnings", static_cast<std::int64_t>(problems.warnings())},
                                              {"problems", Value::list(std::move(list))},
                                              {"tested", Value::map({{"samples", static_cast<std::int64_t>(first.size())},
                                                                     {"as_expected", tested.as_expected},
                                                                     {"failed", tested.failed}})}})));
    } else {
      for (const scoring::Problem& problem : all)
        TRY(program.out.write(
            fmt::format("{}{}\n", scoring::is_warning(problem.kind) ? "warning: " : "", printable_line(problem.text()))));
      TRY(program.out.write(fmt::format("{}: {} samples can be read{}, {} errors, {} warnings\n", data_, reader->readable(),
                                        sample ? "" : " before the file breaks off", errors, problems.warnings())));
      if (!first.empty()) {
        TRY(program.out.write(fmt::format("the first {} with {}: {} decided as expected, {} otherwise, {} failed\n", first.size(),
                                          source_.path(), tested.as_expected, tested.otherwise(first.size()), tested.failed)));
      }
    }
    if (!sample) return kExitUsage;
    return (strict_ && errors > 0) || tested.failed > 0 ? kExitFailed : kExitOk;
  }

 private:
  static constexpr std::int64_t kMostTested = 100'000;
  struct Tested {
    std::int64_t as_expected = 0;
    std::int64_t failed = 0;
    [[nodiscard]] std::int64_t otherwise(std::size_t samples) const {
      return static_cast<std::int64_t>(samples) - as_expected - failed;
    }
  };

  // Why a text failed goes to standard error.
  static Result<Tested> test(Session& session, const scoring::ConfigData& config, const std::vector<scoring::Sample>& samples) {
    const Context context = TRY(session.context({}));
    const auto scorer = TRY(as_usage(scoring::TextScorer::open(config.score, session.model_source(), context)));
    Tested tested;
    scoring::EvaluateOptions options;
    options.concurrency = config.concurrency;
    options.batch_size = config.batch_size;
    options.outcome = [&](const scoring::Outcome& outcome) -> Result<> {
      if (outcome.error != nullptr) {
        ++tested.failed;
        print_error(fmt::format("thalweg: {}\n", outcome.error->at(one_line(outcome.sample.id, 80)).text()));
      } else if (outcome.verdict.decision == outcome.sample.expected_decision) {
        ++tested.as_expected;
      }
      return {};
    };
    std::size_t next = 0;
    const auto give = [&]() -> Result<std::optional<scoring::Sample>> {
      if (next == samples.size()) return std::nullopt;
      return samples[next++];
    };
    const Result<> done = scoring::evaluate(*scorer, give, context, options);
    if (!done && !session.interrupt().requested()) return std::unexpected(done.error());
    return tested;
  }

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
  std::int64_t tested_ = 0;
  bool strict_ = false;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_eval_validate() { return std::make_unique<EvalValidate>(); }

}  // namespace thalweg::cli
