#include "stages/wait.h"

#include <atomic>
#include <optional>
#include <stop_token>

#include "base/time_text.h"

namespace thalweg::stages {

namespace {

/// One wait: ended by the timer or by a stop, whichever comes first.
class Wait : public std::enable_shared_from_this<Wait> {
 public:
  Wait(CallRef call, std::move_only_function<void(Result<>)> then) : call_(std::move(call)), then_(std::move(then)) {}

  void begin(Nanos wanted) {
    const Context& context = call_->context();
    if (const auto on = context.check(); !on) return then_(on);
    const Nanos until = std::min(wanted, context.deadline());
    // Both may run before this function is left, on other threads.
    const auto self = shared_from_this();
    timer_ = context.clock().at(until, [self] { self->end(); });
    // The timer alone keeps the wait, so that both go with the clock.
    on_stop_.emplace(context.stop(), [waiting = weak_from_this()] {
      if (const auto held = waiting.lock()) held->cut();
    });
    if (ended_.exchange(true)) finish();
  }

  /// Before its time. A timer that could not be cancelled ends the wait itself.
  void cut() {
    if (timer_ != 0 && call_->context().clock().cancel(timer_)) end();
  }

 private:
  // Called once by the timer or the stop; begin() counts as the other half, so that finish() never runs before it is through.
  void end() {
    if (ended_.exchange(true)) finish();
  }

  void finish() {
    const auto on = call_->context().check();
    on_stop_.reset();
    then_(on);
  }

  const CallRef call_;
  std::move_only_function<void(Result<>)> then_;
  TimerId timer_ = 0;
  std::optional<std::stop_callback<std::function<void()>>> on_stop_;
  std::atomic<bool> ended_ = false;
};

}  // namespace

std::function<void()> wait_until(CallRef call, Nanos until, std::move_only_function<void(Result<>)> then) {
  const auto wait = std::make_shared<Wait>(std::move(call), std::move(then));
  wait->begin(until);
  return [waiting = std::weak_ptr(wait)] {
    if (const auto held = waiting.lock()) held->cut();
  };
}

Result<Nanos> span_in(const Value& value, std::string_view name) {
  if (!value.is_string() && !value.is(Kind::duration)) {
    return fail(Code::invalid_argument, "'{}' must be a duration such as 1.5s, not {}", name,
                value.is_null() ? "null" : with_article(type_name(value.kind())));
  }
  const Duration duration =
      value.is_string() ? TRY(parse_duration(value.as_string(), DurationUnits::with_days)) : value.as_duration();
  if (duration < Duration{}) return fail(Code::invalid_argument, "'{}' is negative", name);
  if (duration.seconds > kNever / kSecond - 1) return kNever;
  return duration.seconds * kSecond + duration.nanos;
}

Result<Nanos> constant_span(const Configuration& configuration, std::string_view name, Nanos fallback) {
  const Value* written = configuration.constant(name);
  if (written == nullptr) return fallback;
  auto span = span_in(*written, name);
  if (!span) return std::unexpected(span.error().at(name));
  return span;
}

}  // namespace thalweg::stages
