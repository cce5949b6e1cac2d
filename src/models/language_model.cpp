#include "models/language_model.h"

#include <algorithm>

#include "base/module.h"
#include "base/utf8.h"
#include "models/llama_module.h"
#include "models/wait.h"

namespace thalweg::models {

namespace {
Result<const LlamaModule*> module() {
  const Module opened = TRY(open_module("llama"));
  return TRY(opened.function<LlamaFactory>(kLlamaFactory))();
}
}  // namespace

std::string_view name(FinishReason reason) noexcept {
  switch (reason) {
    case FinishReason::stop:
      return "stop";
    case FinishReason::length:
      return "length";
  }
  return "";
}

Result<> check(const GenerateRequest& request) {
  const auto within = [](std::string_view name, double value, double least, double most) -> Result<> {
    if (value >= least && value <= most) return {};
    return fail(Code::invalid_argument, "{} is {}; it must be between {} and {}", name, value, least, most);
  };
  constexpr double kMost = 1'000'000;
  if (request.prompt.has_value() == !request.messages.empty()) {
    return fail(Code::invalid_argument, "give either messages or a prompt{}", request.prompt ? ", not both" : "");
  }
  const auto text = [](std::string_view name, std::string_view value) -> Result<> {
    const std::size_t at = utf8::invalid_at(value);
    if (at == std::string_view::npos) return {};
    return fail(Code::invalid_argument, "{} is not UTF-8 at byte {}", name, at);
  };
  if (request.prompt) TRY(text("the prompt", *request.prompt));
  for (const Message& message : request.messages) {
    TRY(text("a message's role", message.role));
    TRY(text("a message", message.content));
  }
  TRY(within("max_tokens", static_cast<double>(request.max_tokens), 1, kMost));
  TRY(within("temperature", request.temperature, 0, 100));
  TRY(within("top_k", static_cast<double>(request.top_k), 0, kMost));
  TRY(within("top_p", request.top_p, 0, 1));
  TRY(within("min_p", request.min_p, 0, 1));
  TRY(within("repeat_penalty", request.repeat_penalty, 0.01, 100));
  TRY(within("presence_penalty", request.presence_penalty, -100, 100));
  TRY(within("frequency_penalty", request.frequency_penalty, -100, 100));
  TRY(within("penalty_last_n", static_cast<double>(request.penalty_last_n), 0, kMost));
  TRY(within("logprobs", static_cast<double>(request.logprobs), 0, 20));
  for (const std::string& stop : request.stop) {
    if (stop.empty()) return fail(Code::invalid_argument, "a stop string is empty");
  }
  return {};
}

Result<std::shared_ptr<LanguageModel>> open_language_model(const std::string& path, const LanguageModelOptions& options) {
  if (options.context_size == 0 || options.batch_size == 0) {
    return fail(Code::invalid_argument, "context_size and batch_size must be at least 1");
  }
  Result<std::shared_ptr<LanguageModel>> model;
  TRY(module())->open(path, options, model);
  if (!model) {
    // The system's errors name the file themselves.
    return std::unexpected(model.error().message().find(path) == std::string::npos ? model.error().at(path) : model.error());
  }
  return model;
}

Result<> check_quantisation(std::string_view type) {
  if (std::ranges::find(kQuantisations, type) != kQuantisations.end()) return {};
  return fail(Code::invalid_argument, "there is no kind of weights '{}'; there are {}", type, fmt::join(kQuantisations, ", "));
}

Result<> quantise(const std::string& from, const std::string& to, std::string_view type, std::size_t threads) {
  TRY(check_quantisation(type));
  Result<> done;
  TRY(module())->quantise(from, to, type, threads, done);
  if (!done) return std::unexpected(done.error().at(from));
  return done;
}

Result<Generated> LanguageModel::generate(GenerateRequest request, const Context& context, Sink sink) {
  Answer<Generated> answer;
  generate(std::move(request), context, std::move(sink), [&answer](Result<Generated> made) { answer.set(std::move(made)); });
  return answer.wait();
}

}  // namespace thalweg::models
