#pragma once
// A loaded language model.

#include <memory>
#include <mutex>
#include <string>

#include "models/gguf.h"
#include "models/language_model.h"
#include "models/llama/generation.h"
#include "models/llama/worker.h"
#include "models/mapped_file.h"

namespace thalweg::models::llama {

/// What a file says about its model.
struct About {
  std::string architecture;
  std::string quantisation;
  std::uint64_t parameters = 0;
  std::uint64_t cache_bytes = 0;  ///< of the key/value cache
};

class Model final : public LanguageModel {
 public:
  [[nodiscard]] static Result<std::shared_ptr<LanguageModel>> open(const std::string& path, const LanguageModelOptions& options);

  Model(About about, std::shared_ptr<Loaded> loaded) : about_(std::move(about)), loaded_(std::move(loaded)) {}
  void generate(GenerateRequest request, const Context& context, Sink sink, Done done) override;
  Result<std::vector<double>> score(std::string_view text, const Context& context) override;
  Result<std::size_t> count_tokens(std::string_view text) const override;
  std::size_t context_size() const noexcept override;
  std::string_view architecture() const noexcept override { return about_.architecture; }
  std::string_view quantisation() const noexcept override { return about_.quantisation; }
  std::uint64_t parameters() const noexcept override { return about_.parameters; }
  std::uint64_t memory_bytes() const noexcept override;

 private:
  About about_;
  std::shared_ptr<Loaded> loaded_;  ///< held by jobs too: it goes when both the model and its last job are gone
  Worker worker_;
};

/// See models::quantise.
[[nodiscard]] Result<> quantise(const std::string& from, const std::string& to, std::string_view type, std::size_t threads);

/// The checked header of a file with a language model, and the file's bytes, which it points into.
class File {
 public:
  [[nodiscard]] static Result<File> open(const std::string& path);
  [[nodiscard]] const GgufHeader& header() const noexcept { return header_; }

 private:
  explicit File(MappedFile bytes) : bytes_(std::move(bytes)) {}
  MappedFile bytes_;
  GgufHeader header_;
};

}  // namespace thalweg::models::llama
