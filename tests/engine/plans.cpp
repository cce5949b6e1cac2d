#include "plans.h"

#include <atomic>
#include <stop_token>

namespace thalweg::test {

namespace {

Argument from_slot(int stage) {
  Argument argument;
  argument.kind = Argument::Kind::variable;
  argument.slot = static_cast<std::uint32_t>(stage + 1);
  return argument;
}

}  // namespace

std::shared_ptr<const Stage> pause_stage(Nanos pause, bool polite) {
  return std::make_shared<Waits>([pause, polite](CallRef call) {
    struct Stop {
      Call* call;
      void operator()() const noexcept { call->finish(fail(Code::cancelled, "pause stopped")); }
    };
    Clock& clock = call->context().clock();
    const Value value = call->arguments().empty() ? Value() : call->argument(0);
    if (polite) call->state() = std::make_shared<std::stop_callback<Stop>>(call->context().stop(), Stop{&*call});
    clock.at(clock.now() + pause, [call, value]() mutable {
      call->state().reset();
      call->finish(value);
    });
  });
}

PlanBuilder::PlanBuilder() : plan_(std::make_shared<HeldPlan>()) {
  plan_->name = "test";
  plan_->output.kind = Argument::Kind::constant;
}

PlannedStage& PlanBuilder::add(std::string id, std::vector<int> from, bool waits) {
  auto kind = std::make_unique<Catalog::Kind>();
  kind->contract.name = id;
  kind->contract.waits = waits;
  if (std::exchange(streaming_, false)) kind->contract.output = Type::stream(Type());
  PlannedStage& stage = plan_->stages.emplace_back();
  stage.id = std::move(id);
  stage.kind = kind.get();
  stage.retry.jitter = 0;
  for (const int source : from) {
    stage.arguments.push_back(from_slot(source));
    kind->contract.fields.push_back({.name = "a", .type = {}, .description = {}, .fallback = {}, .locals = {}});
    if (source < 0) continue;
    const auto need = static_cast<std::uint32_t>(source);
    if (std::ranges::find(stage.needs, need) == stage.needs.end()) {
      stage.needs.push_back(need);
      stage.required.push_back(need);
    }
  }
  static_cast<HeldPlan&>(*plan_).kinds.push_back(std::move(kind));
  return stage;
}

PlannedStage& PlanBuilder::computing(std::string id, std::vector<int> from, Body body) {
  PlannedStage& stage = add(std::move(id), std::move(from), false);
  stage.body = stage_of(std::move(body));
  return stage;
}

PlannedStage& PlanBuilder::waiting(std::string id, std::vector<int> from, std::shared_ptr<const Stage> body) {
  PlannedStage& stage = add(std::move(id), std::move(from), true);
  stage.body = std::move(body);
  return stage;
}

PlanBuilder& PlanBuilder::output(std::vector<int> from) {
  if (from.size() == 1) {
    plan_->output = from_slot(from[0]);
    return *this;
  }
  plan_->output = {};
  plan_->output.kind = Argument::Kind::list;
  for (const int stage : from) plan_->output.items.push_back(from_slot(stage));
  return *this;
}

std::shared_ptr<Plan> PlanBuilder::build() {
  plan_->slots = 1 + static_cast<std::uint32_t>(plan_->stages.size());
  for (std::uint32_t i = 0; i < plan_->stages.size(); ++i) {
    for (const std::uint32_t need : plan_->stages[i].needs) plan_->stages[need].consumers.push_back(i);
  }
  return plan_;
}

}  // namespace thalweg::test
