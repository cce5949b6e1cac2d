// What the module shows the program: see models/llama_module.h.
#include "models/llama/model.h"
#include "models/llama_module.h"

namespace thalweg::models {

namespace {
void open(const std::string& path, const LanguageModelOptions& options, Result<std::shared_ptr<LanguageModel>>& model) {
  model = llama::Model::open(path, options);
}
void make_quantised(const std::string& from, const std::string& to, std::string_view type, std::size_t threads, Result<>& done) {
  done = llama::quantise(from, to, type, threads);
}
constexpr LlamaModule kModule{.open = open, .quantise = make_quantised};
}  // namespace

extern "C" __attribute__((visibility("default"))) const LlamaModule* thalweg_llama_2() { return &kModule; }

}  // namespace thalweg::models
