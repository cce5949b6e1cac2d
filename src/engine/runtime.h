#pragma once
// What the executor keeps for one plan over all its runs: what was worked out once, pooled frames, limits, statistics.

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "engine/limit.h"
#include "engine/plan.h"

namespace thalweg {

struct Frame;

/// An argument that is a constant or a plain copy.
struct PlainArgument {
  static constexpr std::uint32_t kConstant = UINT32_MAX;
  std::uint32_t slot = kConstant;
  Value constant;
};

/// One stage, with what the hot path asks about it.
struct PreparedStage {
  const PlannedStage* planned = nullptr;
  const Stage* body = nullptr;
  std::uint32_t slot = 0;       ///< of its output
  std::uint32_t remaining = 0;  ///< needs, and one more for a fallback (somebody's failure)
  Type::Kind output = Type::Kind::dyn;
  bool check_output = false;  ///< fit() its result
  bool waits = false;
  bool plain = false;            ///< computes, and has no field that asks for more than calling its body
  bool plain_arguments = false;  ///< then `arguments` is all there is to evaluate
  bool emits = false;            ///< has a stream<T> output
  bool collects = false;         ///< somebody takes its stream as a whole
  bool bounded = true;           ///< its own channel has credits (false where waiting for room could be waiting for ever)
  std::vector<PlainArgument> arguments;
  std::vector<std::uint32_t> consumers;  ///< that wait for its end
  std::vector<std::uint32_t> readers;    ///< that are fed by its stream
  std::unique_ptr<Limit> limit;
  /// What a call took lately: decides whether waking another thread pays. Starts as "worth it".
  std::atomic<std::int64_t> estimate{50 * kMicrosecond};
};

class PlanRuntime {
 public:
  explicit PlanRuntime(const Plan& plan);
  ~PlanRuntime();
  PlanRuntime(const PlanRuntime&) = delete;
  PlanRuntime& operator=(const PlanRuntime&) = delete;

  [[nodiscard]] Frame& take_frame();
  void give_back(Frame& frame) noexcept;
  /// Adds a run that has ended to what is known about this plan.
  void note(const Frame& frame, bool good);

  const Plan& plan;
  std::vector<PreparedStage> stages;
  std::vector<std::uint32_t> first;  ///< stages that wait for nothing
  bool streams = false;

 private:
  std::mutex mutex_;
  Frame* free_ = nullptr;
};

}  // namespace thalweg
