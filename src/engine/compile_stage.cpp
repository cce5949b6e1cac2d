#include <ranges>

#include "base/utf8.h"
#include "engine/compile_with.h"
#include "lang/guards.h"

namespace thalweg {

using lang::Type;

std::vector<std::string_view> PipelineCompiler::ids() const {
  std::vector<std::string_view> all;
  for (const Draft& draft : drafts_) {
    if (!draft.id.empty()) all.push_back(draft.id);
  }
  return all;
}

std::optional<std::uint32_t> PipelineCompiler::stage_slot(std::string_view id) const {
  const auto found = by_id_.find(id);
  if (found == by_id_.end()) return {};
  return first_stage_ + static_cast<std::uint32_t>(std::ranges::find(order_, found->second) - order_.begin());
}

void PipelineCompiler::read(const Node& stages, const Path& path) {
  if (!checker_.list(stages, path, describe(Form::stages))) return;
  for (std::size_t i = 0; i < stages.items.size(); ++i) {
    const Node& node = stages.items[i];
    const Path stage_path = path[i];
    if (!checker_.block(node, stage_path, blocks::stage())) continue;
    Draft draft;
    draft.node = &node;
    draft.index = i;
    draft.stage.place = node.place;
    if (const Node* id = node.find("id")) {
      if (auto found = checker_.id(*id, stage_path / "id")) {
        const auto number = static_cast<std::uint32_t>(drafts_.size());
        if (scope_.find(*found) != nullptr) {
          checker_.report(id->place, stage_path / "id",
                          fmt::format("'{}' is the name of something else that is seen here", *found));
        } else if (!by_id_.emplace(*found, number).second) {
          checker_.report(id->place, stage_path / "id", fmt::format("another stage has the id '{}'", *found));
        } else {
          draft.id = std::move(*found);
        }
      }
    }
    if (const Node* uses = node.find("uses")) {
      if (const auto type = checker_.text(*uses, stage_path / "uses")) {
        draft.kind = whole_.options.catalog->find(*type);
        if (draft.kind == nullptr) {
          checker_.report(
              uses->place, stage_path / "uses",
              fmt::format("unknown stage type '{}'{}", utf8::cut(*type), hint(*type, whole_.options.catalog->names())));
        } else {
          whole_.versions.emplace(draft.kind->contract.name, draft.kind->contract.version);
        }
      }
    }
    drafts_.push_back(std::move(draft));
  }
}

std::vector<lang::Variable> assume_present(lang::Scope& scope, std::string_view condition) {
  std::vector<lang::Variable> before;
  for (const std::string& path : lang::tested_paths(condition)) {
    const std::size_t dot = path.find('.');
    const lang::Variable* variable = scope.find(path.substr(0, dot));
    if (variable == nullptr) continue;
    const std::string_view fields = dot == std::string::npos ? std::string_view() : std::string_view(path).substr(dot + 1);
    before.push_back(*variable);
    scope.set_type(variable->slot, lang::with_present(variable->type, fields));
  }
  return before;
}

void PipelineCompiler::compile_stage(Draft& draft, const Path& path) {
  const std::size_t index = draft.index;
  draft.uses = {};
  draft.needs.clear();
  draft.fallback.reset();
  draft.deterministic = true;
  draft.effects = false;
  draft.captured.clear();
  draft.inner.clear();
  PlannedStage fresh;
  fresh.id = draft.id;
  fresh.kind = draft.kind;
  fresh.place = draft.node->place;
  draft.stage = std::move(fresh);
  const Path stage_path = path[index];

  ArgumentCompiler arguments(checker_, scope_, draft.uses);
  Uses condition;
  if (const Node* when = draft.node->find("when")) {
    ArgumentCompiler inner(checker_, scope_, condition);
    draft.stage.when = inner.expression(*when, stage_path / "when", Type(Type::Kind::boolean));
  }
  std::vector<lang::Variable> before;
  if (draft.stage.when) before = assume_present(scope_, draft.stage.when->source());
  const Policies own = read_policies(checker_, *draft.node, stage_path, arguments);
  const Policies& defaults = whole_.defaults;
  draft.stage.timeout = own.timeout ? own.timeout : defaults.timeout;
  draft.stage.retry = own.retry ? *own.retry : defaults.retry.value_or(Retry{});
  draft.stage.concurrency = own.concurrency ? own.concurrency : defaults.concurrency;
  draft.stage.on_failure = own.on_failure ? *own.on_failure : defaults.on_failure.value_or(FailurePolicy{});
  stage_names(draft, stage_path, own);

  if (draft.kind != nullptr) WithCompiler(*this, draft, stage_path / "with").compile();
  for (const Use& use : condition.all) {
    if (use.guarded) draft.uses.guard(use.slot);
  }
  draft.uses.add(condition, UINT32_MAX);
  cache(draft, stage_path, arguments);
  for (const lang::Variable& variable : before | std::views::reverse) scope_.set_type(variable.slot, variable.type);
  if (draft.kind != nullptr && draft.stage.streams_from && own.retry && own.retry->retries > 0) {
    checker_.report(draft.node->find("retry")->place, stage_path / "retry",
                    "a stage that is fed by a stream cannot be repeated: what it has read is gone");
  }
  if (draft.stage.streams_from && !own.retry) draft.stage.retry = {};
  if (draft.stage.on_failure.value && draft.stage.body != nullptr) {
    const Argument& value = *draft.stage.on_failure.value;
    const Type type = value.kind == Argument::Kind::constant ? deep_type(value.constant) : Type();
    draft.stage.output = lang::join(taken_whole(draft.stage.output), type);
  }
  if (draft.kind != nullptr && draft.stage.cache) set_fingerprint(draft);
}

void PipelineCompiler::stage_names(Draft& draft, const Path& path, const Policies& own) {
  if (own.fallback_node != nullptr) {
    draft.fallback = stage_slot(own.fallback);
    if (!draft.fallback) {
      checker_.report(own.fallback_node->place, path / "on_failure",
                      fmt::format("no stage '{}' for the fallback{}", utf8::cut(own.fallback), hint(own.fallback, ids())));
    }
  }
  const Node* needs = draft.node->find("needs");
  const Path needs_path = path / "needs";
  if (needs == nullptr || !checker_.list(*needs, needs_path, describe(Form::ids))) return;
  for (std::size_t i = 0; i < needs->items.size(); ++i) {
    const auto id = checker_.text(needs->items[i], needs_path[i]);
    if (!id) continue;
    if (const auto slot = stage_slot(*id)) {
      draft.needs.push_back(*slot);
    } else {
      checker_.report(needs->items[i].place, needs_path[i],
                      fmt::format("no stage '{}' here{}", utf8::cut(*id), hint(*id, ids())));
    }
  }
}

void PipelineCompiler::cache(Draft& draft, const Path& path, ArgumentCompiler& arguments) {
  const Node* node = draft.node->find("cache");
  if (node == nullptr || !checker_.block(*node, path / "cache", blocks::cache())) return;
  CachePolicy policy;
  const Path cache_path = path / "cache";
  if (const Node* ttl = node->find("ttl")) {
    if (const auto found = checker_.span(*ttl, cache_path / "ttl")) policy.ttl = *found;
  }
  if (const Node* key = node->find("key")) policy.key = arguments.expression(*key, cache_path / "key", {});
  const auto refuse = [&](std::string why) { checker_.report(node->place, cache_path, "cannot be cached: " + std::move(why)); };
  if (draft.kind != nullptr && !draft.deterministic) {
    refuse(fmt::format("stage type '{}', or a stage inside it, may give another result for the same arguments",
                       draft.kind->contract.name));
  }
  if (draft.kind != nullptr && draft.effects) {
    refuse(fmt::format("stage type '{}', or a stage inside it, does more than give a result", draft.kind->contract.name));
  }
  if (draft.uses.now) refuse("it uses `now`, which is another one in each run");
  if (draft.stage.streams_from) refuse("it is fed by a stream");
  draft.stage.cache = std::move(policy);
}

StageMeaning Draft::meaning() const {
  if (kind == nullptr) return {};
  StageMeaning made;
  made.type = kind->contract.name;
  made.version = kind->contract.version;
  made.inner = inner;
  return made;
}

void PipelineCompiler::set_fingerprint(Draft& draft) const {
  PlannedStage& stage = draft.stage;
  stage.captured = draft.captured;
  std::ranges::sort(stage.captured);
  stage.captured.erase(std::ranges::unique(stage.captured).begin(), stage.captured.end());
  StageMeaning meaning = draft.meaning();
  meaning.with = draft.node->find("with");
  if (!draft.inner.empty()) meaning.defaults = checker_.definition().root.find("defaults");
  if (stage.cache->key) meaning.key = stage.cache->key->source();
  for (const lang::Variable& variable : scope_.variables()) {
    if (std::ranges::binary_search(stage.captured, variable.slot)) meaning.names.push_back(variable.name);
  }
  meaning.output = stage.output.text();
  stage.fingerprint = stage_fingerprint(meaning);
}

}  // namespace thalweg
