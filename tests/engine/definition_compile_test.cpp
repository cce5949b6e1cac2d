#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "engine/explain.h"
#include "engine/plan.h"
#include "test_catalog.h"
#include "thalweg/json.h"

using namespace thalweg;

namespace {

Result<std::shared_ptr<const Plan>> compile(std::string text) {
  static const Catalog catalog = test::definition_catalog();
  auto definition = parse_definition("d.yaml", std::move(text));
  if (!definition) return std::unexpected(definition.error());
  return compile_plan(*definition, {.catalog = &catalog, .load = {}});
}

std::shared_ptr<const Plan> plan_of(std::string text) {
  auto plan = compile(std::move(text));
  REQUIRE_MESSAGE(plan.has_value(), plan.error().text());
  return *plan;
}

constexpr const char* kAnswer = R"(
name: answer-from-docs
version: 1.0.0
input: {question: string}
stages:
  - id: answer
    uses: generate
    when: size(find.hits) > 0
    timeout: 20s
    with:
      prompt: "Context:\n{% for h in find.hits %}{{ h.text }}\n{% endfor %}\nQuestion: {{ input.question }}"
  - id: find
    uses: find
    with: {index: docs, text: "{{ input.question }}", top_k: 4}
output: {text: "{{ default(answer.text, '') }}", sources: "{{ find.hits }}"}
tests:
  - input: {question: "What is a thalweg?"}
    expect: {text: {contains: "valley"}}
)";

}  // namespace

TEST_CASE("the example of the plan becomes a plan") {
  const auto plan = plan_of(kAnswer);
  CHECK(plan->name == "answer-from-docs");
  REQUIRE(plan->stages.size() == 2);
  const PlannedStage& find = plan->stages[0];
  const PlannedStage& answer = plan->stages[1];
  CHECK(find.id == "find");
  CHECK(find.arguments[0].kind == Argument::Kind::text);
  CHECK(find.arguments[1].constant == Value(4));
  CHECK(find.consumers == std::vector<std::uint32_t>{1});
  CHECK(answer.needs == std::vector<std::uint32_t>{0});
  CHECK(answer.required == std::vector<std::uint32_t>{0});
  CHECK(answer.timeout == 20 * kSecond);
  CHECK(answer.may_be_absent);
  CHECK_FALSE(find.may_be_absent);
  CHECK(plan->output_type.text() == "{text: string, sources: list<{title: string, text: string, score: double}>}");
  CHECK(plan->groups.size() == 2);
  CHECK(plan->slots == 3);
  CHECK(plan->tests.size() == 1);
}

TEST_CASE("nested pipelines see the slots around them under the same numbers") {
  const auto plan = plan_of(R"(
name: nested
input: {items: list<string>}
stages:
  - {id: base, uses: find, with: {text: x}}
  - {id: other, uses: find, with: {text: y}}
  - id: each
    uses: for_each
    with:
      items: "{{ input.items }}"
      do:
        stages:
          - {id: f, uses: find, with: {text: "{{ item + base.hits[0].title }}"}}
        output: "{{ f.hits[0].title }} {{ default(other.hits, []) }}"
output: "{{ each }}"
)");
  const PlannedStage& each = plan->stages[2];
  REQUIRE(each.id == "each");
  CHECK(each.needs == std::vector<std::uint32_t>{0, 1});
  CHECK(each.required == std::vector<std::uint32_t>{0});  // `other` is asked for inside default()
  const Plan& inner = *each.pipelines[1];
  CHECK(inner.first_local == plan->slots);
  CHECK(inner.first_stage == plan->slots + 1);
  CHECK(inner.slots == plan->slots + 2);
  CHECK(inner.captured == std::vector<std::uint32_t>{1, 2});
  CHECK(plan->captured.empty());
}

