#pragma once
// Encoders: texts in, one row of numbers out. Embedding models give vectors, classifiers and cross-encoders logits.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "thalweg/context.h"

namespace thalweg::models {

/// What is encoded: a text, or a pair for cross-encoders (query and passage, premise and hypothesis).
struct Text {
  std::string text{};
  std::string pair{};
  bool has_pair = false;
  /// Called for each part of a text that is split, with the share of the text that it is: together 1. From the encoder's thread,
  /// before `done`, and after a stop once more behind it; must not wait. May be empty.
  std::function<void(double share)> part_done{};
};

/// Rows of `width` numbers, one a text, in the order asked.
struct Rows {
  std::size_t width = 0;
  std::vector<float> values;
  std::int64_t tokens = 0;  ///< of all texts, without padding
  std::int64_t parts = 0;   ///< pieces that were run: more than texts where long ones were split
  [[nodiscard]] std::size_t size() const noexcept { return width == 0 ? 0 : values.size() / width; }
  [[nodiscard]] std::span<const float> row(std::size_t i) const noexcept { return std::span(values).subspan(i * width, width); }
};

enum class EncoderKind : std::uint8_t {
  embedding,   ///< vectors of length 1: cosine similarity is the dot product
  classifier,  ///< logits, one a label; cross-encoders are classifiers of pairs, rerankers have one label
};

/// What weights and sums of a network are computed in. bf16 keeps 8 bits of each number: vectors near those of f32, and others on
/// other processors.
enum class Precision : std::uint8_t { f32, bf16 };
[[nodiscard]] std::string_view name(Precision precision) noexcept;
/// Errors: invalid_argument, with those there are.
[[nodiscard]] Result<Precision> precision_named(std::string_view name);

struct EncoderOptions {
  Precision precision = Precision::f32;
  std::size_t max_tokens = 0;           ///< of one piece, special tokens included; 0: what the model's files say
  std::size_t max_batch_tokens = 2048;  ///< padded tokens run at once
  /// Folder for compiled networks, which open in half the time; its parent exists. Empty: none is kept.
  std::string cache_folder{};
};

/// A loaded encoder. Thread-safe: what several callers ask at the same time is run as one batch. A row never depends on the other
/// texts of its batch. Long texts are split at sentences and pooled (vectors: mean weighted by tokens, then length 1; logits:
/// see open_encoder), never cut silently.
class Encoder {
 public:
  using Done = std::move_only_function<void(Result<Rows>)>;
  virtual ~Encoder() = default;

  /// `done` is called once, from any thread, possibly before encode() returns. Leases cores of the context's budget while it
  /// computes. Errors: invalid_argument (not UTF-8, a pair given to an embedding model), cancelled, deadline_exceeded,
  /// resource_exhausted (memory), internal.
  virtual void encode(std::vector<Text> texts, const Context& context, Done done) = 0;
  /// The same, waiting for it. Not on the engine's threads.
  [[nodiscard]] Result<Rows> encode(std::vector<Text> texts, const Context& context);

  [[nodiscard]] virtual EncoderKind kind() const noexcept = 0;
  [[nodiscard]] virtual std::size_t width() const noexcept = 0;  ///< dimensions, or labels
  [[nodiscard]] virtual std::size_t max_tokens() const noexcept = 0;
  [[nodiscard]] virtual const std::vector<std::string>& labels()
      const noexcept = 0;  ///< classifiers: as the model's files name them, LABEL_0, ... where they do not
  /// The file that names these labels, or would if it were there: for messages. Empty when nobody knows.
  [[nodiscard]] virtual std::string labels_file() const { return {}; }
  [[nodiscard]] virtual Precision precision() const noexcept = 0;
  /// Tokens of a text, special ones included.
  [[nodiscard]] virtual Result<std::size_t> count_tokens(std::string_view text) const = 0;
  /// Of its weights, in the precision they are used in; a run needs a few MB besides.
  [[nodiscard]] virtual std::uint64_t memory_bytes() const noexcept = 0;
};

/// Opens a folder with a model: sentence-transformers or Hugging Face layout (config.json, tokenizer.json, model.safetensors),
/// an OpenVINO IR (openvino_model.xml or any one .xml with its .bin) or an ONNX file (model.onnx, also below onnx/); the
/// tokenizer.json beside it. Such a file itself will do, too. Of a long text's logits the greatest counts where there is one
/// label (a reranker's: the best part), else their mean weighted by tokens. Errors: not_found, invalid_argument (not a model),
/// data_loss (truncated, parts that do not fit together), unimplemented (an architecture we cannot build, a precision that the
/// processor does not compute), failed_precondition (the module is missing).
[[nodiscard]] Result<std::shared_ptr<Encoder>> open_encoder(const std::string& folder, const EncoderOptions& options = {});

}  // namespace thalweg::models
