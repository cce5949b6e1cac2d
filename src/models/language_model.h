#pragma once
// Language models: a prompt in, text out token by token.

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "thalweg/context.h"

namespace thalweg::models {

struct Message {
  std::string role;  ///< system, user, assistant, ...
  std::string content;
};

/// What to do when prompt and max_tokens do not fit into the context window.
enum class Overflow : std::uint8_t {
  refuse,          ///< invalid_argument, with both sizes
  truncate_start,  ///< drop the prompt's first tokens behind the beginning-of-text token
  truncate_middle  ///< keep as much of the start as of the end
};

struct GenerateRequest {
  std::vector<Message> messages;      ///< rendered by the model's own chat template ...
  std::optional<std::string> prompt;  ///< ... or text as it is, without one

  std::int64_t max_tokens = 256;
  double temperature = 0;   ///< 0: the likeliest token always
  std::int64_t top_k = 40;  ///< 0: all
  double top_p = 0.95;
  double min_p = 0.05;
  double repeat_penalty = 1;
  double presence_penalty = 0;
  double frequency_penalty = 0;
  std::int64_t penalty_last_n = 64;
  std::optional<std::uint64_t> seed;  ///< else drawn from the context
  std::vector<std::string> stop;      ///< generation ends before any of these; they are not part of the text
  std::optional<std::string> schema;  ///< JSON Schema the text must follow
  std::int64_t logprobs = 0;          ///< so many alternatives a token, 0: none, at most 20
  bool token_logprobs = false;        ///< of the chosen tokens
  Overflow overflow = Overflow::refuse;
};

/// Errors: invalid_argument, naming the option that is out of its range.
[[nodiscard]] Result<> check(const GenerateRequest& request);

struct TokenProbability {
  std::string text;  ///< bytes; of one token, so possibly half a character
  double logprob = 0;
  std::vector<std::pair<std::string, double>> top;  ///< the alternatives, likeliest first
};

enum class FinishReason : std::uint8_t { stop, length };
[[nodiscard]] std::string_view name(FinishReason reason) noexcept;

struct Generated {
  std::string text;
  FinishReason finish_reason = FinishReason::stop;
  bool follows_schema = false;  ///< the text is a whole document of the schema: neither max_tokens nor a stop string cut it
  std::int64_t prompt_tokens = 0;
  std::int64_t cached_tokens = 0;   ///< of the prompt, not computed again
  std::int64_t dropped_tokens = 0;  ///< of the prompt, by `overflow`
  std::int64_t completion_tokens = 0;
  std::int64_t queue_ns = 0;        ///< waiting for the model and for cores
  std::int64_t prefill_ns = 0;      ///< reading the prompt
  std::int64_t first_token_ns = 0;  ///< from generate() to the first token
  std::int64_t decode_ns = 0;       ///< all tokens behind the first
  std::vector<TokenProbability> tokens;
};

/// A loaded language model. Thread-safe; requests are worked off in the order they come.
class LanguageModel {
 public:
  /// Gets whole characters as they come; returning false stops the generation (cancelled).
  using Sink = std::move_only_function<bool(std::string_view text)>;
  using Done = std::move_only_function<void(Result<Generated>)>;
  virtual ~LanguageModel() = default;

  /// `sink` and `done` are called from a thread of the model's; of a request that check() refuses, `done` at once. Stops within
  /// one token of the context's stop or deadline, also in mid-prefill. Leases cores of the context's budget while it computes,
  /// and lets others have them between tokens. Errors: invalid_argument (prompt too long, bad option, a schema no grammar can
  /// hold), cancelled, deadline_exceeded, resource_exhausted (memory), internal.
  virtual void generate(GenerateRequest request, const Context& context, Sink sink, Done done) = 0;
  /// The same, waiting for it. Not on the engine's threads.
  [[nodiscard]] Result<Generated> generate(GenerateRequest request, const Context& context, Sink sink);

  /// Natural-log probability of each token of a text given those before it, the first left out: for perplexity.
  [[nodiscard]] virtual Result<std::vector<double>> score(std::string_view text, const Context& context) = 0;

  /// Tokens of a text, without special ones.
  [[nodiscard]] virtual Result<std::size_t> count_tokens(std::string_view text) const = 0;
  [[nodiscard]] virtual std::size_t context_size() const noexcept = 0;
  [[nodiscard]] virtual std::string_view architecture() const noexcept = 0;  ///< "llama"
  [[nodiscard]] virtual std::string_view quantisation() const noexcept = 0;  ///< "Q8_0"
  [[nodiscard]] virtual std::uint64_t parameters() const noexcept = 0;
  [[nodiscard]] virtual std::uint64_t memory_bytes() const noexcept = 0;  ///< weights and key/value cache
};

struct LanguageModelOptions {
  std::size_t context_size = 4096;  ///< at most the model's own
  std::size_t batch_size = 512;     ///< prompt tokens computed at once
};

/// Opens a GGUF file. Errors: not_found, invalid_argument (not GGUF, or no language model), data_loss (truncated),
/// resource_exhausted, failed_precondition (the module is missing).
[[nodiscard]] Result<std::shared_ptr<LanguageModel>> open_language_model(const std::string& path,
                                                                         const LanguageModelOptions& options = {});

/// The kinds of weights that copies can be made with.
inline constexpr auto kQuantisations =
    std::to_array<std::string_view>({"F32", "F16", "BF16", "Q8_0", "Q6_K", "Q5_K_M", "Q5_0", "Q4_K_M", "Q4_K_S", "Q4_1", "Q4_0"});

/// Errors: invalid_argument, naming those there are.
[[nodiscard]] Result<> check_quantisation(std::string_view type);

/// Writes a copy with other weights, whole or not at all. Errors: those of check_quantisation, of open_language_model and of the
/// disk.
[[nodiscard]] Result<> quantise(const std::string& from, const std::string& to, std::string_view type, std::size_t threads);

}  // namespace thalweg::models
