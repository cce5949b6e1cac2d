#pragma once
// Plans made by hand, for tests of the executor that need no definition.

#include <memory>
#include <string>
#include <vector>

#include "engine/executor.h"
#include "engine/plan.h"
#include "thalweg/clock.h"

namespace thalweg::test {

/// A stage whose body waits.
class Waits : public Stage {
 public:
  explicit Waits(std::function<void(CallRef)> body) : body_(std::move(body)) {}
  void start(CallRef call) const override { body_(std::move(call)); }

 private:
  std::function<void(CallRef)> body_;
};

/// Finishes with its first argument after `pause`; ends early on a stop when `polite`.
[[nodiscard]] std::shared_ptr<const Stage> pause_stage(Nanos pause, bool polite = true);

using Body = std::move_only_function<Result<Value>(Call&) const>;

class PlanBuilder {
 public:
  PlanBuilder();
  /// Stages are added in a topological order; `from` are the stages (or -1: the input) whose outputs are its arguments.
  PlannedStage& computing(std::string id, std::vector<int> from, Body body);
  PlannedStage& waiting(std::string id, std::vector<int> from, std::shared_ptr<const Stage> body);
  PlannedStage& waiting(std::string id, std::vector<int> from, std::function<void(CallRef)> body) {
    return waiting(std::move(id), std::move(from), std::make_shared<Waits>(std::move(body)));
  }
  /// The next stage's output is stream<dyn>.
  PlanBuilder& streaming() {
    streaming_ = true;
    return *this;
  }
  PlanBuilder& output(std::vector<int> from);
  [[nodiscard]] std::shared_ptr<Plan> build();

 private:
  PlannedStage& add(std::string id, std::vector<int> from, bool waits);
  std::shared_ptr<Plan> plan_;
  std::vector<std::unique_ptr<Catalog::Kind>> kinds_;
  bool streaming_ = false;
};

/// The plan's kinds must outlive it: keeps both.
class HeldPlan : public Plan {
 public:
  std::vector<std::unique_ptr<Catalog::Kind>> kinds;
};

}  // namespace thalweg::test
