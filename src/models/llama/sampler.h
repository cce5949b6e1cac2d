#pragma once
// Which token comes next.

#include <llama.h>

#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "models/language_model.h"
#include "models/llama/vocabulary.h"

namespace thalweg::models::llama {

/// The choice of tokens for one request: penalties, then top_k, top_p, min_p and temperature as llama.cpp orders them, then a
/// draw; with temperature 0 the likeliest.
class Sampler {
 public:
  Sampler(const GenerateRequest& request, std::uint64_t seed, const Vocabulary& vocabulary);
  /// Counts a token for the penalties: the prompt's, and each that was chosen.
  void accept(llama_token token);
  /// Errors: data_loss when the numbers are not finite: the weights are broken.
  [[nodiscard]] Result<llama_token> choose(std::span<const float> logits);

 private:
  struct Free {
    void operator()(llama_sampler* sampler) const noexcept { llama_sampler_free(sampler); }
  };
  std::unique_ptr<llama_sampler, Free> chain_;  // none: the likeliest token, without penalties
  std::vector<llama_token_data> candidates_;
};

/// Natural logarithms of the softmax of `logits` for one token and for the `most` likeliest.
struct LogProbabilities {
  double chosen = 0;
  std::vector<std::pair<llama_token, double>> top;
};
[[nodiscard]] LogProbabilities log_probabilities(std::span<const float> logits, llama_token chosen, std::size_t most);

}  // namespace thalweg::models::llama
