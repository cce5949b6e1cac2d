// How the compiled stages of one pipeline hang together: what waits for what, what may be missing, what is of no use.

#include "engine/compiler.h"
#include "engine/topological.h"

namespace thalweg {

using lang::Type;

namespace {

void sort_unique(std::vector<std::uint32_t>& numbers) {
  std::ranges::sort(numbers);
  numbers.erase(std::ranges::unique(numbers).begin(), numbers.end());
}

bool never(const PlannedStage& stage) {
  const Value* when = stage.when ? stage.when->constant() : nullptr;
  return when != nullptr && when->is_bool() && !when->as_bool();
}

bool always(const PlannedStage& stage) {
  const Value* when = stage.when ? stage.when->constant() : nullptr;
  return !stage.when || (when != nullptr && when->is_bool() && when->as_bool());
}

}  // namespace

void PipelineCompiler::link(Plan& plan, const Path& path) {
  const auto needs = dependencies(false);
  std::vector<std::uint32_t> place_of(drafts_.size());
  for (std::uint32_t i = 0; i < order_.size(); ++i) place_of[order_[i]] = i;
  for (std::uint32_t i = 0; i < order_.size(); ++i) {
    Draft& draft = drafts_[order_[i]];
    PlannedStage stage = std::move(draft.stage);
    for (const std::uint32_t need : needs[order_[i]]) stage.needs.push_back(place_of[need]);
    sort_unique(stage.needs);
    for (const Use& use : draft.uses.all) {
      if (use.slot >= first_stage_ && use.slot < plan.slots && !use.guarded && !use.stream)
        stage.required.push_back(use.slot - first_stage_);
    }
    sort_unique(stage.required);
    if (stage.streams_from) stage.streams_from = *stage.streams_from - first_stage_;
    if (draft.fallback) stage.on_failure.stage = *draft.fallback - first_stage_;
    plan.stages.push_back(std::move(stage));
  }
  for (std::uint32_t i = 0; i < plan.stages.size(); ++i) {
    for (const std::uint32_t need : plan.stages[i].needs) plan.stages[need].consumers.push_back(i);
  }
  link_fallbacks(plan, path);
  find_absent(plan);
  link_groups(plan);
}

void PipelineCompiler::link_fallbacks(Plan& plan, const Path& path) {
  for (std::uint32_t i = 0; i < plan.stages.size(); ++i) {
    const auto fallback = plan.stages[i].on_failure.stage;
    if (!fallback) continue;
    const Draft& draft = drafts_[order_[i]];
    const Path at = path[draft.index];
    PlannedStage& other = plan.stages[*fallback];
    if (other.fallback_of) {
      checker_.report(draft.node->place, at / "on_failure",
                      fmt::format("'{}' is the fallback of '{}' already; a stage stands in for one other", other.id,
                                  plan.stages[*other.fallback_of].id));
      continue;
    }
    other.fallback_of = i;
    // Follow the chain of fallbacks: coming back here is a loop.
    std::string chain = plan.stages[i].id;
    auto next = fallback;
    for (std::size_t steps = 0; next && *next >= i && steps <= plan.stages.size(); ++steps) {  // told once, by its first stage
      chain += " -> " + plan.stages[*next].id;
      if (*next == i) {
        checker_.report(draft.node->place, at / "on_failure", "fallbacks in a circle: " + chain);
        break;
      }
      next = plan.stages[*next].on_failure.stage;
    }
  }
}

// Depth for showing: a fallback stands behind the stage it may replace, and before those that take from it.
void PipelineCompiler::link_groups(Plan& plan) const {
  std::vector<std::vector<std::uint32_t>> edges;
  for (const PlannedStage& stage : plan.stages) {
    edges.push_back(stage.needs);
    if (stage.streams_from) edges.back().push_back(*stage.streams_from);
    for (const std::uint32_t need : stage.needs) {
      if (plan.stages[need].on_failure.stage) edges.back().push_back(*plan.stages[need].on_failure.stage);
    }
    if (stage.fallback_of) edges.back().push_back(*stage.fallback_of);
  }
  const TopologicalOrder sorted = topological_order(edges);
  if (sorted.order.empty()) return;  // fallbacks in a circle, reported above
  for (std::uint32_t i = 0; i < plan.stages.size(); ++i) {
    if (plan.groups.size() <= sorted.depth[i]) plan.groups.resize(sorted.depth[i] + 1);
    plan.groups[sorted.depth[i]].push_back(i);
  }
}

void PipelineCompiler::find_absent(Plan& plan) const {
  for (PlannedStage& stage : plan.stages) {
    stage.may_be_absent = !always(stage) || stage.on_failure.kind == FailurePolicy::Kind::proceed || stage.fallback_of;
    for (const std::uint32_t need : stage.required) stage.may_be_absent = stage.may_be_absent || plan.stages[need].may_be_absent;
    if (stage.streams_from) stage.may_be_absent = stage.may_be_absent || plan.stages[*stage.streams_from].may_be_absent;
  }
  // A fallback that may itself be skipped leaves a failed stage without output.
  for (PlannedStage& stage : plan.stages) {
    if (!stage.on_failure.stage) continue;
    const PlannedStage& other = plan.stages[*stage.on_failure.stage];
    const bool other_may_fail_silently = !always(other) || other.on_failure.kind == FailurePolicy::Kind::proceed;
    stage.may_be_absent = stage.may_be_absent || other_may_fail_silently;
  }
}

std::string PipelineCompiler::why_absent(const Plan& plan, std::uint32_t stage) {
  const PlannedStage& at = plan.stages[stage];
  if (!always(at)) return fmt::format("stage '{}' is skipped when its `when` is false", at.id);
  if (at.on_failure.kind == FailurePolicy::Kind::proceed) return fmt::format("stage '{}' may fail and the run continue", at.id);
  if (at.fallback_of) return fmt::format("stage '{}' runs only when '{}' has failed", at.id, plan.stages[*at.fallback_of].id);
  for (const std::uint32_t need : at.required) {
    if (need < stage && plan.stages[need].may_be_absent) {
      return fmt::format("stage '{}' is skipped where '{}' is absent ({})", at.id, plan.stages[need].id, why_absent(plan, need));
    }
  }
  return fmt::format("the fallback of stage '{}' may be skipped", at.id);
}

void PipelineCompiler::check_output(const Plan& plan, const Path& path, const Uses& output, const Type* declared,
                                    const Node* node) {
  if (declared != nullptr && declared->may_be_absent()) return;
  std::vector<std::uint32_t> told;
  for (const Use& use : output.all) {
    if (use.guarded || use.slot < first_stage_ || use.slot >= plan.slots) continue;
    const std::uint32_t stage = use.slot - first_stage_;
    if (!plan.stages[stage].may_be_absent || std::ranges::find(told, stage) != told.end()) continue;
    // A field declared as one that may be absent needs no guard.
    const auto covers = [&](const Node::Member& member) {
      const Type* field = declared == nullptr ? nullptr : declared->field(member.key);
      return &member.node == use.node && field != nullptr && field->may_be_absent();
    };
    if (node != nullptr && std::ranges::any_of(node->members, covers)) continue;
    told.push_back(stage);
    const Place place = node == nullptr ? use.node->place : checker_.definition().place_in(*use.node, use.offset);
    const std::string& id = plan.stages[stage].id;
    checker_.report(place, path,
                    fmt::format("the output may be missing: {}; {}", why_absent(plan, stage),
                                node == nullptr ? fmt::format("write an `output` with default({}, ...)", id)
                                                : fmt::format("write default({}, ...) or ask has({}) first", id, id)));
  }
}

void PipelineCompiler::check_reached(const Plan& plan, const Path& path, const Uses& output) {
  std::vector<bool> used(plan.stages.size()), dead(plan.stages.size());
  for (const Use& use : output.all) {
    if (use.slot >= first_stage_ && use.slot < plan.slots) used[use.slot - first_stage_] = true;
  }
  for (std::uint32_t i = 0; i < plan.stages.size(); ++i) {
    const PlannedStage& stage = plan.stages[i];
    for (const std::uint32_t need : stage.needs) used[need] = true;
    if (stage.on_failure.stage) used[*stage.on_failure.stage] = true;
    if (stage.streams_from) used[*stage.streams_from] = true;
    const Draft& draft = drafts_[order_[i]];
    const Path at = path[draft.index];
    if (never(stage)) {
      dead[i] = true;
      checker_.report(draft.node->place, at, fmt::format("stage '{}' can never run: its `when` is always false", stage.id));
      continue;
    }
    for (const std::uint32_t need : stage.required) {
      if (!dead[need]) continue;
      dead[i] = true;
      checker_.report(draft.node->place, at,
                      fmt::format("stage '{}' can never run: it needs '{}', which never does", stage.id, plan.stages[need].id));
      break;
    }
  }
  for (std::uint32_t i = 0; i < plan.stages.size(); ++i) {
    const Draft& draft = drafts_[order_[i]];
    if (used[i] || dead[i] || draft.effects || draft.kind == nullptr || draft.id.empty() || plan.stages[i].body == nullptr)
      continue;
    checker_.report(
        draft.node->place, path[draft.index],
        fmt::format("nothing uses the output of stage '{}', and stage type '{}' does nothing else; refer to it or remove it",
                    draft.id, draft.kind->contract.name));
  }
}

}  // namespace thalweg
