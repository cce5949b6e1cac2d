#include "typed/sketch.h"

#include "typed/stage_text.h"
#include "typed/stage_writer.h"
#include "typed/yaml.h"

namespace thalweg::typed {

namespace {

using detail::Does;
using detail::Step;
using detail::Steps;

class Drawing : StageWriter {
 public:
  Result<Drawn> whole(const std::string& name, const Steps& steps, std::string_view input, std::string_view output) {
    Scope scope("input");
    TRY(all(steps, scope));
    TRY(all_collected(scope));
    Map root;
    root.push_back({"name", text(name.empty() ? std::string_view("pipeline") : std::string_view(name))});
    root.push_back({"input", text(input)});
    root.push_back({"output_type", text(output)});
    root.push_back({"stages", Value::list(std::move(scope.stages))});
    root.push_back({"output", hole(scope.at)});
    drawn_.text = TRY(to_yaml(Value::map(std::move(root))));
    return std::move(drawn_);
  }

 private:
  Result<> all(const Steps& steps, Scope& scope) {
    std::vector<const Step*> in_order;
    for (const Step* step = steps.get(); step != nullptr; step = step->before.get()) in_order.push_back(step);
    for (std::size_t i = in_order.size(); i-- > 0;) {
      TRY(one(*in_order[i], scope));
      if (scope.ids.empty()) continue;
      scope.last = std::exchange(scope.ids, {});
    }
    return {};
  }

  Result<> one(const Step& step, Scope& scope) {
    if (step.error) return std::unexpected(*step.error);
    const std::size_t before = scope.put;
    const std::vector<Value> needs = std::exchange(scope.needs, {});
    waits_ = needs;
    const std::string came = scope.at;
    std::optional<std::string> key;
    if (step.policies.cache_key) key = TRY(call(*step.policies.cache_key, scope, {hole(came)}, {}));
    const std::size_t began = scope.put;
    TRY(step_of(step, scope));
    if (scope.put == before) scope.needs.insert(scope.needs.begin(), needs.begin(), needs.end());
    if (!step.policies.any()) return {};
    if (scope.put != began + 1) {
      return fail(
          Code::invalid_argument,
          "a policy (cached, retried, within, at_most, on_failure) stands behind a step that is one stage, such as map or each; "
          "make the steps one by group()");
    }
    set_policies(step.policies, key, scope.stages.back());
    return {};
  }

