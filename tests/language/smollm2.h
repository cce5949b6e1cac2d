#pragma once
// The real model that the tests run, loaded once.

#include <doctest/doctest.h>

#include <functional>
#include <string>

#include "models/language_model.h"
#include "thalweg/clock.h"
#include "thalweg/context.h"

namespace thalweg::models {

inline std::string smollm2_path() { return THALWEG_SMOLLM2; }

inline std::shared_ptr<LanguageModel> opened(const std::string& path, const LanguageModelOptions& options = {}) {
  auto model = open_language_model(path, options);
  INFO((model ? "" : model.error().text()));
  REQUIRE(model);
  return *model;
}

/// For tests that need nothing special of it.
inline LanguageModel& smollm2() {
  static const std::shared_ptr<LanguageModel> model = opened(smollm2_path(), {.context_size = 2048});
  return *model;
}

struct Clocked {
  std::unique_ptr<Clock> clock = make_system_clock();
  Context context{*clock};
};

inline GenerateRequest prompt(std::string text, std::int64_t max_tokens = 16) {
  GenerateRequest request;
  request.prompt = std::move(text);
  request.max_tokens = max_tokens;
  return request;
}

/// SmolLM2's own form of a chat of one question.
inline std::string chat(std::string_view question) {
  return fmt::format(
      "<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n<|im_start|>user\n{}<|im_end|>\n"
      "<|im_start|>assistant\n",
      question);
}

inline bool deaf(std::string_view) { return true; }

inline Result<Generated> generated(LanguageModel& model, GenerateRequest request, LanguageModel::Sink sink = deaf) {
  const Clocked clocked;
  return model.generate(std::move(request), clocked.context, std::move(sink));
}

}  // namespace thalweg::models
