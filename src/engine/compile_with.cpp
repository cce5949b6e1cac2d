#include "engine/compile_with.h"

#include <charconv>

#include "base/utf8.h"

namespace thalweg {

using lang::Type;

const StageConfiguration::Known* StageConfiguration::find(std::string_view field) const {
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    if (contract_.fields[i].name == field) return &fields_[i];
  }
  return nullptr;
}

const Value* StageConfiguration::constant(std::string_view field) const {
  const Known* known = find(field);
  return known == nullptr || !known->constant ? nullptr : &*known->constant;
}

Type StageConfiguration::type(std::string_view field) const {
  if (field.empty()) return open_;
  const Known* known = find(field);
  return known == nullptr ? Type() : known->type;
}

const Plan* StageConfiguration::pipeline(std::string_view field) const {
  const Known* known = find(field);
  return known == nullptr ? nullptr : known->pipeline.get();
}

bool StageConfiguration::given(std::string_view field) const {
  const Known* known = find(field);
  return known != nullptr && known->given;
}

Result<std::shared_ptr<const Plan>> StageConfiguration::load(std::string_view pipeline) const {
  if (!whole_.options.load) return fail(Code::not_found, "there is nowhere to look for the pipeline '{}'", utf8::cut(pipeline));
  auto plan = TRY(whole_.options.load(pipeline));
  if (std::ranges::find(loaded_, plan) == loaded_.end()) loaded_.push_back(plan);
  if (std::ranges::find(whole_.loaded, plan) == whole_.loaded.end()) whole_.loaded.push_back(plan);
  return plan;
}

WithCompiler::WithCompiler(PipelineCompiler& outer, Draft& draft, const Path& path)
    : outer_(outer),
      checker_(outer.checker_),
      draft_(draft),
      path_(path),
      contract_(draft.kind->contract),
      with_(draft.node->find("with")),
      configuration_(contract_, outer.whole_),
      arguments_(outer.checker_, outer.scope_, draft.uses) {}

void WithCompiler::compile() {
  const std::size_t problems_before = checker_.problems().size();
  const std::size_t n = contract_.fields.size();
  PlannedStage& stage = draft_.stage;
  stage.arguments.resize(n + (contract_.open_fields ? 1 : 0));
  stage.expressions.resize(n);
  stage.pipelines.resize(n);
  stage.cases.resize(n);
  if (with_ != nullptr && with_->is_null()) with_ = nullptr;
  if (with_ != nullptr && with_->kind != Node::Kind::map) {
    checker_.report(with_->place, path_, fmt::format("must be {}, not {}", describe(Form::with), kind_of(*with_)));
    return;
  }
  keys();
  const auto is_plain = [&](std::size_t i) { return contract_.fields[i].binding <= Binding::constant; };
  Uses outside;  // of inner places
  // Locals may be elements of plain fields: those come first.
  for (const bool plain_ones : {true, false}) {
    for (std::size_t i = 0; i < n; ++i) {
      if (is_plain(i) != plain_ones) continue;
      const Node* node = with_ == nullptr ? nullptr : with_->find(contract_.fields[i].name);
      const Path path = path_ / contract_.fields[i].name;
      if (node == nullptr) {
        absent(i);
      } else if (plain_ones) {
        plain(i, *node, path);
      } else {
        inner(i, *node, path);
      }
    }
    if (plain_ones) outside = std::exchange(draft_.uses, {});
  }
  for (const Use& use : draft_.uses.all) {
    if (use.slot < outer_.scope_.slots()) draft_.captured.push_back(use.slot);
  }
  outside.add(draft_.uses, UINT32_MAX);
  draft_.uses = std::move(outside);
  if (contract_.open_fields) open_fields();
  make(problems_before);
}

