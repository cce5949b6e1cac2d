// The engine: stages that do nothing, so that what remains is the engine; and work shared between threads.

#include "bench/engine.h"

#include "base/format.h"
#include "engine/executor.h"
#include "engine/plan.h"

namespace thalweg::bench {

namespace {

Catalog catalog() {
  Catalog catalog;
  const auto add = [&catalog](std::string name, auto body) {
    Contract contract;
    contract.name = std::move(name);
    contract.version = "1";
    contract.fields = {{.name = "value", .type = {}, .description = {}, .required = false, .fallback = {}, .locals = {}}};
    contract.effects = true;
    catalog.add(std::move(contract), [body](const Configuration&) -> Result<std::unique_ptr<Stage>> { return stage_of(body); });
  };
  add("pass", [](Call& call) -> Result<Value> { return call.take(0); });
  add("work", [](Call& call) -> Result<Value> {
    const Nanos end = call.context().now() + 100 * kMicrosecond;
    while (call.context().now() < end) {
    }
    return Value(1);
  });
  return catalog;
}

std::shared_ptr<const Plan> compiled(const Catalog& catalog, const std::string& text) {
  CompileOptions options;
  options.catalog = &catalog;
  return compile_plan(parse_definition("bench.yaml", text).value(), options).value();
}

std::string chain(int stages) {
  std::string text = "name: chain\nversion: 1.0.0\ninput: int\nstages:\n";
  for (int i = 0; i < stages; ++i) {
    text += fmt::format("  - {{id: s{}, uses: pass, with: {{value: \"{{{{ {} }}}}\"}}}}\n", i,
                        i == 0 ? "input" : fmt::format("s{}", i - 1));
  }
  return text + fmt::format("output: \"{{{{ s{} }}}}\"\n", stages - 1);
}

std::string fan(int branches, std::string_view stage) {
  std::string text = "name: fan\nversion: 1.0.0\ninput: int\nstages:\n";
  for (int i = 0; i < branches; ++i)
    text += fmt::format("  - {{id: b{}, uses: {}, with: {{value: \"{{{{ input }}}}\"}}}}\n", i, stage);
  return text + fmt::format("output: \"{{{{ b{} }}}}\"\n", branches - 1);
}

}  // namespace

void bench_engine(Report& report) {
  const Catalog stages = catalog();
  Executor executor(report.clock(), 2);
  Executor alone(report.clock(), 1);
  const Context context(report.clock());
  const auto runs = [&](Executor& on, const std::string& text) {
    return [&on, &context, plan = compiled(stages, text)] { keep(on.run(plan, Value(1), context)); };
  };
  report.slope("engine.chain.per_stage", runs(executor, chain(10)), runs(executor, chain(100)), 90);
  report.time("engine.run.fixed", runs(executor, chain(1)));
  auto noop = runs(executor, fan(64, "pass"));
  report.time("engine.fanout64.noop", noop, 64);
  report.ratio("engine.fanout64.work", runs(alone, fan(64, "work")), runs(executor, fan(64, "work")));
}

}  // namespace thalweg::bench
