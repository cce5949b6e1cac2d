#include <mutex>

#include "stages/common.h"
#include "stages/stages.h"
#include "stages/wait.h"

namespace thalweg::stages {

namespace {
enum : std::size_t { kDo, kFailures, kOpenFor };

/// Closed: calls pass. Open: none does. Half open, when its time is up: one passes, and decides.
class Breaker {
 public:
  Breaker(std::size_t failures, Nanos open_for) : limit_(failures), open_for_(open_for) {}

  enum class End : std::uint8_t { good, failed, unknown };

  /// Whether a call may pass now; it must tell its end.
  Result<> enter(Nanos now) {
    const std::lock_guard lock(mutex_);
    if (failures_ < limit_) return {};
    if (now < open_until_) {
      return fail(Code::unavailable, "not tried, as {} calls in a row have failed; the next may be made in {} ms", failures_,
                  static_cast<double>(open_until_ - now) / kMillisecond);
    }
    if (probing_) return fail(Code::unavailable, "not tried while another call probes, as {} in a row have failed", failures_);
    probing_ = true;
    return {};
  }

  void leave(End end, Nanos now) {
    const std::lock_guard lock(mutex_);
    probing_ = false;
    if (end == End::good) failures_ = 0;
    if (end != End::failed) return;
    if (failures_ < limit_) ++failures_;
    if (failures_ >= limit_) open_until_ = open_for_ > kNever - now ? kNever : now + open_for_;
  }

 private:
  const std::size_t limit_;
  const Nanos open_for_;
  std::mutex mutex_;
  std::size_t failures_ = 0;  ///< in a row, at most the limit
  Nanos open_until_ = 0;
  bool probing_ = false;
};

class CircuitBreaker final : public Stage {
 public:
  CircuitBreaker(std::size_t failures, Nanos open_for) : breaker_(std::make_shared<Breaker>(failures, open_for)) {}

  void start(CallRef call) const override {
    if (const auto may = breaker_->enter(call->context().now()); !may) return call->finish(std::unexpected(may.error()));
    call->nested(kDo, {}, [call, breaker = breaker_](Result<Value> result) {
      const Nanos now = call->context().now();
      // A call that was stopped from outside says nothing; one whose time was up has failed.
      const bool stopped = !result && call->context().stop().stop_requested() && now < call->context().deadline();
      breaker->leave(result ? Breaker::End::good : stopped ? Breaker::End::unknown : Breaker::End::failed, now);
      call->finish(std::move(result));
    });
  }

 private:
  const std::shared_ptr<Breaker> breaker_;
};

Result<std::unique_ptr<Stage>> make(const Configuration& configuration) {
  const Value* failures = configuration.constant("failures");
  const auto limit = failures == nullptr ? Result<std::size_t>(5) : count_in(*failures, "failures", 1);
  if (!limit) return std::unexpected(limit.error().at("failures"));
  return std::make_unique<CircuitBreaker>(*limit, TRY(constant_span(configuration, "open_for", 30 * kSecond)));
}
}  // namespace

void add_circuit_breaker(Catalog& catalog) {
  catalog.add(
      {
          .name = "circuit_breaker",
          .version = "1",
          .summary = "Stops calling what keeps failing, for a while.",
          .description =
              "Over all runs of the pipeline: after `failures` failures in a row of `do`, calls fail at once (unavailable) for "
              "`open_for`. Then one is let through: when it is good all are again, else the time begins anew. A stop from "
              "outside "
              "counts as neither.",
          .example = R"yaml(name: patient
input: {numbers: list<int>}
stages:
  - id: each
    uses: for_each
    with:
      items: "{{ input.numbers }}"
      concurrency: 1
      do:
        - id: guarded
          uses: circuit_breaker
          on_failure: {fallback: {value: -1}}
          with:
            failures: 2
            open_for: 10s
            do:
              - {id: even, uses: assert, with: {that: item % 2 == 0}}
              - {id: half, uses: set, needs: [even], with: {of: "{{ item / 2 }}"}}
output: "{{ each.map(x, type(x) == int ? x : x.of) }}"
tests:
  - {input: {numbers: [4, 1, 3, 6]}, expect: [2, -1, -1, -1]}
)yaml",
          .fields =
              {
                  {.name = "do",
                   .type = Type(),
                   .description = "stages to run, or {stages, output}",
                   .binding = Binding::pipeline},
                  {.name = "failures",
                   .type = Type(Type::Kind::integer),
                   .description = "how many in a row are too many",
                   .binding = Binding::constant,
                   .required = false,
                   .fallback = Value(5),
                   .limits = at_least(1)},
                  {.name = "open_for",
                   .type = Type(Type::Kind::string),
                   .description = "how long nothing is tried then",
                   .binding = Binding::constant,
                   .required = false,
                   .fallback = Value("30s")},
              },
          .output = Type(),
          .output_of = [](const Configuration& configuration) { return configuration.type("do"); },
          .waits = true,
          .deterministic = false,
      },
      make);
}

}  // namespace thalweg::stages
