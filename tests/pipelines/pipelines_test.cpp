// Runs every tests/pipelines/<topic>/*.yaml under several schedules and with injected faults. A file holds a `pipeline` (a
// definition) and `cases`: {name, input, output: an expectation, or error: CODE (and contains), stages: {id: status}}.

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "base/clock.h"
#include "engine/executor.h"
#include "engine/expectation.h"
#include "engine/plan.h"
#include "stages/stages.h"

using namespace thalweg;

namespace {

std::string text_of(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

std::vector<std::filesystem::path> files() {
  std::vector<std::filesystem::path> found;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(".")) {
    if (entry.path().extension() == ".yaml") found.push_back(entry.path());
  }
  std::ranges::sort(found);
  return found;
}

const Catalog& catalog() {
  static const Catalog all = [] {
    Catalog made;
    stages::register_stages(made);
    return made;
  }();
  return all;
}

/// Fails the first attempt at one stage.
class Fault final : public Observer {
 public:
  explicit Fault(std::string stage) : stage_(std::move(stage)) {}
  Result<> before_attempt(std::string_view stage, std::uint32_t attempt) override {
    if (stage == stage_ && attempt == 1) return fail(Code::unavailable, "injected");
    return {};
  }

 private:
  std::string stage_;
};

struct Case {
  std::string name;
  Value input;
  const Value* output = nullptr;
  std::string error;
  std::string contains;
  const Value* statuses = nullptr;
};

std::string string_at(const Value& map, std::string_view key) {
  const Value* found = map.find(key);
  return found != nullptr ? std::string(found->as_string()) : std::string();
}

void check_output(const Case& wanted, const Result<Value>& output) {
  if (wanted.error.empty()) {
    REQUIRE_MESSAGE(output.has_value(), (output ? "" : output.error().text()));
    if (wanted.output != nullptr) CHECK(differences_text(check_expectation(*wanted.output, *output)) == "");
  } else {
    REQUIRE_FALSE(output.has_value());
    CHECK(info(output.error().code()).name == wanted.error);
    CHECK_MESSAGE(output.error().text().find(wanted.contains) != std::string::npos, output.error().text());
  }
}

void check_identity(const Report& report) {
  const Accounting sums = report.accounting();
  CHECK(sums.wall == sums.queue + sums.conversion + sums.stage + sums.engine);
  CHECK(sums.residual == 0);
}

void run_case(const std::shared_ptr<const Plan>& plan, const Case& wanted) {
  for (const std::size_t threads : {std::size_t{1}, std::size_t{4}}) {
    CAPTURE(threads);
    VirtualClock clock;
    Executor executor(clock, threads);
    const RunResult result = simulate(executor, clock, plan, wanted.input, Context(clock));
    check_output(wanted, result.output);
    if (result.output || !result.report.stages().empty()) check_identity(result.report);
    std::vector<StageReport> stages = result.report.stages();
    if (wanted.statuses != nullptr) {
      for (const Entry& entry : wanted.statuses->entries()) {
        const auto found = std::ranges::find(stages, entry.key.as_string(), &StageReport::id);
        REQUIRE(found != stages.end());
        CHECK_MESSAGE(status_name(found->status) == entry.value.as_string(), found->id);
      }
    }
    // A fault before each stage: mended where it is retried, else the run's own error, word for word.
    if (!result.output) continue;
    for (const PlannedStage& stage : plan->stages) {
      const auto found = std::ranges::find(stages, stage.id, &StageReport::id);
      if (found->status != StageStatus::ok || stage.cache) continue;
      CAPTURE(stage.id);
      Fault fault(stage.id);
      const RunResult faulty = simulate(executor, clock, plan, wanted.input, Context(clock), {.observer = &fault});
      if (stage.retry.retries > 0) {
        check_output(wanted, faulty.output);
      } else if (stage.on_failure.kind == FailurePolicy::Kind::abort && !stage.fallback_of) {
        REQUIRE_FALSE(faulty.output.has_value());
        CHECK(faulty.output.error().code() == Code::unavailable);
        CHECK(faulty.output.error().message() == "injected");
      }
      check_identity(faulty.report);
    }
  }
  for (const std::size_t batch : {std::size_t{1}, std::size_t{7}, std::size_t{64}}) {
    CAPTURE(batch);
    VirtualClock clock;
    Executor executor(clock, 4);
    std::atomic<bool> over = false;
    std::thread time([&] {
      while (!over.load()) {
        executor.settle();
        if (!clock.step()) std::this_thread::yield();
      }
    });
    int given = 0;
    executor.run_many(
        plan, [&]() -> std::optional<Value> { return given++ < 70 ? std::optional(wanted.input) : std::nullopt; },
        [&](std::size_t, RunResult result) { check_output(wanted, result.output); }, Context(clock), {.jobs = 2, .batch = batch});
    over = true;
    time.join();
  }
}

}  // namespace

TEST_CASE("pipelines as text") {
  const auto all = files();
  REQUIRE(all.size() >= 8);
  for (const std::filesystem::path& path : all) {
    CAPTURE(path.string());
    Result<Definition> file = parse_definition(path.string(), text_of(path));
    REQUIRE_MESSAGE(file.has_value(), (file ? "" : file.error().text()));
    const Node* pipeline = file->root.find("pipeline");
    const Node* cases = file->root.find("cases");
    REQUIRE(pipeline != nullptr);
    REQUIRE(cases != nullptr);
    Definition definition{file->file, file->text, *pipeline};
    CompileOptions options;
    options.catalog = &catalog();
    Result<std::shared_ptr<const Plan>> plan = compile_plan(definition, options);
    REQUIRE_MESSAGE(plan.has_value(), (plan ? "" : plan.error().text()));
    const Value list = cases->to_value();
    REQUIRE(list.size() > 0);
    for (const Value& item : list.items()) {
      Case wanted;
      wanted.name = string_at(item, "name");
      CAPTURE(wanted.name);
      if (const Value* input = item.find("input")) wanted.input = *input;
      wanted.output = item.find("output");
      wanted.error = string_at(item, "error");
      wanted.contains = string_at(item, "contains");
      wanted.statuses = item.find("stages");
      REQUIRE((wanted.output != nullptr || !wanted.error.empty()));
      run_case(*plan, wanted);
    }
  }
}