void WithCompiler::keys() {
  const auto names = [&] {
    std::vector<std::string_view> all;
    for (const Field& field : contract_.fields) all.push_back(field.name);
    return all;
  };
  if (with_ != nullptr && !contract_.open_fields) {
    for (const Node::Member& member : with_->members) {
      if (find_field(contract_, member.key) != nullptr) continue;
      const std::string known = contract_.fields.empty() ? std::string("; it has no fields") : hint(member.key, names());
      checker_.report(member.place, path_,
                      fmt::format("stage type '{}' has no field '{}'{}", contract_.name, utf8::cut(member.key), known));
    }
  }
  for (const Field& field : contract_.fields) {
    if (!field.required || (with_ != nullptr && with_->find(field.name) != nullptr)) continue;
    checker_.report(with_ == nullptr ? draft_.node->place : with_->place, path_,
                    fmt::format("the field '{}' of stage type '{}' is missing; it must be {}", field.name, contract_.name,
                                field.binding == Binding::expression ? "an expression"
                                : field.binding == Binding::pipeline ? "a nested pipeline"
                                : field.binding == Binding::cases    ? "a list of cases"
                                                                     : field.type.marked(false).text()));
  }
}

void WithCompiler::open_fields() {
  Node rest;
  rest.kind = Node::Kind::map;
  rest.place = with_ == nullptr ? draft_.node->place : with_->place;
  Argument& argument = draft_.stage.arguments.back();
  argument.kind = Argument::Kind::map;
  std::vector<Type::Field> types;
  bool constant = true;
  std::vector<Entry> entries;
  for (const Node::Member& member : with_ == nullptr ? std::span<const Node::Member>() : std::span(with_->members)) {
    if (find_field(contract_, member.key) != nullptr) continue;
    TypedArgument item = arguments_.value(member.node, path_ / member.key, {});
    constant = constant && item.argument.kind == Argument::Kind::constant;
    types.push_back({member.key, std::move(item.type)});
    if (constant) entries.push_back({Value(member.key), item.argument.constant});
    argument.keys.push_back(member.key);
    argument.items.push_back(std::move(item.argument));
  }
  configuration_.open_type(Type::object(std::move(types)));
  if (!constant) return;
  argument = {};
  argument.constant = Value::map(std::move(entries));
}

void WithCompiler::plain(std::size_t index, const Node& node, const Path& path) {
  const Field& field = contract_.fields[index];
  StageConfiguration::Known& known = configuration_.at(index);
  known.given = true;
  if (field.binding == Binding::constant) {
    known.constant = arguments_.constant(node, path, field.type);
    known.type = field.type;
    return;
  }
  if (field.type.is(Type::Kind::stream) && stream(index, node, field.type)) return;
  TypedArgument found = arguments_.value(node, path, field.type);
  if (found.argument.kind == Argument::Kind::constant) known.constant = found.argument.constant;
  // What the contract says more precisely than the argument itself is known once that has been checked.
  known.type = found.type.is_dyn() ? taken_whole(field.type) : found.type;
  if (found.fit == Fit::unsure) draft_.stage.unchecked.push_back(static_cast<std::uint32_t>(index));
  draft_.stage.arguments[index] = std::move(found.argument);
}

// A stream<T> field that is a lone `{{ stage }}` of a stage that emits is fed by that stream; everything else is taken whole.
bool WithCompiler::stream(std::size_t index, const Node& node, const Type& type) {
  if (!node.is_string()) return false;
  std::vector<lang::SourceError> ignored;
  const auto text = lang::compile_template(node.value.as_string(), outer_.scope_, {}, ignored);
  const auto slot = text && ignored.empty() ? lone_variable(*text) : std::nullopt;
  if (!slot || *slot < outer_.first_stage_ || *slot >= outer_.scope_.slots()) return false;
  const Draft& feeder = outer_.drafts_[outer_.order_[*slot - outer_.first_stage_]];
  if (feeder.kind == nullptr || !feeder.stage.output.is(Type::Kind::stream)) return false;
  const Path path = path_ / contract_.fields[index].name;
  if (fits(type.argument(0), feeder.stage.output.argument(0)) == Fit::no) {
    checker_.report(node.place, path,
                    fmt::format("must be {}, but '{}' gives {}", type.text(), feeder.id, feeder.stage.output.text()));
  }
  if (draft_.stage.streams_from) {
    checker_.report(node.place, path, "another field of this stage is fed by a stream already; a stage takes one");
  }
  draft_.stage.streams_from = *slot;  // made the stage's number by link()
  draft_.stage.stream_field = static_cast<std::uint32_t>(index);
  draft_.uses.all.push_back({*slot, false, true, &node, 0});
  configuration_.at(index).type = Type::list(feeder.stage.output.argument(0));
  return true;
}

