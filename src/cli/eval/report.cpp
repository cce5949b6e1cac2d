// thalweg eval report

#include <filesystem>

#include "cli/eval/page.h"
#include "cli/eval/source.h"
#include "cli/render.h"
#include "scoring/report/report_html.h"

namespace thalweg::cli {

namespace {

class EvalReport final : public Command {
 public:
  void declare(Options& options) override {
    options.position("RESULTS", folder_, "a folder that 'eval run' wrote", Completes::folder);
    options.value("-o,--output", "FILE", output_, "the page (report.html in that folder)", Completes::file);
    options.value("--alpha", "SHARE", alpha_, "the risk asked for: accepted texts are wrong at most this often (0.05)");
    options.value("--confidence", "SHARE", confidence_, "with this confidence (0.95)");
    options.flag("--json", json_, "print what the page shows as JSON, and write no page unless --output names one");
  }
  [[nodiscard]] std::string_view notes() const override {
    return "One page that needs nothing else: decisions beside the majority, categories, labels, reliability, the risk of every\n"
           "threshold, latency, and the worst mistakes.\n";
  }
  [[nodiscard]] std::string_view examples() const override {
    return "  thalweg eval report messages.eval\n"
           "  thalweg eval report messages.eval --alpha 0.1 -o messages.html\n"
           "  thalweg eval report messages.eval --json > figures.json\n";
  }
  [[nodiscard]] Result<int> run(Program& program) override {
    const RiskTarget target{.alpha = TRY(share_option("--alpha", alpha_)),
                            .confidence = TRY(share_option("--confidence", confidence_))};
    const auto in_folder = [this](const char* name) { return (std::filesystem::path(folder_) / name).string(); };
    TRY(keep_inputs(output_, {in_folder("results.jsonl"), in_folder("summary.json")}));
    const auto interrupt = TRY(Interrupt::watch());
    const Results results = TRY(open_results(folder_));
    const Value page = TRY(page_of(results, target, *interrupt));
    if (!json_ || !output_.empty()) {
      const std::string path = output_.empty() ? in_folder("report.html") : output_;
      Output file = TRY(Output::file(path));
      TRY(file.write(scoring::report_html(page)));
      TRY(file.commit());
      if (!json_) TRY(program.out.write(path + '\n'));
    }
    if (json_) TRY(print_json(program.out, page));
    return kExitOk;
  }

 private:
  std::string folder_;
  std::string output_;
  std::string alpha_ = "0.05";
  std::string confidence_ = "0.95";
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_eval_report() { return std::make_unique<EvalReport>(); }

}  // namespace thalweg::cli
