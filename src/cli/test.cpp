// thalweg test

#include "cli/command.h"
#include "cli/session.h"
#include "engine/expectation.h"
#include "engine/pipeline_test.h"

namespace thalweg::cli {

namespace {

class Test final : public Command {
 public:
  void declare(Options& options) override {
    options.positions("PIPELINE", pipelines_, "definitions with `tests`: files, or names of shipped pipelines",
                      Completes::pipeline);
    session_.declare(options);
    options.flag("-v,--verbose", verbose_, "name the tests that pass, too");
  }
  [[nodiscard]] std::string_view examples() const override {
    return "  thalweg test my.yaml             run the tests that stand in it; exit code 1 when one fails or\n"
           "                                   there is none; pauses and timeouts take no time\n"
           "  thalweg test pipelines/*.yaml --verbose\n";
  }
  [[nodiscard]] Result<int> run(Program& program) override {
    // Pauses, back-offs and timeouts of what is tested take no time, and random numbers are the same every time. Before the
    // session, which waits at its end for work that still reads this clock.
    VirtualClock clock(program.clock.wall());
    const auto session = TRY(Session::open(program, session_));
    Executor executor(clock, session->cores());
    const Context context = session->context_on(clock, 0);
    std::size_t passed = 0;
    std::size_t failed = 0;
    std::size_t without = 0;
    for (const std::string& name : pipelines_) {
      const auto plan = TRY(session->pipelines().load(name));
      if (plan->tests.empty()) {
        print_error(fmt::format("thalweg: {} has no tests; write some under `tests:`, see docs/definitions.md\n", name));
        ++without;
      }
      for (std::size_t i = 0; i < plan->tests.size(); ++i) {
        const PipelineTest& test = plan->tests[i];
        const TestOutcome outcome = run_test(executor, clock, plan, test, context);
        if (session->interrupt().requested()) return kExitInterrupted;
        const std::string title = test.name.empty() ? fmt::format("test {}", i + 1) : test.name;
        const bool ok = outcome.differences.empty();
        ++(ok ? passed : failed);
        if (ok && verbose_) TRY(program.out.write(fmt::format("{}: {}: passed\n", name, title)));
        if (!ok)
          TRY(program.out.write(
              fmt::format("{}:{}:{}: {}: failed\n{}", name, test.place.line, test.place.column, title, indented(outcome))));
      }
    }
    TRY(program.out.write(fmt::format("{} passed, {} failed\n", passed, failed)));
    return failed + without == 0 ? kExitOk : kExitFailed;
  }

 private:
  static std::string indented(const TestOutcome& outcome) {
    std::string out;
    for (const Difference& difference : outcome.differences) {
      out += difference.path.empty() ? fmt::format("    {}\n", difference.message)
                                     : fmt::format("    {}: {}\n", difference.path, difference.message);
    }
    return out;
  }
  std::vector<std::string> pipelines_;
  SessionOptions session_;
  bool verbose_ = false;
};

}  // namespace

std::unique_ptr<Command> make_test() { return std::make_unique<Test>(); }

}  // namespace thalweg::cli
