#include <array>

#include "base/utf8.h"
#include "models/stages.h"
#include "thalweg/json.h"

namespace thalweg::models {

namespace {

enum : std::size_t {
  kPrompt,
  kMessages,
  kSystem,
  kRaw,
  kModel,
  kMaxTokens,
  kTemperature,
  kTopK,
  kTopP,
  kMinP,
  kRepeatPenalty,
  kPresencePenalty,
  kFrequencyPenalty,
  kPenaltyLastN,
  kSeed,
  kStop,
  kSchema,
  kLogprobs,
  kOnOverflow
};

constexpr std::array<std::pair<std::string_view, Overflow>, 3> kRules{{
    {"refuse", Overflow::refuse},
    {"truncate_start", Overflow::truncate_start},
    {"truncate_middle", Overflow::truncate_middle},
}};

std::string text_of(const Value& value) { return std::string(value.as_string()); }

Result<> read_prompt(const Call& call, GenerateRequest& request) {
  const Value &prompt = call.argument(kPrompt), &messages = call.argument(kMessages), &system = call.argument(kSystem);
  if (prompt.is_null() == messages.is_null()) {
    return fail(Code::invalid_argument, "give either 'prompt' or 'messages'{}", prompt.is_null() ? "" : ", not both");
  }
  if (call.argument(kRaw).as_bool()) {
    if (prompt.is_null() || !system.is_null()) {
      return fail(Code::invalid_argument,
                  "'raw' is for a 'prompt' alone: without the chat template there are no messages and no system");
    }
    request.prompt = text_of(prompt);
    return {};
  }
  if (!system.is_null()) request.messages.push_back({"system", text_of(system)});
  if (!prompt.is_null()) request.messages.push_back({"user", text_of(prompt)});
  if (messages.is_null()) return {};
  if (messages.items().empty()) return fail(Code::invalid_argument, "'messages' is empty");
  for (const Value& message : messages.items()) {
    request.messages.push_back({text_of(*message.find("role")), text_of(*message.find("content"))});
  }
  return {};
}

Result<GenerateRequest> request_of(const Call& call) {
  GenerateRequest request;
  TRY(read_prompt(call, request));
  request.max_tokens = call.argument(kMaxTokens).as_int();
  request.temperature = call.argument(kTemperature).as_number();
  request.top_k = call.argument(kTopK).as_int();
  request.top_p = call.argument(kTopP).as_number();
  request.min_p = call.argument(kMinP).as_number();
  request.repeat_penalty = call.argument(kRepeatPenalty).as_number();
  request.presence_penalty = call.argument(kPresencePenalty).as_number();
  request.frequency_penalty = call.argument(kFrequencyPenalty).as_number();
  request.penalty_last_n = call.argument(kPenaltyLastN).as_int();
  if (const Value& seed = call.argument(kSeed); !seed.is_null()) request.seed = static_cast<std::uint64_t>(seed.as_int());
  if (const Value& stop = call.argument(kStop); !stop.is_null()) {
    for (const Value& text : stop.items()) request.stop.push_back(text_of(text));
  }
  if (const Value& schema = call.argument(kSchema); !schema.is_null()) request.schema = TRY(to_json(schema));
  request.logprobs = call.argument(kLogprobs).as_int();
  request.token_logprobs = request.logprobs > 0;
  const std::string_view rule = call.argument(kOnOverflow).as_string();
  const auto* const found = std::ranges::find(kRules, rule, &std::pair<std::string_view, Overflow>::first);
  if (found == kRules.end()) {
    return fail(Code::invalid_argument, "'on_overflow' is '{}'; it must be refuse, truncate_start or truncate_middle", rule);
  }
  request.overflow = found->second;
  return request;
}

Value span(std::int64_t nanoseconds) {
  return Value(Duration{nanoseconds / kSecond, static_cast<std::int32_t>(nanoseconds % kSecond)});
}

// A token may be a part of a character.
Value token_text(const std::string& text) { return Value(utf8::well_formed(text)); }

Value probabilities(const std::vector<TokenProbability>& tokens) {
  std::vector<Value> list;
  for (const TokenProbability& token : tokens) {
    std::vector<Value> top;
    for (const auto& [text, logprob] : token.top) top.push_back(Value::map({{"token", token_text(text)}, {"logprob", logprob}}));
    list.push_back(
        Value::map({{"token", token_text(token.text)}, {"logprob", token.logprob}, {"top", Value::list(std::move(top))}}));
  }
  return Value::list(std::move(list));
}

Result<Value> output_of(Generated made, bool wants_probabilities, const Value& model) {
  Value json;
  if (made.follows_schema) json = TRY(parse_json(made.text));
  return Value::map({
      {"text", made.text},
      {"json", std::move(json)},
      {"finish_reason", name(made.finish_reason)},
      {"model", model},
      {"usage", Value::map({{"prompt_tokens", made.prompt_tokens},
                            {"cached_tokens", made.cached_tokens},
                            {"dropped_tokens", made.dropped_tokens},
                            {"completion_tokens", made.completion_tokens}})},
      {"timings", Value::map({{"queue", span(made.queue_ns)},
                              {"prefill", span(made.prefill_ns)},
                              {"first_token", span(made.first_token_ns)},
                              {"decode", span(made.decode_ns)}})},
      {"logprobs", wants_probabilities ? probabilities(made.tokens) : Value()},
  });
}

class Generate final : public Stage {
 public:
  explicit Generate(std::shared_ptr<Models> models) : models_(std::move(models)) {}

