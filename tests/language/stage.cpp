// The stage `generate` in pipelines.

#include <mutex>

#include "engine/definition.h"
#include "engine/executor.h"
#include "engine/plan.h"
#include "models/local_models.h"
#include "models/stages.h"
#include "smollm2.h"

namespace thalweg::models {

namespace {

/// Hears what is told while a run goes on.
class Listener final : public Observer {
 public:
  void on_item(std::string_view stage, const Value& item) override {
    const std::lock_guard lock(mutex_);
    told_ += item.as_string();
    stage_ = stage;
    ++items_;
  }
  [[nodiscard]] std::string told() const { return told_; }
  [[nodiscard]] std::string stage() const { return stage_; }
  [[nodiscard]] int items() const { return items_; }

 private:
  std::mutex mutex_;
  std::string told_;
  std::string stage_;
  int items_ = 0;
};

const Catalog& catalog() {
  static const Catalog all = [] {
    Catalog made;
    LocalModelsOptions options;
    options.folder = "/nowhere";
    add_generate(made, std::make_shared<LocalModels>(options));
    return made;
  }();
  return all;
}

Result<std::shared_ptr<const Plan>> plan(const std::string& with, const std::string& output) {
  std::string text =
      "name: test\ninput: {}\nstages:\n  - id: answer\n    uses: generate\n    with:\n      model: \"" + smollm2_path() + "\"\n";
  for (std::size_t at = 0; at < with.size();) {
    const std::size_t end = std::min(with.find('\n', at), with.size());
    text += "      " + with.substr(at, end - at) + "\n";
    at = end + 1;
  }
  text += "output: \"" + output + "\"\n";
  const Definition definition = parse_definition("test.yaml", text).value();
  return compile_plan(definition, {.catalog = &catalog(), .load = {}});
}

RunResult run(const std::string& with, const std::string& output, Observer* observer = nullptr,
              std::optional<Nanos> within = {}) {
  const auto made = plan(with, output);
  INFO((made ? "" : made.error().text()));
  REQUIRE(made);
  const auto clock = make_system_clock();
  Executor executor(*clock, 2);
  Context context(*clock);
  if (within) context = context.with_deadline(clock->now() + *within);
  return executor.run(*made, Value::map(), context, {.observer = observer});
}

}  // namespace

TEST_CASE("text is told while it is written, and the output tells what it took") {
  Listener listener;
  const RunResult result = run("prompt: What is the capital of France?\nsystem: You are a helpful assistant.\nmax_tokens: 24",
                               "{{ answer }}", &listener);
  REQUIRE(result.output);
  const Value& output = *result.output;
  CHECK(output.find("text")->as_string().find("Paris") != std::string_view::npos);
  CHECK(listener.told() == output.find("text")->as_string());
  CHECK(listener.stage() == "answer");
  CHECK(listener.items() > 3);
  CHECK(output.find("finish_reason")->as_string() == "stop");
  CHECK(output.find("json")->is_null());
  CHECK(output.find("logprobs")->is_null());
  CHECK(output.find("usage")->find("prompt_tokens")->as_int() == 27);
  CHECK(output.find("usage")->find("completion_tokens")->as_int() == listener.items());
  CHECK(output.find("timings")->find("first_token")->is(Kind::duration));
}

TEST_CASE("a schema gives a value, log-probabilities a list") {
  const RunResult result =
      run("prompt: Is water wet?\nschema: {type: object, properties: {wet: {type: boolean}}, required: [wet], "
          "additionalProperties: false}\nlogprobs: 2",
          "{{ [answer.json.wet, size(default(answer.logprobs, [])) > 2, size(default(answer.logprobs, [])[0].top)] }}");
  INFO((result.output ? "" : result.output.error().text()));
  REQUIRE(result.output);
  CHECK(result.output->items()[0].is(Kind::boolean));
  CHECK(result.output->items()[1].as_bool());
  CHECK(result.output->items()[2].as_int() == 2);
}

TEST_CASE("a text of a schema that a stop string or max_tokens cut has no value") {
  const std::string asked =
      "prompt: Name a river.\nschema: {type: object, properties: {river: {type: string}}, required: [river], "
      "additionalProperties: false}\n";
  for (const auto& [more, reason] : {std::pair("stop: ['river']", "stop"), std::pair("max_tokens: 3", "length")}) {
    INFO(more);
    const RunResult result = run(asked + more, "{{ answer }}");
    REQUIRE_MESSAGE(result.output, result.output.error().text());
    CHECK(result.output->find("text")->as_string().starts_with("{"));
    CHECK(result.output->find("json")->is_null());
    CHECK(result.output->find("finish_reason")->as_string() == reason);
  }
}

TEST_CASE("raw prompts are continued; messages are a chat; stop strings end a text") {
  CHECK(run("prompt: The capital of France is\nraw: true\nmax_tokens: 1", "{{ answer.text }}").output->as_string() == " Paris");
  const RunResult chatted = run(
      "messages: [{role: system, content: You are a helpful assistant.}, {role: user, content: What is the capital of France?}]\n"
      "stop: [' is']",
      "{{ answer.text }}");
  REQUIRE(chatted.output);
  CHECK(chatted.output->as_string() == "The capital of France");
}

TEST_CASE("what is wrong is told where it stands") {
  const auto refused = [](const std::string& with) {
    const RunResult result = run(with, "{{ answer.text }}");
    REQUIRE(!result.output);
    return result.output.error();
  };
  CHECK(refused("max_tokens: 3").text().find("give either 'prompt' or 'messages'") != std::string::npos);
  CHECK(refused("prompt: a\nmessages: [{role: user, content: b}]").text().find("not both") != std::string::npos);
  CHECK(refused("messages: []").text().find("'messages' is empty") != std::string::npos);
  CHECK(refused("messages: [{role: user, content: b}]\nraw: true").text().find("'raw' is for a 'prompt' alone") !=
        std::string::npos);
  CHECK(refused("prompt: a\non_overflow: guess").text().find("'on_overflow' is 'guess'") != std::string::npos);
  CHECK(refused("prompt: a\ntemperature: -1").text().find("temperature is -1") != std::string::npos);
  CHECK(refused("prompt: a\nschema: {type: string, not: {const: x}}").code() == Code::invalid_argument);
  CHECK(!plan("prompt: a\ntemprature: 1", "{{ answer.text }}"));
  CHECK(!plan("prompt: a\ntop_k: many", "{{ answer.text }}"));
}

TEST_CASE("a run whose time is up ends the generation, and the model is free again") {
  const RunResult late = run("prompt: Tell me a long story.\nmax_tokens: 1500", "{{ answer.text }}", nullptr, 400 * kMillisecond);
  REQUIRE(!late.output);
  CHECK(late.output.error().code() == Code::deadline_exceeded);
  CHECK(run("prompt: The capital of France is\nraw: true\nmax_tokens: 1", "{{ answer.text }}").output->as_string() == " Paris");
}

}  // namespace thalweg::models
