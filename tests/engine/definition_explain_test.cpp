#include <doctest/doctest.h>

#include "engine/checker.h"
#include "engine/explain.h"
#include "engine/keys.h"
#include "engine/schema.h"
#include "test_catalog.h"

using namespace thalweg;

namespace {

constexpr const char* kExample = R"(
name: example
version: 2.0.0
input: {question: string}
stages:
  - {id: e, uses: emit, with: {count: 3}}
  - {id: n, uses: count, with: {of: "{{ e }}"}}
  - {id: find, uses: find, with: {text: "{{ input.question }}"}}
  - id: answer
    uses: generate
    when: size(find.hits) > n
    timeout: 90s
    retry: {retries: 2}
    on_failure: {fallback: {stage: spare}}
    with: {prompt: "{{ input.question }}"}
  - {id: spare, uses: find, with: {text: spare}}
  - id: each
    uses: for_each
    with: {items: "{{ find.hits }}", do: [{id: s, uses: set, with: {t: "{{ item.title }}"}}]}
output: {text: "{{ default(answer, null) }}", each: "{{ each }}"}
)";

std::shared_ptr<const Plan> example(const Catalog& catalog) {
  const auto definition = parse_definition("d.yaml", kExample);
  REQUIRE(definition.has_value());
  const auto plan = compile_plan(*definition, {.catalog = &catalog, .load = {}});
  REQUIRE_MESSAGE(plan.has_value(), plan.error().text());
  return *plan;
}

Value stage(const Value& explained, std::string_view id) {
  for (const Value& one : explained.find("stages")->items()) {
    if (*one.find("id") == Value(id)) return one;
  }
  FAIL("no stage ", id);
  return explained;
}

}  // namespace

TEST_CASE("explain shows order, groups, runs, types, needs and policies") {
  const Catalog catalog = test::definition_catalog();
  const auto plan = example(catalog);
  const Value shown = explain_value(*plan);
  CHECK(*shown.find("input") == Value("{question: string}"));
  CHECK(shown.find("groups")->size() == plan->groups.size());
  const Value& answer = stage(shown, "answer");
  CHECK(*answer.find("body") == Value("waits"));
  CHECK(*answer.find("when") == Value("size(find.hits) > n"));
  CHECK(*answer.find("needs") == Value::list({Value("n"), Value("find")}));
  CHECK(*answer.find("policies")->find("timeout") == Value("1m30s"));
  CHECK(*answer.find("policies")->find("on_failure") == Value("fallback to stage spare"));
  CHECK(*answer.find("may_be_absent") == Value(true));
  CHECK(*stage(shown, "n").find("streams_from") == Value("e"));
  CHECK(*stage(shown, "spare").find("fallback_of") == Value("answer"));
  CHECK(stage(shown, "each").find("nested")->find("do")->find("stages")->size() == 1);
  // The waiting stage parts the computing ones.
  for (const Value& run : shown.find("fused")->items()) {
    for (const Value& id : run.items()) CHECK_FALSE(id == Value("answer"));
  }
  const std::string text = explain_text(*plan);
  CHECK(text.starts_with("example 2.0.0\ninput   {question: string}\n"));
  CHECK(text.find("timeout 1m30s; 2 retries from 100ms; on failure fallback to stage spare") != std::string::npos);
  CHECK(text.find("streams from e") != std::string::npos);
}

TEST_CASE("graph gives Mermaid with every edge once") {
  const Catalog catalog = test::definition_catalog();
  const std::string graph = graph_mermaid(*example(catalog));
  CHECK(graph.starts_with("flowchart TD\n"));
  for (const char* line :
       {"  s_e ==>|stream| s_n\n", "  s_find --> s_answer\n", "  s_answer -.->|fallback| s_spare\n", "  input --> s_find\n",
        "  s_answer -.-> output\n", "  s_each --> output\n",
        "  s_answer[\"answer<br/>generate<br/>when size(find.hits) #gt; n\"]\n", "    s_each_do_s[\"s<br/>set\"]\n"}) {
    const std::size_t at = graph.find(line);
    CHECK_MESSAGE(at != std::string::npos, line << " in\n" << graph);
    if (at != std::string::npos) CHECK_MESSAGE(graph.find(line, at + 1) == std::string::npos, line);
  }
}

TEST_CASE("spans are written as they are read") {
  for (const char* text : {"20s", "1m30s", "100ms", "1h", "1d12h", "250us", "7ns"})
    CHECK(span_text(parse_span(text).value()) == text);
  CHECK(parse_span("1.5m") == 90 * kSecond);
  CHECK(parse_span("0.5ms") == 500 * kMicrosecond);
  CHECK(parse_span(".5s") == 500 * kMillisecond);
  for (const char* text : {"", "20", "s", "1 s", "-1s", "1e3s", "1.5.2s", "1x", "99999999999d", "1s ", "+1s", ".s"})
    CHECK_MESSAGE(!parse_span(text), text);
}

TEST_CASE("the schema has every key of the table and every stage type") {
  const Catalog catalog = test::definition_catalog();
  const Value schema = definition_schema(catalog);
  const Value& defs = *schema.find("$defs");
  for (const Block* block : all_blocks()) {
    std::string name(block->name);
    std::ranges::replace(name, ' ', '_');
    const Value* found = name == "definition" ? &schema : defs.find(name);
    REQUIRE_MESSAGE(found != nullptr, name);
    for (const Key& key : block->keys) {
      const Value* property = found->find("properties")->find(key.name);
      REQUIRE_MESSAGE(property != nullptr, name << "." << key.name);
      CHECK_FALSE(property->find("description")->as_string().empty());
    }
    CHECK(found->find("properties")->size() == block->keys.size());
    CHECK(*found->find("additionalProperties") == Value(false));
  }
  for (const std::string_view type : catalog.names()) CHECK(defs.find(fmt::format("with_{}", type)) != nullptr);
  CHECK(*defs.find("with_find")->find("required") == Value::list({Value("text")}));
  CHECK(*defs.find("with_find")->find("properties")->find("top_k")->find("default") == Value(4));
}
