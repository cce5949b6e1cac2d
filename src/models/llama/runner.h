#pragma once
// One context of the library: computes tokens, stops when told.

#include <llama.h>

#include <memory>
#include <span>

#include "models/language_model.h"
#include "models/llama/cores.h"
#include "models/llama/kept.h"
#include "models/llama/vocabulary.h"
#include "thalweg/context.h"

namespace thalweg::models::llama {

struct FreeModel {
  void operator()(llama_model* model) const noexcept { llama_model_free(model); }
};
struct FreeContext {
  void operator()(llama_context* context) const noexcept { llama_free(context); }
};
using ModelHandle = std::unique_ptr<llama_model, FreeModel>;
using ContextHandle = std::unique_ptr<llama_context, FreeContext>;

/// Used by one thread at a time.
class Runner {
 public:
  /// `window`: tokens that prompt and answer have together.
  Runner(llama_model& model, ContextHandle context, std::size_t window, std::size_t batch);
  ~Runner();
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  /// From here on cores and stops of `context` count. Errors: cancelled, deadline_exceeded.
  [[nodiscard]] Result<> begin(const Context& context);
  void end() noexcept;

  /// Reads a prompt; what is known already is not computed again. Returns how many tokens that were. Between blocks `pause` is
  /// called. Afterwards logits() are those behind the last token: the same bits whatever was known and however many cores there
  /// were, as every prompt is cut at the same places, see Kept.
  [[nodiscard]] Result<std::size_t> read(std::span<const llama_token> prompt, const std::function<void()>& pause);
  /// Reads one more token.
  [[nodiscard]] Result<> step(llama_token token);
  /// Reads tokens into an empty cache and calls `row` with the logits behind each.
  [[nodiscard]] Result<> read_all(std::span<const llama_token> tokens,
                                  const std::function<void(std::size_t, std::span<const float>)>& row);
  /// Behind the last token computed; may be changed.
  [[nodiscard]] std::span<float> logits(std::int32_t of = -1);

  [[nodiscard]] const Vocabulary& vocabulary() const noexcept { return vocabulary_; }
  [[nodiscard]] std::size_t window() const noexcept { return window_; }
  [[nodiscard]] std::uint64_t kept_bytes() const noexcept { return kept_.bytes(); }

 private:
  enum class Outputs : bool { last, all };
  /// `block`: one from border to border, see Kept.
  [[nodiscard]] Result<> compute(std::span<const llama_token> tokens, Outputs outputs, bool block);

  ContextHandle context_;
  Vocabulary vocabulary_;
  std::size_t window_;
  std::size_t batch_;
  Threads threads_;
  Kept kept_;
  Cores cores_;
  const Context* asked_ = nullptr;  ///< of the request in work
};

}  // namespace thalweg::models::llama
