#include "bench/definition.h"

#include <cstdlib>

#include "engine/plan.h"
#include "stages/stages.h"

namespace thalweg::bench {

namespace {

// As pipelines are written: each stage refers to the one before, every other one has a condition, some have policies or nest.
std::string definition_of(std::size_t stages) {
  std::string text =
      "name: twenty\nversion: 1.0.0\ndescription: A chain of twenty stages.\n"
      "input: {question: string, score: double, items: \"list<{text: string, n: int}>\"}\nstages:\n"
      "  - id: s0\n    uses: set\n    with: {text: \"{{ input.question }}\", n: 1}\n";
  for (std::size_t i = 1; i < stages; ++i) {
    const std::size_t before = i - 1;
    fmt::format_to(std::back_inserter(text), "  - id: s{}\n", i);
    if (i % 5 == 0) {
      fmt::format_to(
          std::back_inserter(text),
          "    uses: for_each\n    needs: [s{0}]\n    with:\n      items: \"{{{{ input.items }}}}\"\n      do:\n"
          "        - {{id: inner{1}, uses: set, with: {{t: \"{{{{ item.text }}}} of {{{{ size(input.items) }}}}\"}}}}\n",
          before, i);
      continue;
    }
    text += "    uses: set\n";
    if (i % 2 == 0) text += "    when: input.score > 0.5 && size(input.question) < 1000\n";
    if (i % 4 == 0)
      text += "    timeout: 20s\n    retry: {retries: 3, backoff: 100ms, on: [UNAVAILABLE]}\n    on_failure: continue\n";
    const std::string source =
        before % 5 == 0 && before > 0 ? fmt::format("size(s{})", before) : fmt::format("default(s{}.n, 0)", before);
    fmt::format_to(
        std::back_inserter(text),
        "    with:\n      text: \"Stage {0} says: {{{{ input.question }}}} {{% if input.score > 0.1 %}}yes{{% endif %}}\"\n"
        "      n: \"{{{{ {1} }}}}\"\n",
        i, source);
  }
  fmt::format_to(std::back_inserter(text), "output: {{last: \"{{{{ s{0}.text }}}}\", all: [", stages - 1);
  for (std::size_t i = 0; i < stages; ++i)
    fmt::format_to(std::back_inserter(text), "{}\"{{{{ default(s{}, null) }}}}\"", i == 0 ? "" : ", ", i);
  return text + "]}\n";
}

}  // namespace

void bench_definition(Report& report) {
  Catalog catalog;
  stages::register_stages(catalog);
  const std::string text = definition_of(20);
  const auto compile = [&] {
    auto definition = parse_definition("twenty.yaml", text);
    return definition ? compile_plan(*definition, {.catalog = &catalog, .load = {}})
                      : Result<std::shared_ptr<const Plan>>(std::unexpected(definition.error()));
  };
  if (const auto plan = compile(); !plan) {  // a benchmark of an error would be fast and wrong
    fmt::print(stderr, "{}\n", plan.error().text());
    std::abort();
  }
  report.time("definition.parse20", [&] { keep(parse_definition("twenty.yaml", text)); });
  report.time("definition.compile20", [&] { keep(compile()); });
}

}  // namespace thalweg::bench
