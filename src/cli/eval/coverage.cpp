// thalweg eval coverage

#include "scoring/data/coverage.h"

#include "base/printable.h"
#include "cli/eval/source.h"
#include "cli/interrupt.h"
#include "cli/render.h"
#include "cli/table.h"

namespace thalweg::cli {

namespace {

using Rows = std::vector<std::vector<std::string>>;

class EvalCoverage final : public Command {
 public:
  void declare(Options& options) override {
    options.position("DATA", data_, "a data set: JSON, JSONL or CSV, also gzipped; - is standard input", Completes::file);
    source_.declare(options);
    options.value("--per-category", "N", per_category_, "samples a category should have (50)");
    options.value("--per-label", "N", per_label_, "samples a label should have (3)");
    options.flag("--json", json_, "print everything as JSON, lengths and difficulties too");
  }
  [[nodiscard]] std::string_view notes() const override {
    return "With -c also the categories and labels of the configuration that no sample has. Three samples of a label show\n"
           "that it can be found; calibrating it needs five with and five without. The exit code is 2 when the file cannot be\n"
           "read to its end; the samples before that place are counted and told.\n";
  }
  [[nodiscard]] std::string_view examples() const override {
    return "  thalweg eval coverage messages.json\n"
           "  thalweg eval coverage messages.json -c gate.yaml --per-label 10 --json\n";
  }
  [[nodiscard]] Result<int> run(Program& program) override {
    if (per_category_ < 0 || per_label_ < 0)
      return fail(Code::invalid_argument, "--per-category and --per-label must not be negative");
    scoring::KnownNames known;
    if (source_.given()) known = scoring::known_names(TRY(source_.read()).data.score);
    const auto interrupt = TRY(Interrupt::watch());
    auto reader = TRY(as_usage(scoring::DatasetReader::open(
        data_, {.strict = false, .readable = [&](int descriptor) { return interrupt->readable(descriptor); }})));
    scoring::Coverage coverage(
        {.per_category = static_cast<std::size_t>(per_category_), .per_label = static_cast<std::size_t>(per_label_)},
        source_.given() ? &known : nullptr);
    Progress progress(program.clock);
    std::size_t samples = 0;
    Result<std::optional<scoring::Sample>> sample;
    while ((sample = reader.next()) && *sample) {
      coverage.add(**sample);
      if (++samples % 256 == 0) show_progress(progress, "count", samples, reader.source());
      if (interrupt->requested()) return kExitInterrupted;
    }
    progress.clear();
    if (interrupt->requested()) return kExitInterrupted;
    print_problems(reader.problems(), 5);
    if (json_) {
      TRY(print_json(program.out, coverage.to_value().set("complete", Value(sample.has_value()))));
    } else {
      TRY(program.out.write(text_of(coverage)));
    }
    if (sample) return kExitOk;
    // What stands before it is counted, and told.
    print_error(
        fmt::format("thalweg: {}\nthalweg: counted are the {} samples before that place\n", sample.error().text(), samples));
    return kExitUsage;
  }

 private:
  [[nodiscard]] std::string text_of(const scoring::Coverage& coverage) const {
    const auto& all = coverage.decisions();
    std::string out = fmt::format("{}: {} samples, {} to accept, {} to reject\n", data_, all.total(), all.accepts, all.rejects);
    if (all.accepts == 0 || all.rejects == 0)
      out += "  all of one kind: this set cannot tell a good gate from one that always says the same\n";
    const auto counted = [&](std::string_view title, const std::map<std::string, scoring::Coverage::Decisions>& counts,
                             std::int64_t target) {
      Rows rows{{std::string(title), "samples", "accept", "reject", fmt::format("of {} wanted", target)}};
      for (const auto& [name, one] : counts) {
        rows.push_back({name.empty() ? "(none)" : name, std::to_string(one.total()), std::to_string(one.accepts),
                        std::to_string(one.rejects),
                        static_cast<std::int64_t>(one.total()) >= target
                            ? "met"
                            : fmt::format("{} missing", target - static_cast<std::int64_t>(one.total()))});
      }
      out += '\n' + table(rows);
    };
    counted("category", coverage.categories(), per_category_);
    counted("label", coverage.labels(), per_label_);
    const auto missing = [&](std::string_view what, const std::vector<std::string>& names) {
      if (!names.empty())
        out += fmt::format("\n{} without a sample: {}\n", what, printable_line(fmt::format("{}", fmt::join(names, ", "))));
    };
    missing("categories", coverage.missing_categories());
    missing("labels", coverage.missing_labels());
    if (coverage.conflicting_texts() > 0)
      out += fmt::format("\n{} texts stand there again with the other decision\n", coverage.conflicting_texts());
    return out;
  }

  std::string data_;
  EvalSource source_;
  std::int64_t per_category_ = 50;
  std::int64_t per_label_ = 3;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_eval_coverage() { return std::make_unique<EvalCoverage>(); }

}  // namespace thalweg::cli