  Result<> step_of(const Step& step, Scope& scope) {
    switch (step.does) {
      case Does::call:
        moved(scope, TRY(call(step.functions[0], scope, {hole(scope.at)}, {})));
        return {};
      case Does::stage: {
        Map with;
        for (const Entry& entry : step.value->entries()) with.push_back(entry);
        with.push_back({text(step.field), hole(step.part.empty() ? scope.at : path(scope) + "." + step.part)});
        moved(scope, add(scope, step.text, step.text, std::move(with)));
        return {};
      }
      case Does::append: {
        const std::vector<Value> waits = waits_;
        TRY(appended(step.parts[0], scope));
        waits_ = waits;
        return {};
      }
      case Does::attempt:
        moved(scope, add(scope, "try", "try", {{"do", TRY(attempted(step, scope.at))}}));
        return {};
      case Does::group:
        moved(scope, add(scope, "group", "group", {{"do", TRY(block(step.parts[0], scope.at))}}));
        return {};
      case Does::keep: {
        const std::string keeps = TRY(call(step.functions[0], scope, {hole(scope.at)}, {}));
        const std::string value = scope.at;
        composed(scope, step.flag ? fmt::format("{} ? null : {}", keeps, value) : fmt::format("{} ? {} : null", keeps, value));
        return {};
      }
      case Does::fan_out:
        return fan_out(step, scope);
      case Does::parallel:
        return parallel(step, scope);
      case Does::route:
        return route(step, scope);
      case Does::branch:
        return branch(step, scope);
      case Does::check:
        return check(step, scope);
      case Does::recover: {
        const std::string at = path(scope);
        const std::string made =
            TRY(call(step.functions[0], scope, {hole(untyped(at + ".error"))}, fmt::format("has({}.error)", at)));
        composed(scope, fmt::format("has({0}.error) ? default({1}, null) : {0}.value", at, made));
        return {};
      }
      case Does::unwrap_result:
        return unwrap(step, scope, hole(scope.at));
      case Does::unwrap_optional: {
        const std::string at = path(scope);
        return unwrap(step, scope, hole(untyped(fmt::format("{0} == null ? null : {{'value': {0}}}", at))));
      }
      case Does::or_else: {
        const std::string at = path(scope);
        const std::string made = TRY(call(step.functions[0], scope, {}, fmt::format("{} == null", at)));
        composed(scope, fmt::format("{0} == null ? default({1}, null) : {0}", at, made));
        return {};
      }
      case Does::ok: {
        const std::string at = path(scope);
        composed(scope, fmt::format("has({0}.error) ? null : {0}.value", at));
        return {};
      }
      case Does::ok_or: {
        const std::string at = path(scope);
        const std::string error = add(scope, "none", "set", {{"error", escaped(*step.value)}});
        composed(scope, fmt::format("{0} == null ? {1} : {{'value': {0}}}", at, error));
        return {};
      }
      case Does::each:
        moved(scope,
              add(scope, "each", "for_each",
                  {{"items", hole(scope.at)}, {"concurrency", number(step.count)}, {"do", TRY(block(step.parts[0], "item"))}}));
        return {};
      case Does::reduce: {
        Scope inner("total");
        moved(inner, TRY(call(step.functions[0], inner, {hole("total"), hole("item")}, {})));
        moved(scope,
              add(scope, "reduced", "reduce",
                  {{"items", hole(scope.at)}, {"from", escaped(*step.value)}, {"do", Value::list(std::move(inner.stages))}}));
        return {};
      }
      case Does::chunk:
        moved(scope, add(scope, "parts", "chunk", {{"items", hole(scope.at)}, {"size", number(step.count)}}));
        return {};
      case Does::window:
        moved(scope, add(scope, "windows", "window", {{"items", hole(scope.at)}, {"size", number(step.count)}}));
        return {};
      case Does::flatten:
        moved(scope, add(scope, "flat", "flatten", {{"items", hole(scope.at)}}));
        return {};
      case Does::concat:
        moved(scope, add(scope, "joined", "flatten", {{"items", Value::list({hole(scope.at), escaped(*step.value)})}}));
        return {};
      case Does::limit_time:
        return limit_time(step, scope);
      case Does::delay:
        return hold(scope, "pause", "delay", {{"for", text(span_text(step.time))}});
      case Does::rate_limit:
        return hold(scope, "turn", "rate_limit", {{"calls", number(step.count)}, {"per", text(span_text(step.time))}});
      case Does::debounce:
        return hold(scope, "quiet", "debounce", {{"for", text(span_text(step.time))}});
      case Does::circuit_breaker:
        moved(scope, add(scope, "guarded", "circuit_breaker",
                         {{"failures", number(static_cast<std::int64_t>(step.breaker.failures))},
                          {"open_for", text(span_text(step.breaker.open_for))},
                          {"do", TRY(block(step.parts[0], scope.at))}}));
        return {};
      case Does::batch:
        moved(scope, add(scope, "batched", "batch",
                         {{"item", hole(scope.at)},
                          {"size", number(step.count)},
                          {"within", text(span_text(step.time))},
                          {"do", TRY(block(step.parts[0], "items"))}}));
        return {};
      case Does::layer:
        return layer(step, scope);
      case Does::collect:
        return collect(step, scope);
    }
    return {};
  }

  // The steps of another sketch here, the first of them behind what this step waits for.
  Result<> appended(const Steps& steps, Scope& scope) {
    const std::size_t before = scope.put;
    scope.needs = waits_;
    TRY(all(steps, scope));
    if (scope.put > before) scope.ids = scope.last;
    return {};
  }

