#include "engine/explain.h"

#include <array>

namespace thalweg {

namespace {

Value names_of(const Plan& plan, std::span<const std::uint32_t> stages) {
  std::vector<Value> names;
  for (const std::uint32_t stage : stages) names.emplace_back(plan.stages[stage].id);
  return Value::list(std::move(names));
}

// Computing stages that follow each other in the plan's order; single ones are no run.
std::vector<std::vector<std::uint32_t>> fused_runs(const Plan& plan) {
  std::vector<std::vector<std::uint32_t>> runs;
  std::vector<std::uint32_t> run;
  const auto close = [&] {
    if (run.size() > 1) runs.push_back(run);
    run.clear();
  };
  for (std::uint32_t i = 0; i < plan.stages.size(); ++i) {
    if (plan.stages[i].kind->contract.waits) {
      close();
    } else {
      run.push_back(i);
    }
  }
  close();
  return runs;
}

std::string failure_text(const Plan& plan, const FailurePolicy& policy) {
  if (policy.kind == FailurePolicy::Kind::abort) return "abort";
  if (policy.kind == FailurePolicy::Kind::proceed) return "continue";
  return policy.stage ? fmt::format("fallback to stage {}", plan.stages[*policy.stage].id) : "fallback to a value";
}

Value policies_value(const Plan& plan, const PlannedStage& stage) {
  std::vector<Entry> entries;
  if (stage.timeout) entries.push_back({"timeout", Value(span_text(*stage.timeout))});
  if (stage.retry.retries > 0) {
    std::vector<Value> on;
    for (const Code code : stage.retry.on) on.emplace_back(info(code).name);
    entries.push_back({"retry", Value::map({{"retries", static_cast<std::int64_t>(stage.retry.retries)},
                                            {"backoff", span_text(stage.retry.backoff)},
                                            {"factor", stage.retry.factor},
                                            {"max", span_text(stage.retry.max)},
                                            {"jitter", stage.retry.jitter},
                                            {"on", Value::list(std::move(on))}})});
  }
  entries.push_back({"on_failure", Value(failure_text(plan, stage.on_failure))});
  if (stage.cache) {
    std::vector<Entry> cache{{"ttl", stage.cache->ttl == kNever ? Value() : Value(span_text(stage.cache->ttl))}};
    if (stage.cache->key) cache.push_back({"key", Value(stage.cache->key->source())});
    entries.push_back({"cache", Value::map(std::move(cache))});
  }
  if (stage.concurrency) entries.push_back({"concurrency", static_cast<std::int64_t>(*stage.concurrency)});
  return Value::map(std::move(entries));
}

Value body_value(const Plan& plan);

Value nested_value(const PlannedStage& stage) {
  std::vector<Entry> fields;
  const auto& contract = stage.kind->contract;
  for (std::size_t i = 0; i < contract.fields.size(); ++i) {
    if (stage.pipelines[i] != nullptr) fields.push_back({Value(contract.fields[i].name), body_value(*stage.pipelines[i])});
    if (stage.cases[i].empty()) continue;
    std::vector<Value> cases;
    for (const PlannedStage::Case& branch : stage.cases[i]) {
      Value inner = body_value(*branch.then);
      if (branch.when) inner = std::move(inner).set("when", Value(branch.when->source()));
      cases.push_back(std::move(inner));
    }
    fields.push_back({Value(contract.fields[i].name), Value::list(std::move(cases))});
  }
  return Value::map(std::move(fields));
}

Value stage_value(const Plan& plan, std::uint32_t index, std::size_t group) {
  const PlannedStage& stage = plan.stages[index];
  std::vector<Entry> entries{{"id", Value(stage.id)},
                             {"uses", Value(stage.kind->contract.name)},
                             {"version", Value(stage.kind->contract.version)},
                             {"body", stage.kind->contract.waits ? "waits" : "computes"},
                             {"group", static_cast<std::int64_t>(group)},
                             {"needs", names_of(plan, stage.needs)},
                             {"required", names_of(plan, stage.required)},
                             {"output", Value(stage.output.text())},
                             {"may_be_absent", stage.may_be_absent}};
  if (stage.when) entries.push_back({"when", Value(stage.when->source())});
  if (stage.streams_from) entries.push_back({"streams_from", Value(plan.stages[*stage.streams_from].id)});
  if (stage.fallback_of) entries.push_back({"fallback_of", Value(plan.stages[*stage.fallback_of].id)});
  entries.push_back({"policies", policies_value(plan, stage)});
  if (Value nested = nested_value(stage); nested.size() > 0) entries.push_back({"nested", std::move(nested)});
  return Value::map(std::move(entries));
}

std::vector<std::size_t> groups_of(const Plan& plan) {
  std::vector<std::size_t> group(plan.stages.size());
  for (std::size_t g = 0; g < plan.groups.size(); ++g) {
    for (const std::uint32_t stage : plan.groups[g]) group[stage] = g + 1;
  }
  return group;
}

Value body_value(const Plan& plan) {
  const std::vector<std::size_t> group = groups_of(plan);
  std::vector<Value> stages, groups, runs;
  for (std::uint32_t i = 0; i < plan.stages.size(); ++i) stages.push_back(stage_value(plan, i, group[i]));
  for (const auto& members : plan.groups) groups.push_back(names_of(plan, members));
  for (const auto& run : fused_runs(plan)) runs.push_back(names_of(plan, run));
  return Value::map({{"output", plan.output_type.text()},
                     {"stages", Value::list(std::move(stages))},
                     {"groups", Value::list(std::move(groups))},
                     {"fused", Value::list(std::move(runs))}});
}

std::string joined(const Plan& plan, std::span<const std::uint32_t> stages) {
  std::string text;
  for (const std::uint32_t stage : stages) text += (text.empty() ? "" : ", ") + plan.stages[stage].id;
  return text;
}

std::string notes(const Plan& plan, const PlannedStage& stage) {
  std::vector<std::string> all;
  if (stage.when) all.push_back("when " + stage.when->source());
  if (stage.streams_from) all.push_back("streams from " + plan.stages[*stage.streams_from].id);
  if (stage.fallback_of) all.push_back("only when " + plan.stages[*stage.fallback_of].id + " has failed");
  if (stage.timeout) all.push_back("timeout " + span_text(*stage.timeout));
  if (stage.retry.retries > 0)
    all.push_back(fmt::format("{} retries from {}", stage.retry.retries, span_text(stage.retry.backoff)));
  if (stage.on_failure.kind != FailurePolicy::Kind::abort) all.push_back("on failure " + failure_text(plan, stage.on_failure));
  if (stage.cache) all.push_back(stage.cache->ttl == kNever ? "cached" : "cached " + span_text(stage.cache->ttl));
  if (stage.concurrency) all.push_back(fmt::format("at most {} at once", *stage.concurrency));
  if (stage.may_be_absent) all.emplace_back("may be absent");
  return fmt::format("{}", fmt::join(all, "; "));
}

void body_text(const Plan& plan, std::size_t indent, std::string& text) {
  const std::string margin(indent, ' ');
  const std::vector<std::size_t> group = groups_of(plan);
  std::size_t id = 5, uses = 4;
  for (const PlannedStage& stage : plan.stages) {
    id = std::max(id, stage.id.size());
    uses = std::max(uses, stage.kind->contract.name.size() + 1 + stage.kind->contract.version.size());
  }
  const auto out = std::back_inserter(text);
  if (!plan.stages.empty()) fmt::format_to(out, "{}group  {:<{}}  {:<{}}  body      output\n", margin, "stage", id, "uses", uses);
  for (std::uint32_t i = 0; i < plan.stages.size(); ++i) {
    const PlannedStage& stage = plan.stages[i];
    const Contract& contract = stage.kind->contract;
    fmt::format_to(out, "{}{:>5}  {:<{}}  {:<{}}  {:<8}  {}\n", margin, group[i], stage.id, id,
                   contract.name + "@" + contract.version, uses, contract.waits ? "waits" : "computes", stage.output.text());
    if (!stage.needs.empty()) fmt::format_to(out, "{}         needs {}\n", margin, joined(plan, stage.needs));
    if (const std::string more = notes(plan, stage); !more.empty()) fmt::format_to(out, "{}         {}\n", margin, more);
    for (std::size_t f = 0; f < contract.fields.size(); ++f) {
      if (stage.pipelines[f] != nullptr && !stage.pipelines[f]->stages.empty()) {
        fmt::format_to(out, "{}         {}:\n", margin, contract.fields[f].name);
        body_text(*stage.pipelines[f], indent + 9, text);
      }
      for (const PlannedStage::Case& branch : stage.cases[f]) {
        fmt::format_to(out, "{}         {} -> {}\n", margin, branch.when ? "when " + branch.when->source() : "else",
                       branch.then->output_type.text());
        if (!branch.then->stages.empty()) body_text(*branch.then, indent + 9, text);
      }
    }
  }
  for (const auto& run : fused_runs(plan)) fmt::format_to(out, "{}fused: {}\n", margin, joined(plan, run));
}

}  // namespace

std::string span_text(Nanos span) {
  constexpr std::array<std::pair<std::string_view, Nanos>, 7> kUnits{{{"d", 86'400 * kSecond},
                                                                      {"h", 3'600 * kSecond},
                                                                      {"m", 60 * kSecond},
                                                                      {"s", kSecond},
                                                                      {"ms", kMillisecond},
                                                                      {"us", kMicrosecond},
                                                                      {"ns", 1}}};
  std::string text;
  for (const auto& [unit, size] : kUnits) {
    if (span >= size) fmt::format_to(std::back_inserter(text), "{}{}", span / size, unit);
    span %= size;
  }
  return text.empty() ? "0s" : text;
}

Value explain_value(const Plan& plan) {
  Value head = Value::map({{"name", Value(plan.name)},
                           {"version", Value(plan.version)},
                           {"fingerprint", fmt::format("{:016x}", plan.fingerprint)},
                           {"deterministic", plan.deterministic},
                           {"input", plan.input.text()}});
  const Value body = body_value(plan);
  for (const Entry& entry : body.entries()) head = std::move(head).set(entry.key, entry.value);
  return head;
}

std::string explain_text(const Plan& plan) {
  std::string text = fmt::format("{}{}\ninput   {}\noutput  {}\n\n", plan.name, plan.version.empty() ? "" : " " + plan.version,
                                 plan.input.text(), plan.output_type.text());
  body_text(plan, 0, text);
  fmt::format_to(std::back_inserter(text), "\n{} stages in {} groups; {}; fingerprint {:016x}\n", plan.stages.size(),
                 plan.groups.size(), plan.deterministic ? "deterministic" : "not deterministic", plan.fingerprint);
  return text;
}

}  // namespace thalweg
