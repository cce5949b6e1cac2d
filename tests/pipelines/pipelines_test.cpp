// Runs every tests/pipelines/TOPIC/*.yaml under several schedules and with injected faults. stages/ has one file for each
// built-in stage: its expectations are what the stage's contract says. A file holds
//
//   pipeline: a definition, and cases: {name, input, output: an expectation, or error: CODE (and contains), stages: {id: status},
//             takes: what the virtual clock has moved by at the end}; or sections, a list of such pairs
//   refused:  {name, pipeline, contains} of definitions that must not compile
//   called:   definitions that the others may call, by name
//
// `contains` is a text or a list of texts, each of which the error must hold.

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "base/clock.h"
#include "engine/executor.h"
#include "engine/expectation.h"
#include "engine/plan.h"
#include "base/time_text.h"
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
  for (const std::string_view topic : {"failure", "flow", "stages"}) {
    const std::size_t before = found.size();
    for (const auto& entry : std::filesystem::directory_iterator(topic)) {
      if (entry.path().extension() == ".yaml") found.push_back(entry.path());
    }
    CHECK_MESSAGE(found.size() > before, topic);
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
  std::vector<std::string> contains;
  const Value* statuses = nullptr;
  std::optional<Duration> takes;
};

std::string string_at(const Value& map, std::string_view key) {
  const Value* found = map.find(key);
  REQUIRE((found == nullptr || found->is_string()));
  return found != nullptr ? std::string(found->as_string()) : std::string();
}

std::vector<std::string> texts_at(const Value& map, std::string_view key) {
  std::vector<std::string> texts;
  const Value* found = map.find(key);
  if (found == nullptr) return texts;
  if (found->is_string()) return {std::string(found->as_string())};
  REQUIRE(found->is_list());
  for (const Value& item : found->items()) {
    REQUIRE(item.is_string());
    texts.emplace_back(item.as_string());
  }
  return texts;
}

void check_contains(const Error& error, const std::vector<std::string>& texts) {
  for (const std::string& text : texts) {
    CHECK_MESSAGE(error.text().contains(text), "wanted: " << text << "\ngot: " << error.text());
  }
}

void check_output(const Case& wanted, const Result<Value>& output) {
  if (wanted.error.empty()) {
    REQUIRE_MESSAGE(output.has_value(), (output ? "" : output.error().text()));
    if (wanted.output != nullptr) CHECK(differences_text(check_expectation(*wanted.output, *output)) == "");
  } else {
    REQUIRE_FALSE(output.has_value());
    CHECK(info(output.error().code()).name == wanted.error);
    check_contains(output.error(), wanted.contains);
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
    const Nanos began = clock.now();
    const RunResult result = simulate(executor, clock, plan, wanted.input, Context(clock));
    check_output(wanted, result.output);
    if (wanted.takes) CHECK(clock.now() - began == wanted.takes->seconds * kSecond + wanted.takes->nanos);
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

/// One file: the definitions in it share the ones they may call.
class Suite {
 public:
  explicit Suite(Definition file) : file_(std::move(file)) {
    options_.catalog = &catalog();
    options_.load = [this](std::string_view name) { return called(name); };
  }

  void run() {
    const Node& root = file_.root;
    const Node* sections = root.find("sections");
    const Node* refused = root.find("refused");
    REQUIRE((root.find("pipeline") != nullptr || sections != nullptr || refused != nullptr));
    if (root.find("pipeline") != nullptr) section(root);
    if (sections != nullptr) {
      for (const Node& node : sections->items) section(node);
    }
    if (refused != nullptr) {
      for (const Node& node : refused->items) refuse(node);
    }
  }

 private:
  Result<std::shared_ptr<const Plan>> compiled(const Node& pipeline) {
    return compile_plan({file_.file, file_.text, pipeline}, options_);
  }

  Result<std::shared_ptr<const Plan>> called(std::string_view name) {
    const Node* all = file_.root.find("called");
    const Node* found = all != nullptr ? all->find(name) : nullptr;
    if (found == nullptr) return fail(Code::not_found, "no pipeline '{}'", name);
    return compiled(*found);
  }

  void section(const Node& node) {
    const Node* pipeline = node.find("pipeline");
    const Node* cases = node.find("cases");
    REQUIRE(pipeline != nullptr);
    REQUIRE(cases != nullptr);
    const auto plan = compiled(*pipeline);
    REQUIRE_MESSAGE(plan.has_value(), (plan ? "" : plan.error().text()));
    const Value list = cases->to_value();
    REQUIRE(list.size() > 0);
    for (const Value& item : list.items()) run_item(*plan, item);
  }

  static void run_item(const std::shared_ptr<const Plan>& plan, const Value& item) {
    Case wanted;
    wanted.name = string_at(item, "name");
    CAPTURE(wanted.name);
    if (const Value* input = item.find("input")) wanted.input = *input;
    wanted.output = item.find("output");
    wanted.error = string_at(item, "error");
    wanted.contains = texts_at(item, "contains");
    wanted.statuses = item.find("stages");
    if (item.find("takes") != nullptr) wanted.takes = parse_duration(string_at(item, "takes")).value();
    REQUIRE(((wanted.output != nullptr) != !wanted.error.empty()));
    run_case(plan, wanted);
  }

  void refuse(const Node& node) {
    const Value item = node.to_value();
    CAPTURE(string_at(item, "name"));
    const Node* pipeline = node.find("pipeline");
    REQUIRE(pipeline != nullptr);
    const std::vector<std::string> texts = texts_at(item, "contains");
    REQUIRE_FALSE(texts.empty());
    const auto plan = compiled(*pipeline);
    REQUIRE_FALSE(plan.has_value());
    CHECK(plan.error().code() == Code::invalid_argument);
    check_contains(plan.error(), texts);
  }

  Definition file_;
  CompileOptions options_;
};

}  // namespace

TEST_CASE("pipelines as text") {
  const auto all = files();
  CHECK(all.size() >= 26);
  for (const std::filesystem::path& path : all) {
    CAPTURE(path.string());
    Result<Definition> file = parse_definition(path.string(), text_of(path));
    REQUIRE_MESSAGE(file.has_value(), (file ? "" : file.error().text()));
    Suite(std::move(*file)).run();
  }
}
