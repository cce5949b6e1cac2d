#pragma once
// What travels with a request through every layer: deadline, stop, budget, trace, attributes, clock, randomness.

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "thalweg/clock.h"
#include "thalweg/error.h"
#include "thalweg/ids.h"
#include "thalweg/random.h"
#include "thalweg/value.h"

namespace thalweg {

class CoreBudget;
class Logger;

/// What a request may still spend; unlimited where nothing was set. Shared by all calls of one request, thread-safe.
class Budget {
 public:
  enum class Unit : std::uint8_t { money_micro_eur, microjoules, tokens };
  static constexpr std::size_t kUnits = 3;

  void limit(Unit unit, std::int64_t amount) noexcept { of(unit).limit.store(amount, std::memory_order_relaxed); }
  /// Takes `amount`; resource_exhausted (nothing taken) when that would pass the limit.
  Result<> spend(Unit unit, std::int64_t amount) noexcept;
  [[nodiscard]] std::int64_t spent(Unit unit) const noexcept { return of(unit).spent.load(std::memory_order_relaxed); }
  /// Nothing when unlimited.
  [[nodiscard]] std::optional<std::int64_t> left(Unit unit) const noexcept;

 private:
  struct Account {
    std::atomic<std::int64_t> limit{INT64_MAX};
    std::atomic<std::int64_t> spent{0};
  };
  Account& of(Unit unit) noexcept { return accounts_[static_cast<std::size_t>(unit)]; }
  const Account& of(Unit unit) const noexcept { return accounts_[static_cast<std::size_t>(unit)]; }
  std::array<Account, kUnits> accounts_;
};

/// A bag of named values that the parts of one request share (the query and the result half of one search). Thread-safe.
class Attributes {
 public:
  void set(std::string_view name, Value value);
  [[nodiscard]] std::optional<Value> get(std::string_view name) const;
  [[nodiscard]] std::vector<std::pair<std::string, Value>> all() const;

 private:
  mutable std::mutex mutex_;
  std::vector<std::pair<std::string, Value>> values_;
};

/// The request context. Copies are cheap and see the same budget and attributes; the deadline of a copy can only shrink.
class Context {
 public:
  explicit Context(Clock& clock, std::uint64_t seed = 0)
      : clock_(&clock), seed_(seed), budget_(std::make_shared<Budget>()), attributes_(std::make_shared<Attributes>()) {}

  [[nodiscard]] Clock& clock() const noexcept { return *clock_; }
  [[nodiscard]] Nanos now() const noexcept { return clock_->now(); }
  [[nodiscard]] Nanos deadline() const noexcept { return deadline_; }
  [[nodiscard]] const std::stop_token& stop() const noexcept { return stop_; }
  [[nodiscard]] Budget& budget() const noexcept { return *budget_; }
  [[nodiscard]] Attributes& attributes() const noexcept { return *attributes_; }
  [[nodiscard]] const TraceIds& trace() const noexcept { return trace_; }
  /// Null when the caller set none: then there is nothing to lease.
  [[nodiscard]] CoreBudget* cores() const noexcept { return cores_; }
  /// Null when nobody listens.
  [[nodiscard]] Logger* log() const noexcept { return log_; }
  /// A generator of its own for `stream` (a stage's index, an attempt): the same for the same seed, whatever the schedule.
  [[nodiscard]] Random random(std::uint64_t stream) const noexcept { return Random(seed_ ^ (stream * 0xD1342543DE82EF95U + 1)); }

  /// This context with an earlier deadline (a later one changes nothing).
  [[nodiscard]] Context with_deadline(Nanos deadline) const;
  [[nodiscard]] Context with_stop(std::stop_token stop) const;
  [[nodiscard]] Context with_trace(TraceIds trace) const;
  [[nodiscard]] Context with_cores(CoreBudget& cores) const;
  [[nodiscard]] Context with_log(Logger& log) const;

  /// cancelled when a stop was asked for, deadline_exceeded when time is up, else nothing. Costs a clock read when there is a
  /// deadline.
  [[nodiscard]] Result<> check() const;

 private:
  Clock* clock_;
  Nanos deadline_ = kNever;
  std::stop_token stop_;
  std::uint64_t seed_;
  std::shared_ptr<Budget> budget_;
  std::shared_ptr<Attributes> attributes_;
  TraceIds trace_;
  CoreBudget* cores_ = nullptr;
  Logger* log_ = nullptr;
};

}  // namespace thalweg
