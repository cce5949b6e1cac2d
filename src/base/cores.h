#pragma once
// One budget of processor cores for all that computes: the engine's pool, model calls, index writers.

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <utility>

#include "base/error.h"
#include "thalweg/context.h"

namespace thalweg {

/// The share of cores that the control group of this process may use (cgroup v2, else v1), the least of its own and its parents';
/// nothing where there is no quota. `root` is "/" outside tests.
[[nodiscard]] std::optional<double> core_quota(const std::filesystem::path& root = "/");

/// The smallest of affinity, quota (rounded up) and `asked` (`--threads`; 0 asks for nothing); at least 1.
[[nodiscard]] std::size_t usable_cores(std::size_t asked = 0, const std::filesystem::path& root = "/");

/// Lends cores. First come, first served: who asks for little does not overtake who waits. Thread-safe; leases may outlive it.
///
///     CoreBudget budget(usable_cores());
///     const auto lease = TRY(budget.lease(4, context));   // 1 to 4 cores
///     run_model(lease.cores());                           // given back at the end of the scope
///
/// Who holds a lease and waits for another may wait for itself: take what is wanted at once.
class CoreBudget {
  struct State;

 public:
  class Lease {
   public:
    Lease() noexcept = default;
    Lease(Lease&& other) noexcept : state_(std::move(other.state_)), cores_(std::exchange(other.cores_, 0)) {}
    Lease& operator=(Lease&& other) noexcept {
      std::swap(state_, other.state_);
      std::swap(cores_, other.cores_);
      return *this;
    }
    ~Lease();
    [[nodiscard]] std::size_t cores() const noexcept { return cores_; }

   private:
    friend class CoreBudget;
    Lease(std::shared_ptr<State> state, std::size_t cores) noexcept : state_(std::move(state)), cores_(cores) {}
    std::shared_ptr<State> state_;
    std::size_t cores_ = 0;
  };

  /// Precondition: at least one core.
  explicit CoreBudget(std::size_t cores);
  /// At least 1 and at most `wanted` cores, of those free; waits while there are none. Errors: cancelled, deadline_exceeded.
  [[nodiscard]] Result<Lease> lease(std::size_t wanted, const Context& context);
  /// The same without waiting; nothing when no core is free or somebody waits already.
  [[nodiscard]] std::optional<Lease> try_lease(std::size_t wanted);
  /// One core, for a thread that works in any case: the budget is overdrawn when none is free.
  [[nodiscard]] Lease take_core();
  /// More cores are in use than there are: who can do with fewer gives some back. Cheap enough to ask often.
  [[nodiscard]] bool overdrawn() const noexcept;
  [[nodiscard]] std::size_t cores() const noexcept;
  [[nodiscard]] std::size_t free() const;
  /// How many stand in line.
  [[nodiscard]] std::size_t waiting() const;

 private:
  std::shared_ptr<State> state_;
};

}  // namespace thalweg