void WithCompiler::absent(std::size_t index) {
  const Field& field = contract_.fields[index];
  StageConfiguration::Known& known = configuration_.at(index);
  known.type = field.type.may_be_absent() || field.required ? field.type : taken_whole(field.type);
  if (!field.fallback) return;
  if (field.binding == Binding::expression && field.fallback->is_string()) {
    const lang::Scope scope = with_locals(field);
    ArgumentCompiler inner(checker_, scope, draft_.uses);
    draft_.stage.expressions[index] =
        inner.expression_text(field.fallback->as_string(), *draft_.node, path_ / field.name, field.type);
    return;
  }
  Value value = *field.fallback;
  if (!fit(field.type, value)) value = *field.fallback;
  known.constant = value;
  draft_.stage.arguments[index].constant = std::move(value);
}

lang::Scope WithCompiler::with_locals(const Field& field) {
  lang::Scope scope = outer_.scope_;
  for (const Local& local : field.locals) {
    Type type = local.type;
    if (!local.element_of.empty()) {
      const Type from = configuration_.type(local.element_of);
      using K = Type::Kind;
      type = from.is(K::list) || from.is(K::stream) ? from.argument(0) : Type();
    }
    scope.add(local.name, std::move(type));
  }
  outer_.most_locals_ = std::max(outer_.most_locals_, static_cast<std::uint32_t>(field.locals.size()));
  return scope;
}

void WithCompiler::inner(std::size_t index, const Node& node, const Path& path) {
  const Field& field = contract_.fields[index];
  configuration_.at(index).given = true;
  const lang::Scope scope = with_locals(field);
  if (field.binding == Binding::pipeline) return nested(index, node, path, scope);
  if (field.binding == Binding::cases) return cases(index, node, path, scope);
  Uses uses;
  ArgumentCompiler arguments(checker_, scope, uses);
  draft_.stage.expressions[index] = arguments.expression(node, path, field.type);
  draft_.uses.add(uses, outer_.scope_.slots());
  const auto& expression = draft_.stage.expressions[index];
  configuration_.at(index).type = expression ? expression->type() : Type();
}

std::shared_ptr<const Plan> WithCompiler::pipeline(const Node& node, const Path& path, const lang::Scope& scope, Uses& uses) {
  const Node* stages = nullptr;
  const Node* output = nullptr;
  const bool is_block =
      node.kind == Node::Kind::map && !node.members.empty() &&
      std::ranges::all_of(node.members, [](const auto& member) { return blocks::nested().find(member.key) != nullptr; });
  if (node.kind == Node::Kind::list) {
    stages = &node;
  } else if (is_block) {
    stages = node.find("stages");
    output = node.find("output");
  } else {
    output = &node;
  }
  const Path stages_path = is_block ? path / "stages" : path;
  const Path output_path = is_block ? path / "output" : path;
  PipelineCompiler compiler(outer_.whole_, scope, outer_.scope_.slots());
  std::shared_ptr<Plan> plan = compiler.compile(stages, stages_path, output, output_path, node, nullptr, uses);
  draft_.deterministic = draft_.deterministic && plan->deterministic;
  draft_.effects = draft_.effects || plan->effects;
  draft_.inner.push_back(plan->fingerprint);
  return plan;
}

void WithCompiler::nested(std::size_t index, const Node& node, const Path& path, const lang::Scope& scope) {
  auto plan = pipeline(node, path, scope, draft_.uses);
  configuration_.at(index).type = plan->output_type;
  configuration_.at(index).pipeline = plan;
  draft_.stage.pipelines[index] = std::move(plan);
}