  /// A nested pipeline: the steps, beginning with the value at `at`.
  Result<Value> block(const Steps& steps, const std::string& at) {
    const std::vector<Value> waits = std::exchange(waits_, {});
    Scope scope(at);
    TRY(all(steps, scope));
    TRY(all_collected(scope));
    waits_ = waits;
    const bool plain = !scope.stages.empty() && *scope.stages.back().find("id") == Value(scope.at);
    if (plain) return Value::list(std::move(scope.stages));
    if (scope.stages.empty()) return Value::map({{"output", hole(scope.at)}});
    return Value::map({{"stages", Value::list(std::move(scope.stages))}, {"output", hole(scope.at)}});
  }

  /// What `try` runs; with a retry as one stage that has it.
  Result<Value> attempted(const Step& step, const std::string& at) {
    Value inner = TRY(block(step.parts[0], at));
    if (!step.retry) return inner;
    detail::Policies policies;
    policies.retry = step.retry;
    if (!inner.is_list() || inner.size() != 1) {
      Map stage{{"id", text(ids_.take("group"))}, {"uses", text("group")}, {"with", Value::map({{"do", inner}})}};
      inner = Value::list({Value::map(std::move(stage))});
    }
    Value stage = inner.items()[0];
    set_policies(policies, {}, stage);
    return Value::list({stage});
  }

  Result<> fan_out(const Step& step, Scope& scope) {
    const std::string at = scope.at;
    std::string results;
    for (const Steps& part : step.parts) {
      std::string made;
      if (part && !part->before && part->does == Does::call && !part->policies.any() && !part->error) {
        made = TRY(call(part->functions[0], scope, {hole(at)}, {}));
      } else {
        made = add(scope, "part", "group", {{"do", TRY(block(part, at))}});
      }
      waits_ = {text(made)};  // in turn
      results += (results.empty() ? "" : ", ") + made;
    }
    composed(scope, fmt::format("[{}]", results));
    return {};
  }

  Result<> parallel(const Step& step, Scope& scope) {
    std::string results;
    for (const Steps& part : step.parts) {
      const std::string made = add(scope, "branch", "try", {{"do", TRY(block(part, scope.at))}});
      results += (results.empty() ? "" : ", ") + made;
    }
    composed(scope, fmt::format("[{}]", results));
    return {};
  }

  Result<> route(const Step& step, Scope& scope) {
    const std::string at = path(scope);
    std::vector<Value> cases;
    std::string before;
    for (std::size_t i = 0; i < step.functions.size(); ++i) {
      // Asked only when all before said no: one that was not asked counts as a yes.
      const std::string when = before.empty() ? "" : i == 1 ? "!" + before : fmt::format("!default({}, true)", before);
      before = TRY(call(step.functions[i], scope, {hole(at)}, when));
      const std::string holds = i == 0 ? before : fmt::format("default({}, false)", before);
      cases.push_back(Value::map({{"when", text(holds)}, {"then", TRY(block(step.parts[i], at))}}));
    }
    if (step.flag) cases.push_back(Value::map({{"then", TRY(block(step.parts.back(), at))}}));
    moved(scope, add(scope, "routed", "switch", {{"cases", Value::list(std::move(cases))}}));
    return {};
  }

  Result<> branch(const Step& step, Scope& scope) {
    const std::string at = path(scope);
    const std::string holds = TRY(call(step.functions[0], scope, {hole(at)}, {}));
    moved(scope, add(scope, "chosen", "switch",
                     {{"cases", Value::list({Value::map({{"when", text(holds)}, {"then", TRY(block(step.parts[0], at))}}),
                                             Value::map({{"then", TRY(block(step.parts[1], at))}})})}}));
    return {};
  }

