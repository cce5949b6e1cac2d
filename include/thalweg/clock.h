#pragma once
// Time as a dependency: nothing in the program reads a clock it was not given.

#include <cstdint>
#include <functional>
#include <memory>

namespace thalweg {

/// Nanoseconds on a clock that never goes back. Only differences mean something.
using Nanos = std::int64_t;

inline constexpr Nanos kNever = INT64_MAX;
inline constexpr Nanos kMicrosecond = 1'000;
inline constexpr Nanos kMillisecond = 1'000'000;
inline constexpr Nanos kSecond = 1'000'000'000;

using TimerId = std::uint64_t;

/// A source of time and of timers. Callbacks run on the clock's own thread (system) or inside advance() (virtual); they must be
/// short.
class Clock {
 public:
  virtual ~Clock() = default;
  /// Monotonic time.
  [[nodiscard]] virtual Nanos now() const noexcept = 0;
  /// Nanoseconds since 1970-01-01T00:00:00Z.
  [[nodiscard]] virtual Nanos wall() const noexcept = 0;
  /// Calls `callback` once when now() >= `when`; at once (from the clock's thread) when that is past; never for kNever. A
  /// callback still waiting when the clock is destroyed is dropped without a call.
  virtual TimerId at(Nanos when, std::move_only_function<void()> callback) = 0;
  /// True when the callback will not run any more; false when it has run or is running.
  virtual bool cancel(TimerId id) = 0;
};

/// The machine's clock; its timer thread starts with the first timer. One for the whole program, made in main().
[[nodiscard]] std::unique_ptr<Clock> make_system_clock();

/// A clock that moves only when told: timing tests are exact and take no time. Thread-safe; timers due at the same instant run in
/// the order they were set.
class VirtualClock final : public Clock {
 public:
  explicit VirtualClock(Nanos wall_start = 1'700'000'000 * kSecond);
  ~VirtualClock() override;
  [[nodiscard]] Nanos now() const noexcept override;
  [[nodiscard]] Nanos wall() const noexcept override;
  TimerId at(Nanos when, std::move_only_function<void()> callback) override;
  bool cancel(TimerId id) override;
  /// Moves time forward, running the timers met on the way, each at its own instant.
  void advance(Nanos by);
  /// Jumps to the earliest timer and runs it; false when there is none.
  bool step();

 private:
  struct State;
  bool run_next(Nanos until);
  std::unique_ptr<State> state_;
};

}  // namespace thalweg
