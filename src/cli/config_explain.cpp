// thalweg config

#include "cli/command.h"
#include "cli/config_source.h"
#include "cli/eval/source.h"
#include "cli/render.h"
#include "config/explain.h"
#include "scoring/score_config.h"
#include "scoring/shipped.h"

namespace thalweg::cli {

namespace {

class Config final : public Command {
 public:
  void declare(Options& options) override {
    options.position("ACTION", action_, "explain: every setting, its value, where it came from and what it overrode",
                     Completes::nothing);
    options.position("FILE", file_, "a configuration: YAML, JSON or TOML; - is standard input; or the name of a shipped one",
                     Completes::file);
    options.value("--only", "PATH", only_, "only the settings at or below a path: --only layers.score");
    options.flag("--json", json_, "print {sources, settings: [{path, value, from, overrode}], warnings, problems}");
    source_.declare(options);
  }

  [[nodiscard]] std::string_view notes() const override {
    return "Later sources win: the file with what it includes ($include), the environment's file beside it, variables\n"
           "(THALWEG_LAYERS_SCORE_TOP__K=3 is layers.score.top_k), --set.\n";
  }

  [[nodiscard]] std::string_view examples() const override {
    return "  thalweg config explain score.yaml\n"
           "  thalweg config explain score.yaml --environment dev --only layers.score.threshold\n"
           "  thalweg config explain score.yaml --set layers.score.threshold=0.8 --json\n";
  }

  [[nodiscard]] Result<int> run(Program& program) override {
    if (action_ != "explain") return fail(Code::invalid_argument, "there is no action '{}'; known: explain", action_);
    const config::Schema schema = scoring::config_schema();
    // A file that is nothing of ours is explained as it stands, without defaults.
    const auto shipped = scoring::shipped_config(file_);
    config::Layers layers =
        TRY(as_usage(shipped ? source_.read_text(file_, std::string(*shipped), schema.keys) : source_.read_files(file_)));
    const bool ours = layers.tree().find("layers") != nullptr;
    if (!shipped) {
      TRY(source_.add_options(layers,
                              ours ? std::span<const std::string_view>(schema.keys) : std::span<const std::string_view>()));
    }
    const config::Explanation explanation = config::explain(std::move(layers).build(), ours ? &schema : nullptr);
    if (json_) {
      const Value told = TRY(explain_value(explanation, only_));
      TRY(print_json(program.out, told));
    } else {
      const std::string told = TRY(explain_text(explanation, only_));
      TRY(program.out.write(told));
      // Of settings that are refused, warnings say what is not so.
      for (const config::Warning& warning : explanation.tree.warnings) {
        if (!explanation.problems.empty()) break;
        print_error(fmt::format("thalweg: warning: {}\n", warning.text()));
      }
    }
    for (const config::Finding& problem : explanation.problems) print_error(problem.text() + '\n');
    return explanation.problems.empty() ? kExitOk : kExitUsage;
  }

 private:
  std::string action_;
  std::string file_;
  std::string only_;
  bool json_ = false;
  ConfigSource source_;
};

}  // namespace

std::unique_ptr<Command> make_config() { return std::make_unique<Config>(); }

}  // namespace thalweg::cli
