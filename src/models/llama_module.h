#pragma once
// What the module libthalweg-llama.so offers the program.

#include <memory>
#include <string>
#include <string_view>

#include "models/language_model.h"

namespace thalweg::models {

/// Raise the number in kLlamaFactory with every change here or in language_model.h, so that a module of another version is
/// refused.
struct LlamaModule {
  void (*open)(const std::string& path, const LanguageModelOptions& options, Result<std::shared_ptr<LanguageModel>>& model);
  void (*quantise)(const std::string& from, const std::string& to, std::string_view type, std::size_t threads, Result<>& done);
};
using LlamaFactory = const LlamaModule*();
inline constexpr const char* kLlamaFactory = "thalweg_llama_2";

}  // namespace thalweg::models
