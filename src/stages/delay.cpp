#include <atomic>
#include <optional>
#include <stop_token>

#include "base/time_text.h"
#include "stages/common.h"
#include "stages/stages.h"

namespace thalweg::stages {

namespace {
enum : std::size_t { kFor };

/// One wait: ended by the timer or by a stop, whichever comes first.
class Wait : public std::enable_shared_from_this<Wait> {
 public:
  explicit Wait(CallRef call) : call_(std::move(call)) {}

  void begin(Nanos span) {
    const Context& context = call_->context();
    if (const auto on = context.check(); !on) return call_->finish(std::unexpected(on.error()));
    const Nanos now = context.now();
    const Nanos until = std::min(span > kNever - now ? kNever : now + span, context.deadline());
    // Both may run before this function is left, on other threads.
    const auto self = shared_from_this();
    timer_ = context.clock().at(until, [self] { self->end(); });
    // The timer alone keeps the wait, so that both go with the clock.
    on_stop_.emplace(context.stop(), [waiting = weak_from_this()] {
      const auto held = waiting.lock();
      // A timer that could not be cancelled ends the wait itself.
      if (held && held->call_->context().clock().cancel(held->timer_)) held->end();
    });
    if (ended_.exchange(true)) finish();
  }

 private:
  // Called once by the timer or the stop; begin() counts as the other half, so that finish() never runs before it is through.
  void end() {
    if (ended_.exchange(true)) finish();
  }

  void finish() {
    const auto on = call_->context().check();
    on_stop_.reset();
    call_->finish(on ? Result<Value>(Value()) : std::unexpected(on.error()));
  }

  const CallRef call_;
  TimerId timer_ = 0;
  std::optional<std::stop_callback<std::function<void()>>> on_stop_;
  std::atomic<bool> ended_ = false;
};

Result<Nanos> span_in(const Value& value) {
  if (!value.is_string() && !value.is(Kind::duration)) {
    return fail(Code::invalid_argument, "'for' must be a duration such as 1.5s, not {}",
                value.is_null() ? "null" : with_article(type_name(value.kind())));
  }
  const Duration duration =
      value.is_string() ? TRY(parse_duration(value.as_string(), DurationUnits::with_days)) : value.as_duration();
  if (duration < Duration{}) return fail(Code::invalid_argument, "'for' is negative");
  if (duration.seconds > kNever / kSecond - 1) return kNever;
  return duration.seconds * kSecond + duration.nanos;
}

class Delay final : public Stage {
 public:
  void start(CallRef call) const override {
    const auto span = span_in(call->argument(kFor));
    if (!span) return call->finish(std::unexpected(span.error()));
    std::make_shared<Wait>(std::move(call))->begin(*span);
  }
};
}  // namespace

void add_delay(Catalog& catalog) {
  catalog.add(
      {
          .name = "delay",
          .version = "1",
          .summary = "Waits.",
          .description =
              "Holds no thread while it waits; ends at once when the run is stopped or its time is up. The result is null.",
          .example = R"yaml(name: patience
input: {}
stages:
  - {id: pause, uses: delay, with: {for: 10ms}}
  - {id: word, uses: template, needs: [pause], with: {text: done}}
output: "{{ word }}"
tests:
  - {input: {}, expect: done}
)yaml",
          .fields = {{.name = "for",
                      .type = Type(),
                      .description = "a duration: 1.5s, 200ms, 1h30m, or a value of type duration",
                      .limits = Value::map({{"type", "string"}})}},
          .output = Type(Type::Kind::null),
          .waits = true,
          .deterministic = false,
          .effects = true,
      },
      [](const Configuration& configuration) -> Result<std::unique_ptr<Stage>> {
        const Value* span = configuration.constant("for");
        if (span != nullptr) {
          if (const auto good = span_in(*span); !good) return std::unexpected(good.error().at("for"));
        }
        return std::make_unique<Delay>();
      });
}

}  // namespace thalweg::stages
