// Runs every tests/pipelines/TOPIC/*.yaml under several schedules and with injected faults. stages/ has one file for each
// built-in stage: its expectations are what the stage's contract says. fields/ has one for each field that all stages have. A
// file holds
//
//   pipeline: a definition, and cases: {name, input, output: an expectation, or error: CODE (and contains), stages: {id: status
//   or
//             {status, attempts, start, took, runs, reason: a part of it}} with outer.inner for nested ones, takes: what the
//             virtual clock has moved by at the end}; or sections, a list of such pairs
//
//   faults: in a case: {stage, attempts: so many of the first ones fail (all when left out), code (UNAVAILABLE)}
//   deadline, stop: in a case: the time after which the run's deadline passes, or it is stopped from outside
//   twice: in a case: the same run again on the same executor, {takes, stages}
//
//   refused:  {name, pipeline, contains} of definitions that must not compile
//   called:   definitions that the others may call, by name
//
// `contains` is a text or a list of texts, each of which the error must hold.

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "base/time_text.h"
#include "engine/executor.h"
#include "engine/expectation.h"
#include "engine/plan.h"
#include "engine/reports.h"
#include "stages/stages.h"
#include "thalweg/clock.h"

using namespace thalweg;
using test::check_identity;

namespace {

std::string text_of(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

std::vector<std::filesystem::path> files() {
  std::vector<std::filesystem::path> found;
  for (const std::string_view topic : {"failure", "fields", "flow", "stages"}) {
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

struct Fault {
  std::string stage;
  std::uint32_t attempts = 1;
  Code code = Code::unavailable;
};

/// Fails the first attempts at stages.
class Faults final : public Observer {
 public:
  explicit Faults(std::vector<Fault> faults) : faults_(std::move(faults)) {}
  Result<> before_attempt(std::string_view stage, std::uint32_t attempt) override {
    for (const Fault& fault : faults_) {
      if (stage == fault.stage && attempt <= fault.attempts) return fail(fault.code, "injected");
    }
    return {};
  }

 private:
  std::vector<Fault> faults_;
};

struct Case {
  std::string name;
  Value input;
  const Value* output = nullptr;
  std::string error;
  std::vector<std::string> contains;
  const Value* stages = nullptr;
  std::optional<Nanos> takes;
  std::vector<Fault> faults;
  std::optional<Nanos> deadline;
  std::optional<Nanos> stop;
  const Value* twice = nullptr;
};

std::string string_at(const Value& map, std::string_view key) {
  const Value* found = map.find(key);
  REQUIRE((found == nullptr || found->is_string()));
  return found != nullptr ? std::string(found->as_string()) : std::string();
}

std::optional<Nanos> time_at(const Value& map, std::string_view key) {
  if (map.find(key) == nullptr) return std::nullopt;
  const auto time = parse_duration(string_at(map, key));
  REQUIRE(time.has_value());
  return time->seconds * kSecond + time->nanos;
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

const StageReport* stage_at(const std::vector<StageReport>& stages, std::string_view path) {
  const std::size_t dot = path.find('.');
  const auto found = std::ranges::find(stages, path.substr(0, dot), &StageReport::id);
  if (found == stages.end() || dot == std::string_view::npos) return found == stages.end() ? nullptr : &*found;
  return stage_at(found->nested, path.substr(dot + 1));
}

void check_stages(const Value& wanted, const std::vector<StageReport>& stages) {
  for (const Entry& entry : wanted.entries()) {
    const std::string path(entry.key.as_string());
    CAPTURE(path);
    const StageReport* found = stage_at(stages, path);
    REQUIRE(found != nullptr);
    if (entry.value.is_string()) {
      CHECK(status_name(found->status) == entry.value.as_string());
      continue;
    }
    for (const Entry& field : entry.value.entries()) {
      const std::string_view name = field.key.as_string();
      CAPTURE(name);
      if (name == "status") {
        CHECK(status_name(found->status) == field.value.as_string());
      } else if (name == "attempts") {
        CHECK(found->attempts == field.value.as_int());
      } else if (name == "runs") {
        CHECK(found->runs == static_cast<std::uint64_t>(field.value.as_int()));
      } else if (name == "start") {
        CHECK(found->start == time_at(entry.value, name));
      } else if (name == "took") {
        CHECK(found->duration == time_at(entry.value, name));
      } else {
        REQUIRE(name == "reason");
        CHECK_MESSAGE(found->reason.contains(field.value.as_string()), found->reason);
      }
    }
  }
}

/// One run, from the virtual clock's now.
void run_once(Executor& executor, VirtualClock& clock, const std::shared_ptr<const Plan>& plan, const Case& wanted,
              const Value* stages, std::optional<Nanos> takes) {
  const Nanos began = clock.now();
  std::stop_source stop;
  Context context = Context(clock).with_stop(stop.get_token());
  if (wanted.deadline) context = context.with_deadline(began + *wanted.deadline);
  if (wanted.stop) clock.at(began + *wanted.stop, [stop]() mutable { stop.request_stop(); });
  Faults faults(wanted.faults);
  const RunResult result = simulate(executor, clock, plan, wanted.input, context, {.observer = &faults});
  check_output(wanted, result.output);
  if (takes) CHECK(clock.now() - began == *takes);
  const std::vector<StageReport> reports = result.report.stages();
  if (result.output || !reports.empty()) check_identity(result.report);
  if (stages != nullptr) check_stages(*stages, reports);
}

/// A fault before each stage: mended where it is retried, else the run's own error, word for word.
void run_with_each_fault(Executor& executor, VirtualClock& clock, const std::shared_ptr<const Plan>& plan, const Case& wanted) {
  const RunResult whole = simulate(executor, clock, plan, wanted.input, Context(clock));
  REQUIRE(whole.output.has_value());
  const std::vector<StageReport> stages = whole.report.stages();
  for (const PlannedStage& stage : plan->stages) {
    const StageReport* found = stage_at(stages, stage.id);
    if (found->status != StageStatus::ok || stage.cache) continue;
    CAPTURE(stage.id);
    Faults fault({{.stage = stage.id}});
    const RunResult faulty = simulate(executor, clock, plan, wanted.input, Context(clock), {.observer = &fault});
    const bool retried = stage.retry.retries > 0 && std::ranges::find(stage.retry.on, Code::unavailable) != stage.retry.on.end();
    if (retried) {
      check_output(wanted, faulty.output);
    } else if (stage.on_failure.kind == FailurePolicy::Kind::abort && !stage.fallback_of) {
      REQUIRE_FALSE(faulty.output.has_value());
      CHECK(faulty.output.error().code() == Code::unavailable);
      CHECK(faulty.output.error().message() == "injected");
    }
    check_identity(faulty.report);
  }
}

void run_case(const std::shared_ptr<const Plan>& plan, const Case& wanted) {
  for (const std::size_t threads : {std::size_t{1}, std::size_t{4}}) {
    CAPTURE(threads);
    VirtualClock clock;
    Executor executor(clock, threads);
    run_once(executor, clock, plan, wanted, wanted.stages, wanted.takes);
    if (wanted.twice != nullptr) {
      INFO("the second time");
      run_once(executor, clock, plan, wanted, wanted.twice->find("stages"), time_at(*wanted.twice, "takes"));
    }
    if (wanted.error.empty() && wanted.faults.empty()) run_with_each_fault(executor, clock, plan, wanted);
  }
  if (wanted.deadline || wanted.stop) return;  // of one run
  for (const std::size_t batch : {std::size_t{1}, std::size_t{7}, std::size_t{64}}) {
    CAPTURE(batch);
    VirtualClock clock;
    Executor executor(clock, 4);
    std::atomic<bool> over = false;
    std::thread time;  // begins when there is something to settle
    const auto pass = [&] {
      while (!over.load()) {
        executor.settle();
        if (!clock.step()) std::this_thread::yield();
      }
    };
    Faults faults(wanted.faults);
    int given = 0;
    const auto next = [&]() -> std::optional<Value> {
      if (given == 0) time = std::thread(pass);
      return given++ < 70 ? std::optional(wanted.input) : std::nullopt;
    };
    executor.run_many(plan, next, [&](std::size_t, RunResult result) { check_output(wanted, result.output); }, Context(clock),
                      {.jobs = 2, .batch = batch}, {.observer = wanted.faults.empty() ? nullptr : &faults});
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
    for (const Entry& entry : item.entries()) {
      constexpr std::array kKeys = {"name",  "input",  "output",   "error", "contains", "stages",
                                    "takes", "faults", "deadline", "stop",  "twice"};
      REQUIRE_MESSAGE(std::ranges::find(kKeys, entry.key.as_string()) != kKeys.end(), entry.key.as_string());
    }
    Case wanted;
    wanted.name = string_at(item, "name");
    CAPTURE(wanted.name);
    if (const Value* input = item.find("input")) wanted.input = *input;
    wanted.output = item.find("output");
    wanted.error = string_at(item, "error");
    wanted.contains = texts_at(item, "contains");
    wanted.stages = item.find("stages");
    wanted.takes = time_at(item, "takes");
    wanted.deadline = time_at(item, "deadline");
    wanted.stop = time_at(item, "stop");
    wanted.twice = item.find("twice");
    if (const Value* faults = item.find("faults")) {
      for (const Value& fault : faults->items()) {
        const Value* attempts = fault.find("attempts");
        const std::string code = string_at(fault, "code");
        wanted.faults.push_back({.stage = string_at(fault, "stage"),
                                 .attempts = attempts != nullptr ? static_cast<std::uint32_t>(attempts->as_int()) : UINT32_MAX,
                                 .code = code.empty() ? Code::unavailable : code_named(code)});
      }
    }
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
