#pragma once
// The field `cache`, beyond one program: where results of stages stay.

#include <array>
#include <cstdint>
#include <functional>
#include <optional>

#include "thalweg/context.h"
#include "thalweg/value.h"

namespace thalweg {

/// What a result depends on: the stage (its type and version, what stands in `with`, what is nested there), and what it is given.
struct ResultKey {
  std::array<std::uint64_t, 2> stage{};  ///< PlannedStage::fingerprint
  Value arguments;                       ///< or what `cache.key` gives
  [[nodiscard]] bool operator==(const ResultKey& other) const noexcept;
};

/// Keeps results of stages with `cache` for other executors, other programs and other days. Thread-safe. A store in trouble is no
/// reason for a run to fail: then nothing is found, or nothing is kept.
class ResultStore {
 public:
  struct Kept {
    Value result;
    Nanos left = kNever;  ///< of its time to live
  };
  using Found = std::move_only_function<void(std::optional<Kept>)>;

  virtual ~ResultStore() = default;
  /// Does not wait: calls `found` once, from any thread, also from inside; soon when `context` is stopped or its time is up.
  virtual void get(const Context& context, const ResultKey& key, Found found) = 0;
  /// Does not wait either. `ttl`: how long it counts, kNever for ever.
  virtual void put(const ResultKey& key, const Value& result, Nanos ttl) = 0;
};

}  // namespace thalweg
