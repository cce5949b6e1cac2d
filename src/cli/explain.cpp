// thalweg explain

#include "engine/explain.h"

#include "cli/catalog.h"
#include "cli/command.h"
#include "cli/pipelines.h"
#include "cli/render.h"

namespace thalweg::cli {

namespace {
class Explain final : public Command {
 public:
  void declare(Options& options) override {
    options.position("PIPELINE", pipeline_, "a shipped pipeline's name, or a definition's file", Completes::pipeline);
    options.flag("--json", json_, "print the plan as JSON");
  }
  [[nodiscard]] std::string_view examples() const override {
    return "  thalweg explain answer     what runs after what, what runs together, and with which types\n";
  }
  [[nodiscard]] Result<int> run(Program& program) override {
    const Catalog catalog = make_catalog();
    Pipelines pipelines(catalog);
    const auto plan = TRY(pipelines.load(pipeline_));
    if (json_) {
      TRY(print_json(program.out, explain_value(*plan)));
    } else {
      TRY(program.out.write(explain_text(*plan)));
    }
    return kExitOk;
  }

 private:
  std::string pipeline_;
  bool json_ = false;
};
}  // namespace

std::unique_ptr<Command> make_explain() { return std::make_unique<Explain>(); }

}  // namespace thalweg::cli
