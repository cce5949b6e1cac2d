// The engine allocates nothing once it is warm. Counts every operator new of the program; the sanitizers bring their own.

#if !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer)

#include <doctest/doctest.h>

#include <atomic>
#include <cstdlib>
#include <functional>
#include <new>

#include "plans.h"

using namespace thalweg;
using namespace thalweg::test;

namespace {

std::atomic<std::uint64_t> allocations{0};

void* counted(std::size_t size, std::size_t alignment) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  void* memory = alignment <= alignof(std::max_align_t)
                     ? std::malloc(size)
                     : std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

// NOLINTBEGIN(misc-new-delete-overloads): the plain ones stand for all others but the aligned
void* operator new(std::size_t size) { return counted(size, 1); }
void* operator new(std::size_t size, std::align_val_t alignment) { return counted(size, static_cast<std::size_t>(alignment)); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
// NOLINTEND(misc-new-delete-overloads)

namespace {

std::uint64_t allocations_of(Executor& executor, const std::shared_ptr<const Plan>& plan, const Context& context,
                             const Value& input) {
  const auto runs = [&](int count) {
    for (int i = 0; i < count; ++i) {
      const RunResult result = executor.run(plan, input, context);
      if (!result.output || result.output->as_string() != input.as_string()) std::abort();
    }
  };
  runs(10);
  const std::uint64_t before = allocations;
  runs(1'000);
  return allocations - before;
}

}  // namespace

TEST_CASE("a run allocates nothing in the steady state") {
  const Value input("a text that is too long to be kept inside a value");
  const auto pass = [](Call& call) -> Result<Value> { return call.argument(0); };
  const std::unique_ptr<Clock> system = make_system_clock();
  VirtualClock still;
  std::stop_source stop;
  for (Clock* clock : {system.get(), static_cast<Clock*>(&still)}) {
    for (const std::size_t threads : {1, 2}) {
      Executor executor(*clock, threads);
      PlanBuilder chain;
      for (int i = 0; i < 20; ++i) chain.computing("s" + std::to_string(i), {i - 1}, pass);
      const auto plan = chain.output({19}).build();
      CHECK(allocations_of(executor, plan, Context(*clock), input) == 0);
      CHECK(allocations_of(executor, plan, Context(*clock).with_stop(stop.get_token()), input) == 0);
      CHECK(allocations_of(executor, plan, Context(*clock).with_deadline(clock->now() + 3600 * kSecond), input) == 0);
    }
  }
}

TEST_CASE("neither do stages that wait, branch out, have a timeout or a limit") {
  const Value input("a text that is too long to be kept inside a value");
  const auto pass = [](Call& call) -> Result<Value> { return call.argument(0); };
  const std::unique_ptr<Clock> clock = make_system_clock();
  Executor executor(*clock, 1);
  const auto check = [&](const std::string& what, const std::function<void(PlannedStage&)>& change, bool waits) {
    PlanBuilder chain;
    for (int i = 0; i < 20; ++i) {
      const std::string id = "s" + std::to_string(i);
      change(waits ? chain.waiting(id, {i - 1}, [](CallRef call) { call->finish(call->argument(0)); })
                   : chain.computing(id, {i - 1}, pass));
    }
    const auto plan = chain.output({19}).build();
    CAPTURE(what);
    CHECK(allocations_of(executor, plan, Context(*clock), input) == 0);
  };
  check("waiting", [](PlannedStage&) {}, true);
  check("timeout", [](PlannedStage& stage) { stage.timeout = 3600 * kSecond; }, false);
  check("limit", [](PlannedStage& stage) { stage.concurrency = 3; }, false);
  check("retry", [](PlannedStage& stage) { stage.retry.retries = 3; }, false);
  PlanBuilder fan;
  for (int i = 0; i < 64; ++i) fan.computing("b" + std::to_string(i), {-1}, pass);
  CHECK(allocations_of(executor, fan.output({63}).build(), Context(*clock), input) == 0);
}

TEST_CASE("the count of allocations counts") {
  const std::uint64_t before = allocations;
  const auto one = std::make_unique<std::uint64_t>(before);
  CHECK(allocations - *one == 1);
}

#endif