TEST_CASE("constant trees are folded, lone variables are copies, the rest is compiled") {
  const auto plan = plan_of(R"(
name: arguments
input: {n: int, x: dyn}
stages:
  - {id: a, uses: set, with: {c: [1, {k: v}], v: "{{ input }}", t: "n is {{ input.n }}", l: [1, "{{ input.n }}"], m: {k: "{{ 1 + 1 }}"}}}
  - {id: b, uses: find, with: {text: "{{ input.x }}", boost: 2, top_k: "{{ input.n }}"}}
output: {a: "{{ a }}", b: "{{ b.hits }}"}
)");
  const Argument& open = plan->stages[0].arguments[0];
  REQUIRE(open.kind == Argument::Kind::map);
  CHECK(open.items[0].constant == Value::list({Value(1), Value::map({{"k", "v"}})}));
  CHECK(open.items[1].kind == Argument::Kind::variable);
  CHECK(open.items[1].slot == 0);
  CHECK(open.items[2].kind == Argument::Kind::text);
  CHECK(open.items[3].kind == Argument::Kind::list);
  CHECK(open.items[4].constant == Value::map({{"k", 2}}));
  const PlannedStage& find = plan->stages[1];
  CHECK(find.arguments[1].kind == Argument::Kind::text);
  CHECK(find.arguments[2].constant.is_real());  // the contract says double
  CHECK(find.unchecked == std::vector<std::uint32_t>{0});
}

TEST_CASE("a stream feeds its consumer; whoever else refers to it takes the list") {
  const auto plan = plan_of(R"(
name: streams
stages:
  - {id: e, uses: emit, with: {count: 3}}
  - {id: n, uses: count, with: {of: "{{ e }}"}}
  - {id: listed, uses: map, with: {items: "{{ e }}", to: size(item)}}
output: {n: "{{ n }}", listed: "{{ listed }}"}
)");
  CHECK(plan->stages[1].streams_from == 0);
  CHECK(plan->stages[1].stream_field == 0);
  CHECK(plan->stages[1].needs.empty());
  CHECK(plan->stages[2].needs == std::vector<std::uint32_t>{0});
  CHECK(plan->output_type.text() == "{n: int, listed: list<int>}");
}

TEST_CASE("a fallback stage waits with the stage it stands in for") {
  const auto plan = plan_of(R"(
name: fallback
stages:
  - {id: base, uses: set, with: {x: a}}
  - {id: main, uses: find, with: {text: x}, on_failure: {fallback: {stage: spare}}}
  - {id: spare, uses: find, with: {text: "{{ base.x }}"}}
output: "{{ main.hits }}"
)");
  const auto at = [&](std::string_view id) {
    return static_cast<std::uint32_t>(std::ranges::find(plan->stages, id, &PlannedStage::id) - plan->stages.begin());
  };
  const PlannedStage& main = plan->stages[at("main")];
  CHECK(main.on_failure.stage == at("spare"));
  CHECK(main.needs == std::vector<std::uint32_t>{at("base")});
  CHECK(plan->stages[at("spare")].fallback_of == at("main"));
  CHECK_FALSE(main.may_be_absent);
  CHECK(plan->groups.size() == 3);
}

TEST_CASE("inputs are completed, checked and fitted") {
  const auto plan = plan_of(R"(
name: inputs
input: {text: string, score: double, top_k: int?, mode: string?}
defaults: {input: {mode: fast}}
output: "{{ input.mode }} {{ input.text }} {{ input.score }}"
stages: []
)");
  const Value input = accept_input(*plan, Value::map({{"text", "a"}, {"score", 1}})).value();
  CHECK(input.find("score")->is_real());
  CHECK(*input.find("mode") == Value("fast"));
  CHECK(accept_input(*plan, Value::map({{"text", "a"}, {"score", "1"}})).error().text() ==
        "input: score must be double, not string");
  CHECK(accept_input(*plan, Value::map({{"text", "a"}})).error().text() == "input: score is missing; it must be double");
  CHECK(accept_input(*plan, Value::map({{"txt", "a"}, {"score", 1}})).error().text() ==
        "input has no field 'txt'; did you mean 'text'?");
  CHECK(accept_input(*plan, Value("text")).error().code() == Code::invalid_argument);
}

