// thalweg eval init

#include <filesystem>

#include "cli/eval/source.h"
#include "cli/render.h"
#include "scoring/config_draft.h"

namespace thalweg::cli {

namespace {

class EvalInit final : public Command {
 public:
  void declare(Options& options) override {
    options.position("DATA", data_, "a data set: JSON, JSONL or CSV, also gzipped; - is standard input", Completes::file);
    options.value("-o,--output", "FILE", output_, "the configuration, a new file (standard output when not given)",
                  Completes::file);
  }
  [[nodiscard]] std::string_view notes() const override {
    return "Every category and label of the data set, each label with a draft of its hypothesis, how many of its samples are\n"
           "accepted, and one of them. Write better hypotheses: what a model says of labels is worth what these sentences say.\n"
           "A file that is there is not written over.\n";
  }
  [[nodiscard]] std::string_view examples() const override {
    return "  thalweg eval init messages.json -o gate.yaml\n"
           "  thalweg eval init messages.csv | less\n";
  }
  [[nodiscard]] Result<int> run(Program& program) override {
    std::error_code ignored;
    if (!output_.empty() && std::filesystem::exists(output_, ignored)) {
      return fail(Code::already_exists,
                  "'{}' is there already, and somebody may have worked on its hypotheses; name another file", output_);
    }
    const auto interrupt = TRY(Interrupt::watch());
    auto reader = TRY(as_usage(scoring::DatasetReader::open(
        data_, {.strict = false, .readable = [&](int descriptor) { return interrupt->readable(descriptor); }})));
    scoring::ConfigDraft draft;
    Progress progress(program.clock);
    std::size_t samples = 0;
    while (const auto sample = TRY(reader.next())) {
      draft.add(*sample);
      if (++samples % 256 == 0) show_progress(progress, "read", samples, reader.source());
      if (interrupt->requested()) return kExitInterrupted;
    }
    progress.clear();
    print_problems(reader.problems(), 5);
    const std::string yaml = TRY(draft.yaml(data_));
    if (output_.empty()) {
      TRY(program.out.write(yaml));
      return kExitOk;
    }
    Output file = TRY(Output::file(output_));
    TRY(file.write(yaml));
    TRY(file.commit());
    TRY(program.out.write(fmt::format("{}: {} samples read; now write better hypotheses into it\n", output_, samples)));
    return kExitOk;
  }

 private:
  std::string data_;
  std::string output_;
};

}  // namespace

std::unique_ptr<Command> make_eval_init() { return std::make_unique<EvalInit>(); }

}  // namespace thalweg::cli
