// thalweg bench

#include "bench/benchmarks.h"
#include "bench/harness.h"
#include "cli/command.h"
#include "cli/render.h"

namespace thalweg::cli {

namespace {
class Bench final : public Command {
 public:
  void declare(Options& options) override {
    options.positions("NAME", names_, "groups of benchmarks or single figures; without it all are run", Completes::nothing,
                      false);
    options.flag("--json", json_, "print [{name, median, p10, p90, n, unit}]");
    options.flag("--list", list_, "print the names of the groups");
  }
  [[nodiscard]] std::string_view examples() const override {
    return "  thalweg bench --list\n"
           "  thalweg bench engine lang\n"
           "  thalweg bench engine.chain.per_stage\n"
           "  thalweg bench --json > figures.json\n";
  }
  [[nodiscard]] Result<int> run(Program& program) override {
    if (list_) {
      for (const bench::Benchmark& benchmark : bench::benchmarks()) TRY(program.out.write(fmt::format("{}\n", benchmark.name)));
      return kExitOk;
    }
    bench::Report report(program.clock);
    TRY(bench::run(bench::benchmarks(), names_, report));
    for (const auto& passed : report.passed_over())
      print_error(fmt::format("thalweg: {} is passed over: {}\n", passed.what, passed.why));
    if (json_) {
      TRY(print_json(program.out, bench::to_value(report.results())));
    } else {
      TRY(program.out.write(bench::to_text(report.results())));
    }
    return kExitOk;
  }

 private:
  std::vector<std::string> names_;
  bool json_ = false;
  bool list_ = false;
};
}  // namespace

std::unique_ptr<Command> make_bench() { return std::make_unique<Bench>(); }

}  // namespace thalweg::cli
