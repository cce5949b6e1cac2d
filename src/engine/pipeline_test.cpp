#include "engine/pipeline_test.h"

#include <mutex>

namespace thalweg {

namespace {

/// Fails the first attempts of the stages a test names.
class Faults final : public Observer {
 public:
  explicit Faults(const std::vector<TestFault>& faults) : faults_(faults), used_(faults.size()) {}

  Result<> before_attempt(std::string_view stage, std::uint32_t) override {
    for (std::size_t i = 0; i < faults_.size(); ++i) {
      const TestFault& fault = faults_[i];
      if (fault.stage != stage) continue;
      const std::lock_guard lock(mutex_);
      if (used_[i] >= fault.times) continue;
      ++used_[i];
      return fail(fault.code, "{}", fault.message.empty() ? "a fault put in by the test" : fault.message);
    }
    return {};
  }

 private:
  const std::vector<TestFault>& faults_;
  std::mutex mutex_;
  std::vector<std::uint32_t> used_;
};

std::vector<Difference> compare(const PipelineTest& test, const Result<Value>& output) {
  const bool wants_error = test.error.has_value() || !test.error_contains.empty();
  if (output) {
    if (wants_error) return {{"", "it ran through, an error was expected"}};
    return test.expect ? check_expectation(*test.expect, *output) : std::vector<Difference>{};
  }
  const Error& error = output.error();
  if (!wants_error) return {{"", fmt::format("{} ({})", error.text(), info(error.code()).name)}};
  std::vector<Difference> out;
  if (test.error && *test.error != error.code()) {
    out.push_back(
        {"error", fmt::format("is {}, expected is {}: {}", info(error.code()).name, info(*test.error).name, error.text())});
  }
  if (error.text().find(test.error_contains) == std::string::npos) {
    out.push_back({"error", fmt::format("'{}' does not contain '{}'", error.text(), test.error_contains)});
  }
  return out;
}

}  // namespace

TestOutcome run_test(Executor& executor, VirtualClock& clock, const std::shared_ptr<const Plan>& plan, const PipelineTest& test,
                     const Context& context) {
  auto input = accept_input(*plan, test.input);
  if (!input) return {compare(test, std::unexpected(input.error())), {}};
  Faults faults(test.faults);
  RunResult result = simulate(executor, clock, plan, std::move(*input), context, {.observer = &faults});
  return {compare(test, result.output), std::move(result.report)};
}

}  // namespace thalweg
