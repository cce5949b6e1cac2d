// A stage's timeout holds for all that is evaluated for it, not for its body alone.

#include <doctest/doctest.h>

#include "engine/definition.h"
#include "engine/executor.h"
#include "test_catalog.h"

using namespace thalweg;

namespace {

/// Every look at it takes a while, so that time passes where expressions are checked. Timers are due at once.
class LookedAt final : public Clock {
 public:
  [[nodiscard]] Nanos now() const noexcept override { return now_ += 20 * kMicrosecond; }
  [[nodiscard]] Nanos wall() const noexcept override { return kSecond; }
  TimerId at(Nanos when, std::move_only_function<void()> callback) override {
    now_ = std::max(now_.load(), when);
    callback();
    return ++timers_;
  }
  bool cancel(TimerId) override { return false; }

 private:
  mutable std::atomic<Nanos> now_ = 0;
  std::atomic<TimerId> timers_ = 0;
};

RunResult run(const std::string& stage, std::optional<Nanos> deadline = {}) {
  static const Catalog catalog = test::definition_catalog();
  const auto definition = parse_definition("t.yaml", "name: t\nstages: [" + stage + "]\noutput: \"{{ default(s, 1) }}\"\n");
  REQUIRE_MESSAGE(definition.has_value(), (definition ? "" : definition.error().text()));
  const auto plan = compile_plan(*definition, {.catalog = &catalog, .load = {}});
  REQUIRE_MESSAGE(plan.has_value(), (plan ? "" : plan.error().text()));
  LookedAt clock;
  Executor executor(clock, 1);
  Context context(clock);
  if (deadline) context = context.with_deadline(*deadline);
  return executor.run(*plan, Value::map(), context);
}

constexpr const char* kLong = "lists.range(1000000).exists(x, x == -1)";

}  // namespace

TEST_CASE("long arguments, conditions and keys are stopped within the timeout") {
  const std::string text =
      R"yaml({id: s, uses: find, timeout: 1ms, with: {text: "{% for i in lists.range(1000000) %}{{ i }}{% endfor %}"}})yaml";
  const std::string when = fmt::format("{{id: s, uses: find, timeout: 1ms, when: \"{}\", with: {{text: a}}}}", kLong);
  const std::string key = fmt::format("{{id: s, uses: find, timeout: 1ms, cache: {{key: \"{}\"}}, with: {{text: a}}}}", kLong);
  for (const std::string& stage : {text, when, key}) {
    CAPTURE(stage);
    const RunResult result = run(stage);
    REQUIRE_FALSE(result.output.has_value());
    CHECK(result.output.error().code() == Code::deadline_exceeded);
    CHECK(result.output.error().text() == "t: s: not ready within its timeout of 1 ms");
    const StageReport report = result.report.stages().at(0);
    CHECK(report.status == StageStatus::failed);
    CHECK(report.duration >= kMillisecond);
    CHECK(report.duration < 2 * kMillisecond);
  }
}

TEST_CASE("an attempt whose arguments took too long may be tried again, like any other") {
  const RunResult result =
      run("{id: s, uses: find, timeout: 1ms, retry: {retries: 2, backoff: 5ms, factor: 1, jitter: 0}, on_failure: continue, "
          R"yaml(with: {text: "{% for i in lists.range(1000000) %}{{ i }}{% endfor %}"}})yaml");
  REQUIRE(result.output.has_value());
  CHECK(result.output->as_int() == 1);
  const StageReport report = result.report.stages().at(0);
  CHECK(report.status == StageStatus::continued);
  CHECK(report.attempts == 3);
  CHECK(report.duration >= 13 * kMillisecond);
  CHECK(report.duration < 14 * kMillisecond);
}

TEST_CASE("the run's deadline stops long arguments, too") {
  const RunResult result =
      run(R"yaml({id: s, uses: find, with: {text: "{% for i in lists.range(1000000) %}{{ i }}{% endfor %}"}})yaml", kMillisecond);
  REQUIRE_FALSE(result.output.has_value());
  CHECK(result.output.error().code() == Code::deadline_exceeded);
  CHECK(result.output.error().text() == "t: s: not ready when the run's deadline passed");
}
