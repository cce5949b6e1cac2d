#include "thalweg/pipeline.h"

#include "base/error.h"
#include "engine/executor.h"
#include "engine/plan.h"
#include "engine/types.h"
#include "typed/function_stage.h"
#include "typed/runtime_state.h"
#include "typed/sketch.h"

namespace thalweg::detail {

/// The plan keeps its catalogue; the runtime comes last, as it waits for the runs when it goes.
struct Built {
  std::shared_ptr<const Plan> plan;
  std::string text;
  std::optional<Error> unprintable;
  std::shared_ptr<RuntimeState> runtime;
};

namespace {

Result<std::shared_ptr<const Plan>> compile(const std::shared_ptr<Catalog>& catalog, std::string_view file, std::string text) {
  struct Kept {
    std::shared_ptr<const Catalog> catalog;
    std::shared_ptr<const Plan> plan;
  };
  const Definition definition = TRY(parse_definition(file, std::move(text)));
  const auto kept = std::make_shared<Kept>(catalog, nullptr);
  kept->plan = TRY(compile_plan(definition, {.catalog = catalog.get(), .load = {}}));
  return std::shared_ptr<const Plan>(kept, kept->plan.get());
}

Result<Type> written_type(std::string_view text) {
  auto type = lang::parse_type(text);
  if (type) return type;
  return std::unexpected(
      Error(Code::invalid_argument, fmt::format("a Codec's type() is '{}', which is no type", text)).because(type.error()));
}

Ended ended(RunResult result) { return {std::move(result.output), std::move(result.report)}; }

void visit_stages(const Plan& plan, const std::function<void(const Stage&)>& visit) {
  for (const PlannedStage& stage : plan.stages) {
    if (stage.body != nullptr) visit(*stage.body);
    for (const auto& nested : stage.pipelines) {
      if (nested != nullptr) visit_stages(*nested, visit);
    }
    for (const auto& cases : stage.cases) {
      for (const PlannedStage::Case& one : cases) {
        if (one.then != nullptr) visit_stages(*one.then, visit);
      }
    }
  }
}

Ended refused(const Error& error) { return {std::unexpected(error.at("input")), {}}; }

}  // namespace

Result<std::shared_ptr<const Built>> build(const Runtime& runtime, std::string name, const Steps& steps, std::string input,
                                           std::string output) {
  typed::Drawn drawn = TRY(typed::draw(name, steps, input, output));
  const auto& state = runtime.state();
  const auto catalog = TRY(state->catalog());
  for (auto& [type, function] : drawn.functions) {
    if (!function.name.empty()) TRY(state->check(function));
    // So that the cache takes no two for the same.
    if (function.name.empty() || function.captures) function.options.version += fmt::format("#{}", ++state->unnamed);
    TRY(typed::add_function(*catalog, type, function));
  }
  auto built = std::make_shared<Built>();
  built->plan = TRY(compile(catalog, name.empty() ? "pipeline" : name, drawn.text));
  for (auto& [type, function] : drawn.functions) {
    if (!function.name.empty() && !function.captures) TRY(state->add(std::move(function)));
  }
  built->text = std::move(drawn.text);
  built->unprintable = std::move(drawn.unprintable);
  built->runtime = state;
  return built;
}

Result<std::shared_ptr<const Built>> load(const Runtime& runtime, std::string text, std::string file, std::string input,
                                          std::string output) {
  const auto& state = runtime.state();
  const Type given = TRY(written_type(input));
  const Type wanted = TRY(written_type(output));
  auto built = std::make_shared<Built>();
  const auto catalog = TRY(state->catalog());
  built->plan = TRY(compile(catalog, file, text));
  if (fits(built->plan->input, given) == Fit::no) {
    return fail(Code::invalid_argument, "{}: the definition takes {}, the C++ pipeline {}", file, built->plan->input.text(),
                input);
  }
  if (fits(wanted, built->plan->output_type) == Fit::no) {
    return fail(Code::invalid_argument, "{}: the definition gives {}, the C++ pipeline {}", file, built->plan->output_type.text(),
                output);
  }
  built->text = std::move(text);
  built->runtime = state;
  return built;
}

Ended run(const Built& built, Result<Value> input, const Context& context) {
  if (!input) return refused(input.error());
  return ended(built.runtime->executor.run(built.plan, std::move(*input), context));
}

Ended simulate(const Built& built, Result<Value> input, const Context& context) {
  if (!input) return refused(input.error());
  auto* clock = dynamic_cast<VirtualClock*>(&built.runtime->clock);
  if (clock == nullptr) {
    return {fail(Code::failed_precondition, "only a runtime on a VirtualClock can simulate: Runtime runtime(clock)"), {}};
  }
  return ended(thalweg::simulate(built.runtime->executor, *clock, built.plan, std::move(*input), context));
}

void start(const Built& built, Result<Value> input, const Context& context, std::move_only_function<void(Ended)> done) {
  if (!input) return done(refused(input.error()));
  built.runtime->executor.start(built.plan, std::move(*input), context, {},
                                [done = std::move(done)](RunResult result) mutable { done(ended(std::move(result))); });
}

void run_many(const Built& built, std::move_only_function<std::optional<Result<Value>>()> next, const Context& context,
              std::size_t jobs, std::size_t batch, std::move_only_function<void(std::size_t, Ended)> done) {
  built.runtime->executor.run_many(built.plan, std::move(next),
                                   [&done](std::size_t index, RunResult result) { done(index, ended(std::move(result))); },
                                   context, {.jobs = std::max<std::size_t>(1, jobs), .batch = std::max<std::size_t>(1, batch)});
}

Result<std::string> definition(const Built& built) {
  if (built.unprintable) return std::unexpected(*built.unprintable);
  return built.text;
}

void each_stage(const Built& built, const std::function<void(const Stage&)>& visit) { visit_stages(*built.plan, visit); }

std::string_view name(const Built& built) { return built.plan->name; }
Context context(const Built& built) { return Context(built.runtime->clock); }

Error wrong_output(const Error& error) {
  return Error(Code::internal, "the pipeline's result is not of its C++ type: " + error.message());
}

}  // namespace thalweg::detail
