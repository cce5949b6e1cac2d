#pragma once
// A typed pipeline before it is built: its steps, without their types. Part of pipe.h.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "thalweg/clock.h"
#include "thalweg/error.h"
#include "thalweg/function.h"
#include "thalweg/value.h"

namespace thalweg {

/// How often and when a failed call is made again: after `delay`, then `backoff` times as long each time, at most `cap`, drawn
/// from 1 - jitter to 1 + jitter times that.
struct RetryOptions {
  std::uint32_t attempts = 3;  ///< beside the first call: attempts = 2 makes up to three
  Nanos delay = 100 * kMillisecond;
  double backoff = 2.0;
  Nanos cap = kNever;
  double jitter = 0;
  std::vector<Code> on{};  ///< the errors that are worth another call; none: all but cancelled
};

struct BreakerOptions {
  std::size_t failures = 5;       ///< in a row, then it opens
  Nanos open_for = 30 * kSecond;  ///< and fails every call; then one probes
};

namespace detail {

enum class Does : std::uint8_t {
  call,      ///< a function: map
  stage,     ///< a stage type by name
  append,    ///< another sketch
  attempt,   ///< a sketch whose failure is a value: try_map, fork, retry
  group,     ///< a sketch as one stage
  keep,      ///< filter
  fan_out,   ///< sketches in turn
  parallel,  ///< sketches side by side, their failures as values
  route,     ///< the first sketch whose predicate holds
  branch,    ///< one of two sketches
  check,     ///< and: a function over the value of a result
  recover,   ///< a function over the error of a result
  unwrap_result,
  unwrap_optional,
  or_else,  ///< a function where an optional is empty
  ok,
  ok_or,
  each,  ///< a sketch for every item
  reduce,
  chunk,
  window,
  flatten,
  concat,
  limit_time,  ///< everything before as one, with a timeout, its failure as a value
  delay,
  rate_limit,
  debounce,
  circuit_breaker,
  batch,
  layer,    ///< a sketch, or the value, kept as an entry of what collect gives
  collect,  ///< the entries so far
};

/// Policies of the stage a step ends in.
struct Policies {
  std::optional<Nanos> timeout;
  std::optional<RetryOptions> retry;
  std::optional<std::uint32_t> concurrency;
  std::optional<Nanos> cache;         ///< how long results are kept
  std::optional<Function> cache_key;  ///< from what went into the step
  std::optional<Value> fallback;
  [[nodiscard]] bool any() const noexcept { return timeout || retry || concurrency || cache || fallback; }
};

struct Step;
/// The last of several steps; null when there are none.
using Steps = std::shared_ptr<const Step>;

struct Step {
  Steps before{};
  Does does = Does::call;
  std::vector<Function> functions{};
  std::vector<Steps> parts{};
  std::optional<Value> value{};  ///< a literal
  std::string text{};            ///< a message; the stage type; a layer's name
  std::string field{};           ///< stage: takes what flows
  std::string part{};            ///< ... or this field of it
  std::int64_t count = 0;
  Nanos time = 0;
  bool flag = false;  ///< keep: what the predicate refuses; branch, route: the last part is the default
  std::optional<RetryOptions> retry{};
  BreakerOptions breaker{};
  Policies policies{};
  std::optional<Error> error{};  ///< something given to it cannot cross
};

}  // namespace detail
}  // namespace thalweg
