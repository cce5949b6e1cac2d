#include <deque>
#include <mutex>
#include <unordered_map>

#include "stages/common.h"
#include "stages/stages.h"
#include "stages/wait.h"

namespace thalweg::stages {

namespace {
enum : std::size_t { kCalls, kPer, kKey, kWait };

constexpr std::size_t kMostCalls = 1'000'000;
constexpr std::size_t kSweepAbove = 1'024;  // keys, before those without a recent call are dropped

/// When the last calls began (or will), by key.
class Begins {
 public:
  Begins(std::size_t calls, Nanos per) : calls_(calls), per_(per) {}

  /// When a call that comes now may begin; takes that place if it is now, or `wait`.
  Nanos place(const Value& key, Nanos now, bool wait) {
    const std::lock_guard lock(mutex_);
    if (by_key_.size() > kSweepAbove) sweep(now);
    std::deque<Nanos>& begins = by_key_[key];
    const Nanos earliest = begins.size() < calls_ ? now : begins.front() + per_;
    const Nanos at = std::max(now, earliest);
    if (at > now && !wait) return at;
    if (begins.size() == calls_) begins.pop_front();
    begins.push_back(at);
    return at;
  }

 private:
  struct Hash {
    std::size_t operator()(const Value& value) const noexcept { return hash(value); }
  };
  void sweep(Nanos now) {
    std::erase_if(by_key_, [&](const auto& entry) { return entry.second.empty() || entry.second.back() + per_ <= now; });
  }

  const std::size_t calls_;
  const Nanos per_;
  std::mutex mutex_;
  std::unordered_map<Value, std::deque<Nanos>, Hash> by_key_;
};

class RateLimit final : public Stage {
 public:
  RateLimit(std::size_t calls, Nanos per) : calls_(calls), per_(per), begins_(std::make_unique<Begins>(calls, per)) {}

  void start(CallRef call) const override {
    const bool wait = !call->argument(kWait).is_bool() || call->argument(kWait).as_bool();
    const Nanos now = call->context().now();
    const Nanos at = begins_->place(call->argument(kKey), now, wait);
    if (at > now && !wait) {
      return call->finish(fail(Code::resource_exhausted, "{} calls in {} ms are taken; the next may begin in {} ms", calls_,
                               static_cast<double>(per_) / kMillisecond, static_cast<double>(at - now) / kMillisecond));
    }
    if (at == now) return call->finish(Value());
    wait_until(call, at, [call](Result<> on) { call->finish(on ? Result<Value>(Value()) : std::unexpected(on.error())); });
  }

 private:
  const std::size_t calls_;
  const Nanos per_;
  const std::unique_ptr<Begins> begins_;
};

Result<std::unique_ptr<Stage>> make(const Configuration& configuration) {
  const auto calls = count_in(*configuration.constant("calls"), "calls", 1);
  if (!calls) return std::unexpected(calls.error().at("calls"));
  if (*calls > kMostCalls) {
    return std::unexpected(Error(Code::invalid_argument, fmt::format("'calls' must be at most {}", kMostCalls)).at("calls"));
  }
  const Nanos per = TRY(constant_span(configuration, "per", kSecond));
  if (per == 0) return std::unexpected(Error(Code::invalid_argument, "'per' must be longer than nothing").at("per"));
  return std::make_unique<RateLimit>(*calls, per);
}
}  // namespace

void add_rate_limit(Catalog& catalog) {
  catalog.add(
      {
          .name = "rate_limit",
          .version = "1",
          .summary = "Lets so many calls through in a span of time.",
          .description =
              "Over all runs of the pipeline, at most `calls` begin within any span of `per`; each `key` has a count of its own. "
              "Further ones wait their turn, first come, first served (one that is stopped meanwhile keeps its place), or fail "
              "with resource_exhausted where `wait` is false. The result is null: let stages `need` this one.",
          .example = R"yaml(name: gentle
input: {words: list<string>}
stages:
  - id: each
    uses: for_each
    with:
      items: "{{ input.words }}"
      do:
        - {id: turn, uses: rate_limit, with: {calls: 2, per: 1s}}
        - {id: word, uses: template, needs: [turn], with: {text: "{{ item }}!"}}
output: "{{ each }}"
tests:
  - {input: {words: [a, b, c]}, expect: [a!, b!, c!]}
)yaml",
          .fields =
              {
                  {.name = "calls",
                   .type = Type(Type::Kind::integer),
                   .description = "how many may begin",
                   .binding = Binding::constant,
                   .limits = Value::map({{"minimum", 1}, {"maximum", static_cast<std::int64_t>(kMostCalls)}})},
                  {.name = "per",
                   .type = Type(Type::Kind::string),
                   .description = "in what span of time: 1s, 100ms, 1m",
                   .binding = Binding::constant},
                  {.name = "key",
                   .type = Type(),
                   .description = "calls with different keys do not count together",
                   .required = false},
                  {.name = "wait",
                   .type = Type(Type::Kind::boolean),
                   .description = "whether a call too many waits; else it fails",
                   .required = false,
                   .fallback = Value(true)},
              },
          .output = Type(Type::Kind::null),
          .waits = true,
          .deterministic = false,
          .effects = true,
      },
      make);
}

}  // namespace thalweg::stages
