#pragma once
// The operators that say how the step before them is run. Part of pipe.h.

#include <chrono>
#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "thalweg/pipe/operation.h"

namespace thalweg::detail {

/// Policies of the step before: those of the engine.
template <class In, class Cur>
class PolicyOperators {
 public:
  /// Its results are kept, for `ttl`; equal calls at the same time are made once.
  auto cached(std::chrono::nanoseconds ttl = std::chrono::nanoseconds(kNever)) const {
    return policy([&](Policies& policies) { policies.cache = detail::nanos(ttl); });
  }
  /// ... under a key that is worked out of what goes into the step: cached_by<T>(ttl, key), of a step that takes a T.
  template <class T, class... F>
    requires Callable<function_t<F...>, T>
  auto cached_by(std::chrono::nanoseconds ttl, F&&... key) const {
    return policy([&](Policies& policies) {
      policies.cache = detail::nanos(ttl);
      policies.cache_key = detail::function<T>(std::forward<F>(key)...);
    });
  }
  /// Failed calls are made again; the last error ends the run.
  auto retried(RetryOptions options = {}) const {
    return policy([&](Policies& policies) { policies.retry = std::move(options); });
  }
  /// A call that takes longer fails with deadline_exceeded.
  auto within(std::chrono::nanoseconds span) const {
    return policy([&](Policies& policies) { policies.timeout = detail::nanos(span); });
  }
  /// At most so many calls at once, over all runs.
  auto at_most(std::uint32_t calls) const {
    return policy([&](Policies& policies) { policies.concurrency = calls; });
  }
  /// This value in place of a failure.
  auto on_failure(const Cur& instead) const {
    return policy([&](Policies& policies, std::optional<Error>& error) {
      auto value = detail::encode<Cur>(instead);
      if (value) {
        policies.fallback = std::move(*value);
      } else {
        error = value.error();
      }
    });
  }

 private:
  template <class Set>
  Pipe<In, Cur> policy(Set&& set) const {
    const auto& pipe = static_cast<const Pipe<In, Cur>&>(*this);
    Step step;
    if (pipe.steps()) {
      step = *pipe.steps();
    } else {
      step.error = Error(Code::invalid_argument, "a policy stands behind the step it is of, and there is none");
    }
    if constexpr (std::invocable<Set, Policies&>) {
      set(step.policies);
    } else {
      set(step.policies, step.error);
    }
    return Pipe<In, Cur>(pipe.name(), std::make_shared<const Step>(std::move(step)));
  }
};

}  // namespace thalweg::detail
