#pragma once
// An encoder that runs what several callers ask for together.

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "models/encode_job.h"
#include "models/encoder.h"
#include "models/network.h"
#include "models/pieces.h"

namespace thalweg::models {

struct EncoderWork;

/// One thread of its own, asleep while there is nothing to do. In turns: it takes in what has come, leases cores, cuts texts into
/// pieces, and runs one batch: pieces of one padded length of the caller whose turn it is, filled up with those of the others. So
/// a short request waits for a few batches only, however long the others are.
///
/// Pieces are padded to the next multiple of kStep tokens, so that a row is computed from its text alone; that batch sizes and
/// threads do not change a bit of it is what OpenVINO's f32 kernels were seen to do (1 to 64 rows, 16 to 256 tokens, 1 and 2
/// threads; the tests check it on every machine they run on).
class BatchingEncoder final : public Encoder {
 public:
  struct Parts {
    Cutter cutter;
    std::unique_ptr<Network> network;
    std::vector<std::string> labels;
    std::string labels_file;
    std::size_t max_tokens;  ///< of a piece
    std::size_t longest;     ///< what the network can take, padding included
    std::int64_t pad_id;
    EncoderOptions options;
  };
  explicit BatchingEncoder(Parts parts);
  BatchingEncoder(const BatchingEncoder&) = delete;
  BatchingEncoder& operator=(const BatchingEncoder&) = delete;
  /// What waits is cancelled.
  ~BatchingEncoder() override;

  using Encoder::encode;
  void encode(std::vector<Text> texts, const Context& context, Done done) override;
  [[nodiscard]] EncoderKind kind() const noexcept override;
  [[nodiscard]] std::size_t width() const noexcept override;
  [[nodiscard]] std::size_t max_tokens() const noexcept override;
  [[nodiscard]] const std::vector<std::string>& labels() const noexcept override;
  [[nodiscard]] std::string labels_file() const override;
  [[nodiscard]] Precision precision() const noexcept override;
  [[nodiscard]] Result<std::size_t> count_tokens(std::string_view text) const override;
  [[nodiscard]] std::uint64_t memory_bytes() const noexcept override;

  static constexpr std::size_t kStep = 8;

 private:
  const std::shared_ptr<EncoderWork> work_;
  std::thread thread_;
};

}  // namespace thalweg::models
