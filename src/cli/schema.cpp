// thalweg schema

#include "engine/schema.h"

#include "cli/catalog.h"
#include "cli/command.h"
#include "cli/render.h"

namespace thalweg::cli {

namespace {
class Schema final : public Command {
 public:
  void declare(Options&) override {}
  [[nodiscard]] std::string_view examples() const override {
    return "  thalweg schema > thalweg.schema.json     for editors: completion and checks while writing a definition\n";
  }
  [[nodiscard]] Result<int> run(Program& program) override {
    TRY(print_json(program.out, definition_schema(make_catalog())));
    return kExitOk;
  }
};
}  // namespace

std::unique_ptr<Command> make_schema() { return std::make_unique<Schema>(); }

}  // namespace thalweg::cli
