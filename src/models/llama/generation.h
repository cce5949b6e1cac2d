#pragma once
// One request, from prompt to text.

#include "models/language_model.h"
#include "models/llama/runner.h"

namespace thalweg::models::llama {

/// Runs the request, telling text to `sink`. `asked`: when it came. `pause` is called between tokens.
[[nodiscard]] Result<Generated> generate(Runner& runner, const GenerateRequest& request, const Context& context, Nanos asked,
                                         LanguageModel::Sink& sink, const std::function<void()>& pause);

/// See LanguageModel::score.
[[nodiscard]] Result<std::vector<double>> score(Runner& runner, std::string_view text, const Context& context,
                                                const std::function<void()>& pause);

}  // namespace thalweg::models::llama
