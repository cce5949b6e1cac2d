#include "base/utf8.h"
#include "engine/compiler.h"
#include "engine/expectation.h"

namespace thalweg {

using lang::Type;

namespace {

// "outer.inner": each name a stage, all but the last one with pipelines inside.
bool has_stage(const Plan& plan, std::string_view path) {
  const std::size_t dot = path.find('.');
  const std::string_view first = path.substr(0, dot);
  for (const PlannedStage& stage : plan.stages) {
    if (stage.id != first) continue;
    if (dot == std::string_view::npos) return true;
    const std::string_view rest = path.substr(dot + 1);
    for (const auto& inner : stage.pipelines) {
      if (inner != nullptr && has_stage(*inner, rest)) return true;
    }
    for (const auto& field : stage.cases) {
      for (const PlannedStage::Case& branch : field) {
        if (branch.then != nullptr && has_stage(*branch.then, rest)) return true;
      }
    }
  }
  return false;
}

// The input as callers see it: fields with a default may be left out (though not be null).
Type wanted_input(const Plan& plan, const Node& input) {
  std::vector<Type::Field> fields(plan.input.fields().begin(), plan.input.fields().end());
  for (Type::Field& field : fields) {
    const auto given = [&](const Entry& entry) { return entry.key.as_string() == field.name; };
    if (input.find(field.name) == nullptr && std::ranges::any_of(plan.input_defaults, given))
      field.type = field.type.marked(true);
  }
  return Type::object(std::move(fields)).marked(plan.input.may_be_absent());
}

void check_input(Checker& checker, const Node* input, const Node& test, const Path& path, const Plan& plan) {
  if (input == nullptr) {
    if (const auto good = accept_input(plan, Value()); !good) checker.report(test.place, path, good.error().text());
    return;
  }
  const lang::Scope no_names;
  Uses uses;
  ArgumentCompiler arguments(checker, no_names, uses);
  const bool fields = plan.input.is(Type::Kind::object);
  (void)arguments.constant(*input, path / "input", fields ? wanted_input(plan, *input) : plan.input);
}

std::vector<TestFault> read_faults(Checker& checker, const Node& node, const Path& path, const Plan& plan) {
  std::vector<TestFault> faults;
  if (!checker.list(node, path, describe(Form::blocks))) return faults;
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    const Node& item = node.items[i];
    const Path at = path[i];
    if (!checker.block(item, at, blocks::fault())) continue;
    TestFault fault;
    if (const Node* stage = item.find("stage")) {
      fault.stage = checker.text(*stage, at / "stage").value_or("");
      if (stage->is_string() && !has_stage(plan, fault.stage)) {
        std::vector<std::string_view> ids;
        for (const PlannedStage& known : plan.stages) ids.push_back(known.id);
        checker.report(stage->place, at / "stage",
                       fmt::format("no stage '{}'{}", utf8::cut(fault.stage), hint(fault.stage, ids)));
      }
    }
    if (const Node* code = item.find("code")) fault.code = checker.code(*code, at / "code").value_or(Code::unavailable);
    fault.message = "a fault put in by a test";
    if (const Node* message = item.find("message")) fault.message = checker.text(*message, at / "message").value_or("");
    if (const Node* times = item.find("times")) {
      fault.times = checker.count(*times, at / "times", *blocks::fault().find("times")).value_or(1);
    }
    faults.push_back(std::move(fault));
  }
  return faults;
}

void check_matchers(Checker& checker, const Node& node, const Path& path) {
  for (const ExpectationProblem& problem : expectation_problems(node)) {
    checker.report(problem.node->place, path, problem.message);
  }
}

}  // namespace

std::vector<PipelineTest> read_tests(Checker& checker, const Node& node, const Path& path, const Plan& plan) {
  std::vector<PipelineTest> tests;
  if (!checker.list(node, path, "a list of tests")) return tests;
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    const Node& item = node.items[i];
    const Path at = path[i];
    if (!checker.block(item, at, blocks::test())) continue;
    PipelineTest test;
    test.place = item.place;
    test.name = fmt::format("test {}", i + 1);
    if (const Node* name = item.find("name")) {
      test.name = checker.text(*name, at / "name").value_or("");
      const auto before = std::ranges::find(tests, test.name, &PipelineTest::name);
      if (before != tests.end() && !test.name.empty()) {
        checker.report(name->place, at / "name",
                       fmt::format("a test '{}' stands in line {} already; give each a name of its own", utf8::cut(test.name),
                                   before->place.line));
      }
    }
    const Node* input = item.find("input");
    if (input != nullptr) test.input = input->to_value();
    const Node* error = item.find("error");
    // A test of an error may be one of a wrong input.
    if (error == nullptr) {
      check_input(checker, input, item, at, plan);
    } else if (checker.block(*error, at / "error", blocks::test_error())) {
      test.error = Code::ok;
      if (const Node* code = error->find("code")) test.error = checker.code(*code, at / "error").value_or(Code::ok);
      if (const Node* message = error->find("message")) test.error_contains = checker.text(*message, at / "error").value_or("");
    }
    if (const Node* expect = item.find("expect")) {
      check_matchers(checker, *expect, at / "expect");
      test.expect = expect->to_value();
    }
    if (const Node* faults = item.find("faults")) test.faults = read_faults(checker, *faults, at / "faults", plan);
    tests.push_back(std::move(test));
  }
  return tests;
}

}  // namespace thalweg
