#pragma once
// One request, from prompt to text.

#include "models/language_model.h"
#include "models/llama/chat.h"
#include "models/llama/grammar.h"
#include "models/llama/runner.h"

namespace thalweg::models::llama {

/// What the worker's thread computes with.
struct Loaded {
  ModelHandle model;
  Runner runner;
  Chat chat;
  Grammars grammars;
  std::atomic<std::uint64_t> kept_bytes = 0;  ///< for those who ask from outside

  Loaded(ModelHandle opened, ContextHandle context, std::size_t window, std::size_t batch)
      : model(std::move(opened)),
        runner(*model, std::move(context), window, batch),
        chat(*model),
        grammars(runner.vocabulary()) {}
};

/// Runs the request, telling text to `sink`. `asked`: when it came. `pause` is called between tokens.
[[nodiscard]] Result<Generated> generate(Loaded& loaded, const GenerateRequest& request, const Context& context, Nanos asked,
                                         LanguageModel::Sink& sink, const std::function<void()>& pause);

/// See LanguageModel::score.
[[nodiscard]] Result<std::vector<double>> score(Runner& runner, std::string_view text, const Context& context,
                                                const std::function<void()>& pause);

}  // namespace thalweg::models::llama