  Result<> check(const Step& step, Scope& scope) {
    const std::string at = path(scope);
    Scope inner(at);
    moved(inner, TRY(call(step.functions[0], inner, {hole(untyped(at + ".value"))}, {})));
    const std::string tried =
        add(scope, "checked", "try", {{"do", Value::list(std::move(inner.stages))}}, fmt::format("!has({}.error)", at));
    composed(scope, fmt::format("has({0}.error) ? {{'error': {0}.error}} : {1}", tried, at));
    return {};
  }

  Result<> unwrap(const Step& step, Scope& scope, Value result) {
    Map with{{"result", std::move(result)}};
    if (!step.text.empty()) with.push_back({"message", text(escaped(std::string_view(step.text)))});
    if (step.value) with.push_back({"or", escaped(*step.value)});
    moved(scope, add(scope, "unwrapped", "unwrap", std::move(with)));
    return {};
  }

  Result<> layer(const Step& step, Scope& scope) {
    const auto same = [&](const Entry& entry) { return entry.key.as_string() == step.text; };
    if (step.text.empty() || std::ranges::any_of(scope.layers, same)) {
      return fail(Code::invalid_argument, "{}",
                  step.text.empty() ? "a layer needs a name" : fmt::format("there are two layers '{}'", step.text));
    }
    std::string at = scope.at;
    if (!step.parts.empty()) {
      at = add(scope, step.text, "try", {{"do", TRY(block(step.parts[0], at))}});
    } else if (step.flag) {
      at = path(scope);
    }
    const bool tried = !step.parts.empty() || step.flag;
    const std::string gave = tried ? fmt::format("has({0}.error) ? {{'error': {0}.error}} : {0}.value", at) : at;
    scope.layers.push_back({text(step.text), hole(untyped(gave))});
    return {};
  }

  Result<> collect(const Step& step, Scope& scope) {
    if (scope.layers.empty())
      return fail(Code::invalid_argument, "collect() stands behind one layer(name) or more, and there is none");
    if (!step.value->is_map()) return fail(Code::invalid_argument, "the metadata of collect() must be a map");
    Map with{{"layers", Value::map(std::exchange(scope.layers, {}))}};
    if (step.value->size() > 0) with.push_back({"meta", escaped(*step.value)});
    moved(scope, add(scope, "result", "collect", std::move(with)));
    return {};
  }

  // A layer that nobody sees is a mistake.
  static Result<> all_collected(const Scope& scope) {
    if (scope.layers.empty()) return {};
    return fail(Code::invalid_argument,
                "the layer '{}' is not collected: write collect() behind it, in the same pipe and before a timeout",
                scope.layers.front().key.as_string());
  }

  // Everything before, moved into one stage.
  Result<> limit_time(const Step& step, Scope& scope) {
    TRY(all_collected(scope));
    std::vector<Value> before = std::exchange(scope.stages, {});
    const bool plain = !before.empty() && *before.back().find("id") == Value(scope.at);
    Value inside = plain ? Value::list(std::move(before))
                         : Value::map({{"stages", Value::list(std::move(before))}, {"output", hole(scope.at)}});
    if (!plain && inside.find("stages")->size() == 0) inside = Value::map({{"output", hole(scope.at)}});
    Map group{{"id", text(ids_.take("limited"))},
              {"uses", text("group")},
              {"timeout", text(span_text(step.time))},
              {"with", Value::map({{"do", std::move(inside)}})}};
    waits_.clear();  // they have moved inside, too
    scope.needs.clear();
    moved(scope, add(scope, "in_time", "try", {{"do", Value::list({Value::map(std::move(group))})}}));
    return {};
  }

  // A stage that gives nothing but time: what follows waits for it.
  Result<> hold(Scope& scope, std::string_view name, std::string_view uses, Map with) {
    waits_.insert(waits_.end(), scope.last.begin(), scope.last.end());
    scope.needs = {text(add(scope, name, uses, std::move(with)))};
    return {};
  }
};

}  // namespace

Result<Drawn> draw(const std::string& name, const Steps& steps, std::string_view input, std::string_view output) {
  return Drawing().whole(name, steps, input, output);
}

}  // namespace thalweg::typed
