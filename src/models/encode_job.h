#pragma once
// One call of Encoder::encode on its way through the batches.

#include <atomic>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

#include "base/error.h"
#include "models/encoder.h"
#include "models/pieces.h"
#include "thalweg/context.h"

namespace thalweg::models {

/// Ended once, by whoever comes first: its last row, an error, its stop or its deadline; the two last also while it waits. All
/// else is the encoder's thread's.
class EncodeJob : public std::enable_shared_from_this<EncodeJob> {
 public:
  EncodeJob(std::vector<Text> texts, const Context& context, std::size_t width, bool logits, Encoder::Done done);
  EncodeJob(const EncodeJob&) = delete;
  EncodeJob& operator=(const EncodeJob&) = delete;
  ~EncodeJob();

  /// From now on a stop or the deadline ends it.
  void watch();
  void finish(Result<Rows> result);
  [[nodiscard]] bool finished() const noexcept { return finished_.load(std::memory_order_acquire); }
  [[nodiscard]] const Context& context() const noexcept { return context_; }

  /// A piece that waits to be run.
  struct Ready {
    Piece piece;
    std::size_t text;
    std::size_t part;  ///< of that text
  };
  /// Makes pieces of the next texts until `tokens` tokens are ready.
  Result<> cut(const Cutter& cutter, std::size_t tokens);
  [[nodiscard]] std::deque<Ready>& ready() noexcept { return ready_; }
  /// The row of one piece. Ends the job with the last one.
  void take(const Ready& ready, std::span<const float> row);

 private:
  // The rows of a text of several pieces, in their order, until all are there: so that sums do not depend on who came first.
  struct Parts {
    std::vector<float> rows;
    std::vector<double> weights;
    std::size_t left = 0;
    std::function<void(double)> part_done{};
  };
  void pool(const Parts& parts, std::span<float> row) const;

  const Context context_;
  const std::size_t width_;
  const bool logits_;
  std::vector<Text> texts_;
  std::size_t next_ = 0;  // text to be cut
  std::size_t left_;      // texts without a row
  std::deque<Ready> ready_;
  std::size_t ready_tokens_ = 0;
  std::map<std::size_t, Parts> parts_;
  Rows rows_;
  Encoder::Done done_;
  std::atomic<bool> finished_ = false;
  TimerId timer_ = 0;
  std::optional<std::stop_callback<std::function<void()>>> on_stop_;
};

}  // namespace thalweg::models
