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
    options.position("RESULTS", folder_, "a folder that 'eval run' wrote, or raw scores when PARAMS is given", Completes::file);
    options.position("PARAMS", params_, "parameters of 'eval train': what its calibrations are worth on these raw scores",
                     Completes::file, false);
    options.value("-o,--output", "FILE", output_, "the page (report.html in that folder; beside PARAMS, as .html)",
                  Completes::file);
    options.value("--alpha", "SHARE", alpha_, "the risk asked for: accepted texts are wrong at most this often (0.05)");
    options.value("--confidence", "SHARE", confidence_, "with this confidence (0.95)");
    options.values("--threshold", "FILE", thresholds_,
                   "of a run: decided by what 'eval threshold' wrote from its decisions, of all and of labels, in place of the "
                   "run's own");
    options.flag("--json", json_, "print what the page shows as JSON, and write no page unless --output names one");
  }
  [[nodiscard]] std::string_view notes() const override {
    return "One page that needs nothing else: decisions beside the majority, categories, labels, reliability, the risk of every\n"
           "threshold, latency, and the worst mistakes. Equal texts count once, wrong when one of them is.\n"
           "\n"
           "With PARAMS: reliability, log-loss, Brier score and calibration error of each label. Where they were trained on\n"
           "these very scores, as found then on texts held out; otherwise on the texts that nothing was fitted on.\n";
  }
  [[nodiscard]] std::string_view examples() const override {
    return "  thalweg eval report messages.eval\n"
           "  thalweg eval report messages.eval --alpha 0.1 -o messages.html\n"
           "  thalweg eval report messages.eval --json > figures.json\n"
           "  thalweg eval report scores.json params.json\n";
  }
  [[nodiscard]] Result<int> run(Program& program) override {
    const RiskTarget target{.alpha = TRY(share_option("--alpha", alpha_)),
                            .confidence = TRY(share_option("--confidence", confidence_))};
    const auto in_folder = [this](const char* name) { return (std::filesystem::path(folder_) / name).string(); };
    TRY(keep_inputs(output_, {in_folder("results.jsonl"), in_folder("summary.json"), folder_, params_}));
    const auto interrupt = TRY(Interrupt::watch());
    std::error_code ignored;
    if (params_.empty() && std::filesystem::is_regular_file(folder_, ignored))
      return fail(Code::invalid_argument, "'{}' is a file; name the folder of a run, or parameters for these raw scores, too",
                  folder_);
    if (!params_.empty() && std::filesystem::is_directory(folder_, ignored))
      return fail(Code::invalid_argument,
                  "'{}' is a folder; parameters are shown on raw scores, which 'thalweg eval score' writes", folder_);
    if (!params_.empty() && !thresholds_.empty())
      return fail(Code::invalid_argument, "--threshold goes with a run; parameters have no thresholds");
    for (const std::string& path : thresholds_) TRY(keep_inputs(output_, {path}));
    const Value page = TRY(params_.empty() ? page_of_run(target, *interrupt) : page_of_params(folder_, params_, *interrupt));
    if (const Value* const warnings = page.find("warnings"); warnings != nullptr) {
      for (const Value& warning : warnings->items()) print_error(fmt::format("thalweg: warning: {}\n", warning.as_string()));
    }
    if (!json_ || !output_.empty()) {
      const std::string path = !output_.empty()  ? output_
                               : params_.empty() ? in_folder("report.html")
                                                 : std::filesystem::path(params_).replace_extension(".html").string();
      Output file = TRY(Output::file(path));
      TRY(file.write(scoring::report_html(page)));
      TRY(file.commit());
      if (!json_) TRY(program.out.write(path + '\n'));
    }
    if (json_) TRY(print_json(program.out, page));
    return kExitOk;
  }

 private:
  [[nodiscard]] Result<Value> page_of_run(const RiskTarget& target, const Interrupt& interrupt) const {
    const Results results = TRY(open_results(folder_));
    ChosenThresholds chosen;
    for (const std::string& path : thresholds_) TRY(as_usage(chosen.add(path, results)));
    return page_of(results, target, chosen, interrupt);
  }

  std::string folder_;
  std::string params_;
  std::string output_;
  std::vector<std::string> thresholds_;
  std::string alpha_ = "0.05";
  std::string confidence_ = "0.95";
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_eval_report() { return std::make_unique<EvalReport>(); }

}  // namespace thalweg::cli
