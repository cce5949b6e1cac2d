// thalweg eval validate

#include <algorithm>
#include <tuple>

#include "base/printable.h"
#include "cli/eval/samples.h"
#include "cli/render.h"
#include "scoring/data/dataset_check.h"

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
    return "Errors: rows that cannot be read, ids met twice, blank texts and, with -c, categories and labels that the\n"
           "configuration does not have. Warnings: keys nobody reads, no expected labels, texts met twice, also with another\n"
           "decision. All are told with file, line and sample; at most 1000 are listed.\n"
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
    scoring::KnownNames known;
    if (source_.given()) known = scoring::known_names(TRY(source_.read()).data.score);
    const auto interrupt = TRY(Interrupt::watch());
    auto reader = TRY(as_usage(scoring::DatasetReader::open(
        data_, {.strict = false, .readable = [&](int descriptor) { return interrupt->readable(descriptor); }})));
    scoring::DatasetCheck check(source_.given() ? &known : nullptr);
    scoring::Problems problems;
    Progress progress(program.clock);
    std::size_t samples = 0;
    std::size_t rows = 0;
    std::optional<Error> broken;
    while (const auto sample = next_sample(reader, broken)) {
      check.add(*sample, reader.place(*sample), problems);
      rows = sample->row + 1;
      if (++samples % 256 == 0) show_progress(progress, "check", samples, reader.source());
      if (interrupt->requested()) return kExitInterrupted;
    }
    progress.clear();
    if (interrupt->requested()) return kExitInterrupted;
    if (broken) {
      for (const scoring::Problem& problem : reader.problems().kept()) rows = std::max(rows, problem.row + 1);
      problems.add(broken_file(*broken, reader, rows));
    }
    std::vector<scoring::Problem> all(reader.problems().kept());
    all.insert(all.end(), problems.kept().begin(), problems.kept().end());
    std::ranges::sort(all, [](const auto& a, const auto& b) {
      return std::tie(a.row, a.line, a.message) < std::tie(b.row, b.line, b.message);
    });
    const std::size_t errors = reader.problems().errors() + problems.errors();
    const std::size_t warnings = reader.problems().warnings() + problems.warnings();
    if (json_) {
      std::vector<Value> list;
      for (const scoring::Problem& problem : all) list.push_back(problem.to_value());
      TRY(print_json(program.out, Value::map({{"samples", static_cast<std::int64_t>(samples)},
                                              {"complete", !broken},
                                              {"errors", static_cast<std::int64_t>(errors)},
                                              {"warnings", static_cast<std::int64_t>(warnings)},
                                              {"problems", Value::list(std::move(list))}})));
    } else {
      for (const scoring::Problem& problem : all)
        TRY(program.out.write(
            fmt::format("{}{}\n", scoring::is_warning(problem.kind) ? "warning: " : "", printable_line(problem.text()))));
      TRY(program.out.write(fmt::format("{}: {} samples can be read{}, {} errors, {} warnings\n", data_, samples,
                                        broken ? " before the file breaks off" : "", errors, warnings)));
    }
    if (broken) return kExitUsage;
    return strict_ && errors > 0 ? kExitFailed : kExitOk;
  }

 private:
  std::string data_;
  EvalSource source_;
  bool strict_ = false;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_eval_validate() { return std::make_unique<EvalValidate>(); }

}  // namespace thalweg::cli
