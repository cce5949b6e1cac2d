// thalweg graph

#include "cli/catalog.h"
#include "cli/command.h"
#include "cli/pipelines.h"
#include "engine/explain.h"

namespace thalweg::cli {

namespace {
class Graph final : public Command {
 public:
  void declare(Options& options) override {
    options.position("PIPELINE", pipeline_, "a shipped pipeline's name, or a definition's file", Completes::pipeline);
  }
  [[nodiscard]] std::string_view examples() const override {
    return "  thalweg graph answer > answer.mmd      a Mermaid graph; GitHub shows it in a ```mermaid block\n";
  }
  [[nodiscard]] Result<int> run(Program& program) override {
    const Catalog catalog = make_catalog();
    Pipelines pipelines(catalog);
    const auto plan = TRY(pipelines.load(pipeline_));
    TRY(program.out.write(graph_mermaid(*plan)));
    return kExitOk;
  }

 private:
  std::string pipeline_;
};
}  // namespace

std::unique_ptr<Command> make_graph() { return std::make_unique<Graph>(); }

}  // namespace thalweg::cli