TEST_CASE("inputs of types that JSON has no form for are read from texts") {
  const auto plan = plan_of(R"(
name: texts
input:
  at: timestamp
  rest: {wait: duration, key: bytes?}
  by: map<int, list<duration>>
  flags: map<bool, uint>
defaults: {input: {flags: {"true": 1}, rest: {wait: 1d}}}
output: "{{ input.at }}"
stages: []
tests:
  - {input: {at: "2026-01-02T03:04:05Z", by: {"-7": [20s]}}, expect: "2026-01-02T03:04:05Z"}
)");
  const auto given = [](std::string_view json) { return parse_json(json).value(); };
  const Value input = accept_input(*plan, given(R"({"at": "2026-01-02T03:04:05.5+01:00", "rest": {"wait": "1m30s", "key": "AP8="},
    "by": {"1": ["20s", "-0.5s"], "-2": []}})"))
                          .value();
  CHECK(*input.find("at") == Value(Timestamp{1'767'319'445, 500'000'000}));
  CHECK(*input.find("rest")->find("wait") == Value(Duration{90, 0}));
  CHECK(*input.find("rest")->find("key") == Value::bytes(std::string_view("\0\xff", 2)));
  CHECK(*input.find("by") == Value::map({{1, Value::list({Duration{20, 0}, Duration{0, -500'000'000}})}, {-2, Value::list({})}}));
  CHECK(*input.find("flags") == Value::map({{true, Value(std::uint64_t{1})}}));
  CHECK(accept_input(*plan, input).value() == input);

  const auto problem = [&](std::string_view json) { return accept_input(*plan, given(json)).error().text(); };
  CHECK(problem(R"({"at": "soon", "by": {}})").starts_with("input: at: 'soon' is no timestamp; write it as 20"));
  CHECK(problem(R"({"at": "2026-01-02T03:04:05Z", "rest": {"wait": "1y"}, "by": {}})") ==
        "input: rest.wait: '1y' is no duration; write it with units d, h, m, s, ms, us or ns: 1h30m, 1.5s, 100ms");
  CHECK(problem(R"({"at": "2026-01-02T03:04:05Z", "rest": {"wait": "1d", "key": "?"}, "by": {}})") ==
        "input: rest.key: '?' is no base64, which is how bytes are written");
  CHECK(problem(R"({"at": "2026-01-02T03:04:05Z", "by": {"one": []}})") == "input: by: 'one' is no int");
  CHECK(problem(R"({"at": "2026-01-02T03:04:05Z", "by": {"1": ["1s", 2]}})") == "input: by[0][1] must be duration, not int");
  CHECK(problem(R"({"at": "2026-01-02T03:04:05Z", "by": {"1": [], "01": []}})") == "input: by: two keys of the map are the same");
}

TEST_CASE("an input that may be absent and is null counts as left out") {
  const auto plan = plan_of("name: n\ninput: {x: string?, y: {z: int?}}\noutput: \"{{ default(input.x, 'dx') }}\"\nstages: []\n");
  const Value input = accept_input(*plan, parse_json(R"({"x": null, "y": {"z": null}})").value()).value();
  CHECK(input == Value::map({{"y", Value::map()}}));
}

TEST_CASE("the fingerprint is of what a definition means") {
  const auto of = [](const std::string& text) { return plan_of(text)->fingerprint; };
  const std::uint64_t first = of(kAnswer);
  CHECK(of("# a comment\n" + std::string(kAnswer)) == first);
  CHECK(of("description: other words\n" + std::string(kAnswer)) == first);
  std::string changed = kAnswer;
  changed.replace(changed.find("top_k: 4"), 8, "top_k: 5");
  CHECK(of(changed) != first);
  // Keys in another order, as JSON.
  const char* one = "name: f\nstages: [{id: a, uses: set, with: {x: 1, y: two}}]\noutput: {o: \"{{ a.x }}\"}\n";
  const char* two =
      "{\"output\": {\"o\": \"{{ a.x }}\"}, \"stages\": [{\"with\": {\"y\": \"two\", \"x\": 1}, \"uses\": \"set\", \"id\": "
      "\"a\"}], \"name\": \"f\"}";
  CHECK(of(one) == of(two));
}

TEST_CASE("a cached stage is known by what decides its result, wherever it stands") {
  const auto stage = [](const std::string& stages, const std::string& id, const std::string& head = "") {
    const auto plan = plan_of("name: f\ninput: {text: string, other: string, all: list<string>}\n" + head + "stages:\n" + stages +
                              "output: \"{{ " + id + " }}\"\n");
    const auto found = std::ranges::find(plan->stages, id, &PlannedStage::id);
    REQUIRE(found != plan->stages.end());
    return *found;
  };
  const auto of = [&](const std::string& stages, const std::string& id, const std::string& head = "") {
    return stage(stages, id, head).fingerprint;
  };
  const std::string find = "  - {id: a, uses: find, cache: {}, with: {text: \"{{ input.text }}\", top_k: 4}}\n";
  const auto first = of(find, "a");
  CHECK(first != std::array<std::uint64_t, 2>{});
  const std::string elsewhere =
      "  - {id: s, uses: set, with: {x: 1}}\n"
      "  - {id: b, uses: find, needs: [s], timeout: 3s, cache: {ttl: 5s}, with: {top_k: 4, text: \"{{ input.text }}\"}}\n";
  CHECK(of(elsewhere, "b") == first);
  CHECK(of("  - {id: a, uses: find, cache: {}, with: {text: \"{{ input.text }}\", top_k: 5}}\n", "a") != first);
  CHECK(of("  - {id: a, uses: find, cache: {key: input.text}, with: {text: \"{{ input.text }}\", top_k: 4}}\n", "a") != first);

  // What is nested counts with its own defaults, and what it reads from around is part of the key.
  const std::string each =
      "  - {id: a, uses: for_each, cache: {}, with: {items: \"{{ input.all }}\", do: [{id: i, uses: find, with: "
      "{text: \"{{ item }} {{ input.other }}\"}}]}}\n";
  const PlannedStage nested = stage(each, "a");
  CHECK(nested.captured == std::vector<std::uint32_t>{0});
  CHECK(of(each, "a", "defaults: {retry: {retries: 2}}\n") != nested.fingerprint);
  CHECK(of(find, "a", "defaults: {retry: {retries: 2}}\n") == first);
  CHECK(stage(find, "a").captured.empty());
  const std::string inner =
      "  - {id: b, uses: set, with: {x: 1}}\n  - {id: c, uses: set, with: {x: 2}}\n"
      "  - {id: a, uses: for_each, cache: {}, with: {items: \"{{ input.all }}\", do: \"{{ b.x - c.x }}\"}}\n";
  CHECK(stage(inner, "a").captured == std::vector<std::uint32_t>{1, 2});
  const std::string turned =
      "  - {id: c, uses: set, with: {x: 1}}\n  - {id: b, uses: set, with: {x: 2}}\n"
      "  - {id: a, uses: for_each, cache: {}, with: {items: \"{{ input.all }}\", do: \"{{ b.x - c.x }}\"}}\n";
  CHECK(of(turned, "a") != of(inner, "a"));  // the same text, with the values in another order
}

TEST_CASE("YAML and JSON of the same tree make the same plan") {
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator("../definitions")) {
    if (!entry.path().filename().string().starts_with("good_")) continue;
    ++files;
    std::ifstream file(entry.path());
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const auto plan = plan_of(text);
    const auto json =
        to_json(parse_definition("d", text)->root.to_value(), files % 2 == 0 ? JsonStyle::pretty : JsonStyle::compact);
    REQUIRE(json.has_value());
    const auto again = plan_of(*json);
    CHECK(again->fingerprint == plan->fingerprint);
    CHECK(again->output_type.text() == plan->output_type.text());
    CHECK(explain_text(*again) == explain_text(*plan));
  }
  CHECK(files >= 5);
}

TEST_CASE("many problems are all told, in file order") {
  std::string text = "name: many\nstages:\n";
  for (int i = 0; i < 500; ++i) text += fmt::format("  - {{id: s{}, uses: nothing, whit: 1}}\n", i);
  const auto plan = compile(text);
  REQUIRE_FALSE(plan.has_value());
  const std::string all = plan.error().text();
  CHECK(std::ranges::count(all, '\n') >= 999);
  CHECK(all.starts_with("d.yaml:3:"));
}
