#pragma once
// Waiting in a stage: a timer, a stop and the call's deadline, whichever comes first.

#include <functional>

#include "base/error.h"
#include "engine/stage.h"
#include "thalweg/clock.h"

namespace thalweg::stages {

/// Calls `then` once: with success when `until` is there, else with what ended the call before. Holds no thread. `then` may be
/// run before this returns, or on the clock's thread. What it gives ends the wait before its time, as a success; from any thread.
std::function<void()> wait_until(CallRef call, Nanos until, std::move_only_function<void(Result<>)> then);

/// `span` after now; kNever when that is out of reach.
[[nodiscard]] inline Nanos from_now(const Context& context, Nanos span) noexcept {
  const Nanos now = context.now();
  return span > kNever - now ? kNever : now + span;
}

/// A duration, as a value or as a text such as 1.5s. Errors: invalid_argument (`name` is what it is called), also when negative.
[[nodiscard]] Result<Nanos> span_in(const Value& value, std::string_view name);

/// The same of a field that is written out; `fallback` when it is not there. Errors stand at the field.
[[nodiscard]] Result<Nanos> constant_span(const Configuration& configuration, std::string_view name, Nanos fallback);

}  // namespace thalweg::stages