  void start(CallRef call) const override {
    auto request = request_of(*call);
    if (!request) return call->finish(std::unexpected(request.error()));
    const std::string model = text_of(call->argument(kModel));
    // Virtual time waits for the model.
    models_->language_model(model, [working = call->working(), call,
                                    request = std::move(*request)](Result<std::shared_ptr<LanguageModel>> loaded) mutable {
      if (!loaded) return call->finish(std::unexpected(loaded.error()));
      run(call, working, std::move(*loaded), std::move(request));
    });
  }

 private:
  static void run(const CallRef& call, const std::shared_ptr<const void>& working, std::shared_ptr<LanguageModel> model,
                  GenerateRequest request) {
    const bool probabilities = request.logprobs > 0;
    const auto text = [call](std::string_view piece) {
      call->emit(Value(piece));
      return true;
    };
    LanguageModel& used = *model;
    used.generate(std::move(request), call->context(), text,
                  [working, call, model = std::move(model), probabilities](Result<Generated> made) {
                    if (!made) return call->finish(std::unexpected(made.error()));
                    call->finish(output_of(std::move(*made), probabilities, call->argument(kModel)));
                  });
  }

  const std::shared_ptr<Models> models_;
};

Type type(std::string_view text) { return lang::parse_type(text).value(); }

Field optional(std::string name, std::string_view of, std::string description, std::optional<Value> fallback = {},
               Value limits = Value::map()) {
  return {.name = std::move(name),
          .type = type(of),
          .description = std::move(description),
          .required = false,
          .fallback = std::move(fallback),
          .limits = std::move(limits)};
}

Value between(Value least, Value most) { return Value::map({{"minimum", std::move(least)}, {"maximum", std::move(most)}}); }
Value at_least(std::int64_t least) { return Value::map({{"minimum", least}}); }

std::vector<Field> fields() {
  const GenerateRequest defaults;
  return {
      optional("prompt", "string", "what is asked; goes through the model's chat template as one message of the user"),
      optional("messages", "list<{role: string, content: string}>", "instead of a prompt: a whole chat"),
      optional("system", "string", "what the model is told first"),
      optional("raw", "bool", "the prompt is given to the model as it is, to be continued", Value(false)),
      optional("model", "string", "a name of the catalogue (`thalweg models`) or a path to a GGUF file",
               Value(kDefaultLanguageModel)),
      optional("max_tokens", "int", "the text ends after so many", Value(defaults.max_tokens), at_least(1)),
      optional("temperature", "double", "0: the likeliest token always", Value(defaults.temperature), between(0, 100)),
      optional("top_k", "int", "draw from so many likeliest tokens; 0: all", Value(defaults.top_k), at_least(0)),
      optional("top_p", "double", "draw from the likeliest tokens that have this probability together", Value(defaults.top_p),
               between(0, 1)),
      optional("min_p", "double", "draw from tokens with at least this share of the likeliest one's probability",
               Value(defaults.min_p), between(0, 1)),
      optional("repeat_penalty", "double", "above 1: what was there already becomes less likely", Value(defaults.repeat_penalty)),
      optional("presence_penalty", "double", "taken from the logits of tokens that were there", Value(defaults.presence_penalty)),
      optional("frequency_penalty", "double", "the same for each time", Value(defaults.frequency_penalty)),
      optional("penalty_last_n", "int", "how many tokens back the penalties look", Value(defaults.penalty_last_n), at_least(0)),
      optional("seed", "int", "of the draw; without one the run's random numbers decide"),
      optional("stop", "list<string>", "the text ends before any of these"),
      optional("schema", "map<string, dyn>", "a JSON Schema that the text must follow; the parsed text is `json`"),
      optional("logprobs", "int", "tell the log-probability of each token and of so many alternatives", Value(0), between(0, 20)),
      optional("on_overflow", "string",
               "when prompt and max_tokens do not fit into the model's window: fail, drop the prompt's beginning, or its middle",
               Value("refuse"), Value::map({{"enum", Value::list({"refuse", "truncate_start", "truncate_middle"})}})),
  };
}

}  // namespace

void add_generate(Catalog& catalog, const std::shared_ptr<Models>& models) {
  catalog.add(
      {
          .name = "generate",
          .version = "1",
          .summary = "Writes text with a language model.",
          .description =
              "The text is told to observers (`thalweg ask`, servers) while it is written; stages that refer to this one get it "
              "when it "
              "is complete. A prompt that begins like an earlier one is read from there. Ends within one token when the run is "
              "stopped or "
              "its time is up. `finish_reason` is `stop`, or `length` when max_tokens ended the text; `json` is null when that "
              "or a "
              "stop string cut it. "
              "Penalties, "
              "draws and their order are llama.cpp's. Log-probabilities are natural logarithms of the model's own distribution.",
          .example = R"yaml(name: name-the-river
input: {city: string}
stages:
  - id: answer
    uses: generate
    with:
      prompt: "Which river flows through {{ input.city }}?"
      max_tokens: 30
      schema:
        type: object
        properties: {river: {type: string, maxLength: 20}}
        required: [river]
        additionalProperties: false
output: "{{ answer.json }}"
)yaml",
          .fields = fields(),
          .output = type(
              "{text: string, json: dyn?, finish_reason: string, model: string, usage: {prompt_tokens: int, cached_tokens: int, "
              "dropped_tokens: int, completion_tokens: int}, timings: {queue: duration, prefill: duration, first_token: "
              "duration, decode: duration}, logprobs: list<{token: string, logprob: double, top: list<{token: string, "
              "logprob: double}>}>?}"),
          .waits = true,
          .deterministic = false,
      },
      [models](const Configuration&) -> Result<std::unique_ptr<Stage>> { return std::make_unique<Generate>(models); });
}

}  // namespace thalweg::models
