#include "thalweg/context.h"

#include <algorithm>

#include "base/error.h"

namespace thalweg {

Result<> Budget::spend(Unit unit, std::int64_t amount) noexcept {
  static constexpr std::array<std::string_view, kUnits> kNames{"micro-euros", "microjoules", "tokens"};
  Account& account = of(unit);
  const std::int64_t limit = account.limit.load(std::memory_order_relaxed);
  std::int64_t before = account.spent.load(std::memory_order_relaxed);
  do {
    if (amount > limit - before) {
      return fail(Code::resource_exhausted, "the request's budget of {} {} would be passed: {} spent, {} more wanted", limit,
                  kNames[static_cast<std::size_t>(unit)], before, amount);
    }
  } while (!account.spent.compare_exchange_weak(before, before + amount, std::memory_order_relaxed));
  return {};
}

std::optional<std::int64_t> Budget::left(Unit unit) const noexcept {
  const std::int64_t limit = of(unit).limit.load(std::memory_order_relaxed);
  if (limit == INT64_MAX) return std::nullopt;
  return limit - spent(unit);
}

void Attributes::set(std::string_view name, Value value) {
  const std::lock_guard lock(mutex_);
  const auto found = std::ranges::find(values_, name, [](const auto& held) { return std::string_view(held.first); });
  if (found != values_.end()) {
    found->second = std::move(value);
  } else {
    values_.emplace_back(name, std::move(value));
  }
}

std::optional<Value> Attributes::get(std::string_view name) const {
  const std::lock_guard lock(mutex_);
  const auto found = std::ranges::find(values_, name, [](const auto& held) { return std::string_view(held.first); });
  if (found == values_.end()) return std::nullopt;
  return found->second;
}

std::vector<std::pair<std::string, Value>> Attributes::all() const {
  const std::lock_guard lock(mutex_);
  return values_;
}

Context Context::with_deadline(Nanos deadline) const {
  Context copy = *this;
  copy.deadline_ = std::min(deadline_, deadline);
  return copy;
}

Context Context::with_stop(std::stop_token stop) const {
  Context copy = *this;
  copy.stop_ = std::move(stop);
  return copy;
}

Context Context::with_trace(TraceIds trace) const {
  Context copy = *this;
  copy.trace_ = trace;
  return copy;
}

Context Context::with_cores(CoreBudget& cores) const {
  Context copy = *this;
  copy.cores_ = &cores;
  return copy;
}

Context Context::with_log(Logger& log) const {
  Context copy = *this;
  copy.log_ = &log;
  return copy;
}

Result<> Context::check() const {
  if (stop_.stop_requested()) return fail(Code::cancelled, "stopped on request");
  if (deadline_ != kNever && now() >= deadline_) return fail(Code::deadline_exceeded, "the deadline has passed");
  return {};
}

}  // namespace thalweg