void WithCompiler::cases(std::size_t index, const Node& node, const Path& path, const lang::Scope& scope) {
  if (!checker_.list(node, path, "a list of {when, then}")) return;
  if (node.items.empty()) checker_.report(node.place, path, "there must be at least one case");
  bool always = false;
  std::optional<Type> joined;
  for (std::size_t i = 0; i < node.items.size(); ++i) {
    const Node& item = node.items[i];
    const Path item_path = path[i];
    if (!checker_.block(item, item_path, blocks::branch())) continue;
    if (always) checker_.report(item.place, item_path, "this case is never reached: the one before has no `when`");
    PlannedStage::Case branch;
    Uses uses, condition;
    if (const Node* when = item.find("when")) {
      ArgumentCompiler arguments(checker_, scope, condition);
      branch.when = arguments.expression(*when, item_path / "when", Type(Type::Kind::boolean));
    } else {
      always = true;
    }
    if (const Node* then = item.find("then")) {
      lang::Scope inside = scope;
      if (branch.when) assume_present(inside, branch.when->source());
      branch.then = pipeline(*then, item_path / "then", inside, uses);
      joined = joined ? lang::join(*joined, branch.then->output_type) : branch.then->output_type;
    }
    for (const Use& use : condition.all) {
      if (use.guarded) uses.guard(use.slot);
    }
    draft_.uses.add(condition, outer_.scope_.slots());
    draft_.uses.add(uses, outer_.scope_.slots());
    draft_.stage.cases[index].push_back(std::move(branch));
  }
  const Type type = joined.value_or(Type());
  configuration_.at(index).type = always ? type : type.marked(true);
}

// A factory names the field that is wrong as its error's path, or a part of one ("values[1]"): the problem is told there.
void WithCompiler::report_within(const Node& node, const Path& path, std::string_view way, const std::string& message) {
  if (way.starts_with('[')) {
    std::size_t item = 0;
    const auto [end, error] = std::from_chars(way.data() + 1, way.data() + way.size(), item);
    if (error == std::errc{} && item < node.items.size()) {
      way.remove_prefix(std::min(static_cast<std::size_t>(end - way.data()) + 1, way.size()));
      return report_within(node.items[item], path[item], way, message);
    }
  }
  const std::string_view name = way.substr(0, way.find_first_of(".["));
  if (const Node* inner = name.empty() ? nullptr : node.find(name)) {
    way.remove_prefix(name.size());
    return report_within(*inner, path / name, way.starts_with('.') ? way.substr(1) : way, message);
  }
  checker_.report(node.place, path, way.empty() ? message : fmt::format("{}: {}", way, message));
}

void WithCompiler::make(std::size_t problems_before) {
  Draft& draft = draft_;
  draft.deterministic = draft.deterministic && contract_.deterministic;
  draft.effects = draft.effects || contract_.effects;
  draft.stage.output = contract_.output;
  if (checker_.problems().size() > problems_before) {
    if (contract_.output_of) draft.stage.output = {};
    return;
  }
  auto body = draft.kind->make(configuration_);
  if (!body) {
    const std::string text = body.error().text();
    const std::string& all = body.error().path();
    const std::string_view way = std::string_view(all).substr(0, all.find(": "));
    report_within(with_ == nullptr ? *draft.node : *with_, path_, way, way.empty() ? text : text.substr(way.size() + 2));
    if (contract_.output_of) draft.stage.output = {};
    return;
  }
  draft.stage.body = std::move(*body);
  if (contract_.output_of) draft.stage.output = contract_.output_of(configuration_);
  for (const auto& plan : configuration_.loaded()) {
    draft.deterministic = draft.deterministic && plan->deterministic;
    draft.effects = draft.effects || plan->effects;
    draft.inner.push_back(plan->fingerprint);
  }
}

}  // namespace thalweg
