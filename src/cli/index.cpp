// thalweg index

#include "cli/progress.h"
#include "cli/render.h"
#include "cli/session.h"
#include "cli/settings.h"

namespace thalweg::cli {

namespace {

// "12 s in all: read done after 9 s, write done after 12 s". The stages run side by side: their times are no shares.
std::string times(const Report& report) {
  const Accounting total = report.accounting();
  if (total.wall <= 0) return {};
  std::string out = fmt::format("{} in all", rough_span(total.wall));
  std::string_view before = ": ";
  for (const StageReport& stage : report.stages()) {
    out += fmt::format("{}{} done after {}", before, stage.id, rough_span(stage.start + stage.duration));
    before = ", ";
  }
  return out;
}

class Index final : public Command {
 public:
  void declare(Options& options) override {
    options.position("FOLDER", folder_, "HTML, Markdown and text, also gzipped; folders inside are read as well",
                     Completes::folder);
    options.value("--to", "FOLDER", to_, "where the index is written", Completes::folder);
    options.value("--model", "MODEL", model_, "embedding model, by name or path, for search by meaning; none: keywords only");
    session_.declare(options);
    options.flag("--json", json_, "print {\"output\", \"report\"}");
    options.flag("--report", report_, "print what each stage did and cost, to standard error");
  }
  [[nodiscard]] std::string_view examples() const override {
    return "  thalweg index ./manuals --to ./docs.index\n"
           "  thalweg index ./manuals --to ./docs.index --model none\n"
           "  thalweg run answer --set question='What is a conffile?' --set index=./docs.index\n";
  }
  [[nodiscard]] Result<int> run(Program& program) override {
    if (to_.empty()) return fail(Code::invalid_argument, "--to FOLDER is required: where the index is written");
    TRY(check_utf8("FOLDER", folder_));
    TRY(check_utf8("--to", to_));
    const auto session = TRY(Session::open(program, session_));
    const Context context = TRY(session->context({}));
    const auto plan = TRY(session->pipelines().load("index"));
    auto input =
        TRY(accept_input(*plan, Value::map({{"folder", folder_}, {"to", to_}, {"model", model_ == "none" ? "" : model_}})));
    Progress progress(program.clock);
    const RunResult result = session->executor().run(plan, std::move(input), context, {.observer = &progress});
    progress.clear();
    if (report_) print_error(result.report.to_text());
    if (!result.output) {
      print_error(fmt::format("thalweg: {}\n", result.output.error().text()));
      return session->interrupt().requested() ? kExitInterrupted : kExitFailed;
    }
    if (json_) {
      TRY(print_json(program.out, Value::map({{Value("output"), *result.output}, {Value("report"), result.report.to_value()}}),
                     JsonStyle::compact));
    } else {
      TRY(program.out.write(render(*result.output, program.out) + "time: " + times(result.report) + '\n'));
    }
    return kExitOk;
  }

 private:
  std::string folder_;
  std::string to_;
  std::string model_{models::kDefaultEncoder};
  SessionOptions session_;
  bool json_ = false;
  bool report_ = false;
};

}  // namespace

std::unique_ptr<Command> make_index() { return std::make_unique<Index>(); }

}  // namespace thalweg::cli
