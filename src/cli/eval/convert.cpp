// thalweg eval convert

#include "scoring/data/convert.h"

#include <optional>

#include "base/time_text.h"
#include "cli/eval/source.h"
#include "cli/render.h"
#include "scoring/data/row_writer.h"
#include "scoring/data/scores_file.h"

namespace thalweg::cli {

namespace {

// "2026-01-02"
std::string today(Clock& clock) {
  std::string text;
  append_text(text, Timestamp{clock.wall() / kSecond, 0});
  return text.substr(0, text.find('T'));
}

class EvalConvert final : public Command {
 public:
  void declare(Options& options) override {
    options.position("KIND", kind_, "longmemeval, locomo, msc or dailydialog", Completes::nothing);
    options.positions("FILE", files_, "its published files", Completes::file);
    options.value("-o,--output", "FILE", output_,
                  "the data set: .json, or .jsonl for large ones (standard output, as JSONL, when not given)", Completes::file);
    options.flag("--no-context", no_context_,
                 "leave out haystacks, conversations and the turn before, which are most of the bytes");
    options.flag("--json", json_, "print {rows, samples, errors, output} as JSON; with -o");
  }
  [[nodiscard]] std::string_view notes() const override {
    return "longmemeval: longmemeval_s.json and its like; locomo: locomo10.json: a sample a question, category memory.\n"
           "msc: files of Multi-Session Chat (session_2/train.txt, ...), also with self-instruct questions: a sample an\n"
           "utterance, category conversational. dailydialog: the folder of dialogues_text.txt, dialogues_act.txt and\n"
           "dialogues_emotion.txt, dialogues_train.txt with its two, or JSONL: a sample an utterance, labels by emotion and "
           "act.\n"
           "All samples of all of them are to be accepted: they test nothing about rejection. Their licences differ; see them\n"
           "before you pass anything on.\n";
  }
  [[nodiscard]] std::string_view examples() const override {
    return "  thalweg eval convert longmemeval longmemeval_s.json -o longmemeval.json --no-context\n"
           "  thalweg eval convert msc session_2/train.txt session_3/train.txt -o msc.jsonl\n"
           "  thalweg eval convert dailydialog ijcnlp_dailydialog | thalweg eval coverage -\n";
  }
  [[nodiscard]] Result<int> run(Program& program) override {
    const scoring::Published kind = TRY(scoring::published_named(kind_));
    if (json_ && output_.empty()) return fail(Code::invalid_argument, "--json needs -o FILE: standard output has the data set");
    for (const std::string& input : files_) TRY(keep_inputs(output_, {input}));
    const auto interrupt = TRY(Interrupt::watch());
    std::optional<Output> file;
    if (!output_.empty()) file.emplace(TRY(Output::file(output_)));
    Output& output = file ? *file : program.out;
    scoring::RowWriter rows(
        scoring::form_to_write(output_),
        Value::map(
            {{"version", Value("1.0.0")}, {"created", Value(today(program.clock))}, {"source", Value(scoring::name(kind))}}),
        [&](std::string_view text) { return output.write(text); });
    Progress progress(program.clock);
    const auto stopped = [&] { return interrupt->requested() || output.closed(); };
    const auto converted = scoring::convert(
        kind, files_,
        {.context = !no_context_, .readable = [&](int descriptor) { return !stopped() && interrupt->readable(descriptor); }},
        [&](const scoring::Sample& sample) -> Result<> {
          if (stopped()) return fail(Code::cancelled, "stopped");
          if (rows.rows() % 256 == 255) progress.on_progress("convert", static_cast<std::int64_t>(rows.rows()), 0, "samples");
          return rows.write(scoring::to_value(sample));
        });
    progress.clear();
    if (!converted && stopped()) return output.closed() ? kExitOk : kExitInterrupted;
    if (!converted) return std::unexpected(as_usage(converted.error()));
    print_problems(converted->problems, 5);
    TRY(rows.finish());
    if (!file) return kExitOk;
    TRY(file->commit());
    const auto number = [](std::size_t count) { return Value(static_cast<std::int64_t>(count)); };
    if (json_) {
      TRY(print_json(program.out, Value::map({{"rows", number(converted->rows)},
                                              {"samples", number(converted->samples)},
                                              {"errors", number(converted->problems.errors())},
                                              {"output", Value(output_)}})));
    } else {
      const std::size_t wrong = converted->problems.errors();
      TRY(program.out.write(fmt::format("{}: {} samples of {} {}{}\n", output_, converted->samples, converted->rows, unit(kind),
                                        wrong == 0 ? "" : fmt::format("; {} of their entries cannot be read", wrong))));
    }
    return kExitOk;
  }

 private:
  static std::string_view unit(scoring::Published kind) {
    switch (kind) {
      case scoring::Published::longmemeval:
        return "questions";
      case scoring::Published::locomo:
        return "conversations";
      default:
        return "dialogues";
    }
  }

  std::string kind_;
  std::vector<std::string> files_;
  std::string output_;
  bool no_context_ = false;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_eval_convert() { return std::make_unique<EvalConvert>(); }

}  // namespace thalweg::cli
