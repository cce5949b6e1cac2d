#include "engine/compiler.h"
#include "engine/topological.h"

namespace thalweg {

using lang::Type;

std::shared_ptr<Plan> PipelineCompiler::compile(const Node* stages, const Path& stages_path, const Node* output,
                                                const Path& output_path, const Node& whole, const Type* output_type, Uses& uses) {
  auto plan = std::make_shared<Plan>();
  plan->source = whole_.source;
  plan->first_local = first_local_;
  plan->first_stage = first_stage_;
  if (stages != nullptr) {
    read(*stages, stages_path);
    if (stages->kind == Node::Kind::list && stages->items.empty() && output == nullptr) {
      checker_.report(stages->place, stages_path, "there must be at least one stage, or an output");
    }
    if (!drafts_.empty()) compile_all(stages_path);
  } else if (output == nullptr) {
    checker_.report(whole.place, stages_path, "there must be stages or an output");
  }
  plan->slots = scope_.slots();

  Uses output_uses;
  if (output != nullptr) {
    ArgumentCompiler arguments(checker_, scope_, output_uses);
    TypedArgument found = arguments.value(*output, output_path, output_type == nullptr ? Type() : *output_type);
    plan->output = std::move(found.argument);
    plan->check_output = found.fit == Fit::unsure;
    if (output_type != nullptr) {
      plan->output_type = *output_type;
    } else {
      plan->output_type = std::move(found.type);
    }
  } else if (!drafts_.empty()) {
    const auto last = stage_slot(drafts_.back().id);
    const Type type = taken_whole(drafts_.back().stage.output);
    if (last) {
      plan->output.kind = Argument::Kind::variable;
      plan->output.slot = *last;
      output_uses.all.push_back({*last, false, false, drafts_.back().node, 0});
    }
    plan->output_type = output_type != nullptr ? *output_type : type;
    if (output_type != nullptr) {
      const Fit good = fits(*output_type, type);
      plan->check_output = good == Fit::unsure;
      if (good == Fit::no) {
        checker_.report(drafts_.back().node->place, stages_path,
                        fmt::format("the last stage gives {}, but the output type is {}", type.text(), output_type->text()));
      }
    }
  }
  // A cycle was reported: what would follow from the order of the stages is not known.
  if (!order_.empty() || drafts_.empty()) {
    link(*plan, stages_path);
    check_output(*plan, output != nullptr ? output_path : stages_path, output_uses, output_type, output);
    check_reached(*plan, stages_path, output_uses);
  }
  Uses all = std::move(output_uses);
  for (const Draft& draft : drafts_) all.add(draft.uses, UINT32_MAX);
  for (const Use& use : all.all) {
    if (use.slot < first_local_) plan->captured.push_back(use.slot);
  }
  std::ranges::sort(plan->captured);
  plan->captured.erase(std::ranges::unique(plan->captured).begin(), plan->captured.end());
  plan->deterministic = !all.now && std::ranges::all_of(drafts_, &Draft::deterministic);
  plan->effects = std::ranges::any_of(drafts_, &Draft::effects);
  plan->most_locals = most_locals_;
  std::vector<StageMeaning> meanings;
  for (const Draft& draft : drafts_) meanings.push_back(draft.meaning());
  plan->fingerprint = nested_fingerprint(meanings);
  uses.add(all, first_local_);
  return plan;
}

void PipelineCompiler::compile_all(const Path& path) {
  NameScan scan(by_id_);
  std::vector<std::vector<std::uint32_t>> guessed;
  for (const Draft& draft : drafts_)
    guessed.push_back(scan.stage(*draft.node, draft.kind == nullptr ? nullptr : &draft.kind->contract));
  TopologicalOrder sorted = topological_order(guessed);
  if (!sorted.order.empty()) return compile_in(sorted.order, path);

  // Words alone make a circle. Perhaps they are no references: compile without knowing types to see what refers to what.
  std::vector<std::uint32_t> as_written(drafts_.size());
  for (std::uint32_t i = 0; i < as_written.size(); ++i) as_written[i] = i;
  const lang::Scope before = scope_;
  const std::size_t problems = checker_.problems().size();
  compile_in(as_written, path);
  const auto needs = dependencies(true);
  sorted = topological_order(needs);
  if (!sorted.order.empty()) {
    checker_.problems().resize(problems);
    scope_ = before;
    return compile_in(sorted.order, path);
  }
  const Draft& first = drafts_[sorted.cycle[0]];
  std::string circle;
  for (const std::uint32_t node : sorted.cycle) circle += drafts_[node].id + " -> ";
  checker_.report(first.node->place, path[first.index],
                  fmt::format("stages need each other in a circle: {}{}", circle, first.id));
  order_.clear();
}

void PipelineCompiler::compile_in(const std::vector<std::uint32_t>& order, const Path& path) {
  order_ = order;
  for (const std::uint32_t draft : order_) {
    // Without a good id the stage still has its slot, under a name that no expression can write.
    scope_.add(drafts_[draft].id.empty() ? fmt::format("#{}", draft) : drafts_[draft].id);
  }
  for (std::uint32_t i = 0; i < order_.size(); ++i) {
    Draft& draft = drafts_[order_[i]];
    compile_stage(draft, path);
    Type type = taken_whole(draft.stage.output);
    if (draft.fallback && *draft.fallback < first_stage_ + i) {
      type = lang::join(type, taken_whole(drafts_[order_[*draft.fallback - first_stage_]].stage.output));
      draft.stage.output = type;
    } else if (draft.fallback) {
      type = {};
      draft.stage.output = type;
    }
    scope_.set_type(first_stage_ + i, std::move(type));
  }
}

// By draft: what must be there before. A fallback's needs are those of the stage it stands in for, so that it can start at once.
std::vector<std::vector<std::uint32_t>> PipelineCompiler::dependencies(bool with_streams) const {
  std::vector<std::vector<std::uint32_t>> all(drafts_.size());
  const auto draft_of = [&](std::uint32_t slot) { return order_[slot - first_stage_]; };
  for (std::size_t i = 0; i < drafts_.size(); ++i) {
    const Draft* at = &drafts_[i];
    for (std::size_t steps = 0; at != nullptr && steps <= drafts_.size(); ++steps) {
      for (const Use& use : at->uses.all) {
        if (use.slot >= first_stage_ && use.slot < scope_.slots() && (with_streams || !use.stream))
          all[i].push_back(draft_of(use.slot));
      }
      for (const std::uint32_t slot : at->needs) all[i].push_back(draft_of(slot));
      at = at->fallback ? &drafts_[draft_of(*at->fallback)] : nullptr;
    }
    std::ranges::sort(all[i]);
    all[i].erase(std::ranges::unique(all[i]).begin(), all[i].end());
  }
  return all;
}

}  // namespace thalweg
