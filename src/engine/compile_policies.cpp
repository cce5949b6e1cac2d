#include "base/utf8.h"
#include "engine/compiler.h"

namespace thalweg {

namespace {

Retry read_retry(Checker& checker, const Node& node, const Path& path) {
  Retry retry;
  const Block& block = blocks::retry();
  if (!checker.block(node, path, block)) return retry;
  if (const Node* at = node.find("retries")) {
    if (const auto found = checker.count(*at, path / "retries", *block.find("retries"))) retry.retries = *found;
  }
  if (const Node* at = node.find("backoff")) {
    if (const auto found = checker.span(*at, path / "backoff")) retry.backoff = *found;
  }
  if (const Node* at = node.find("max")) {
    if (const auto found = checker.span(*at, path / "max")) retry.max = *found;
  }
  if (const Node* at = node.find("factor")) {
    if (const auto found = checker.number(*at, path / "factor", *block.find("factor"))) retry.factor = *found;
  }
  if (const Node* at = node.find("jitter")) {
    if (const auto found = checker.number(*at, path / "jitter", *block.find("jitter"))) retry.jitter = *found;
    if (retry.jitter > 1) checker.report(at->place, path / "jitter", "must be from 0 to 1");
  }
  if (node.find("backoff") != nullptr && node.find("max") != nullptr && retry.max < retry.backoff) {
    checker.report(node.find("max")->place, path / "max", "is shorter than backoff");
  }
  const Node* on = node.find("on");
  if (on == nullptr || !checker.list(*on, path / "on", "a list of error codes such as UNAVAILABLE")) return retry;
  retry.on.clear();
  const Path on_path = path / "on";
  for (std::size_t i = 0; i < on->items.size(); ++i) {
    if (const auto found = checker.code(on->items[i], on_path[i])) retry.on.push_back(*found);
  }
  return retry;
}

void read_failure(Checker& checker, const Node& node, const Path& path, ArgumentCompiler& arguments, Policies& policies) {
  FailurePolicy policy;
  if (node.is_string()) {
    const std::string_view text = node.value.as_string();
    if (text == "continue") policy.kind = FailurePolicy::Kind::proceed;
    if (text == "continue" || text == "abort") {
      policies.on_failure = std::move(policy);
      return;
    }
    constexpr std::array<std::string_view, 3> kKnown{"abort", "continue", "fallback"};
    const std::string near = nearest(text, kKnown);
    checker.report(node.place, path,
                   fmt::format("unknown policy '{}'; write {}", utf8::cut(text),
                               near == "fallback" ? "{fallback: {stage: ID}} or {fallback: {value: ...}}"
                               : near.empty()     ? "abort, continue or {fallback: ...}"
                                                  : "'" + near + "'"));
    return;
  }
  if (node.kind != Node::Kind::map) {
    checker.report(node.place, path, fmt::format("must be {}, not {}", describe(Form::on_failure), kind_of(node)));
    return;
  }
  if (!checker.block(node, path, blocks::failure())) return;
  const Node* fallback = node.find("fallback");
  const Path fallback_path = path / "fallback";
  if (fallback == nullptr || !checker.block(*fallback, fallback_path, blocks::fallback())) return;
  policy.kind = FailurePolicy::Kind::fallback;
  if (const Node* value = fallback->find("value")) policy.value = arguments.value(*value, fallback_path / "value", {}).argument;
  if (const Node* stage = fallback->find("stage")) {
    if (const auto id = checker.text(*stage, fallback_path / "stage")) policies.fallback = *id;
    policies.fallback_node = stage;
  }
  policies.on_failure = std::move(policy);
}

}  // namespace

Policies read_policies(Checker& checker, const Node& node, const Path& path, ArgumentCompiler& arguments) {
  Policies policies;
  if (const Node* at = node.find("timeout")) policies.timeout = checker.span(*at, path / "timeout");
  if (const Node* at = node.find("retry")) policies.retry = read_retry(checker, *at, path / "retry");
  if (const Node* at = node.find("concurrency")) {
    policies.concurrency = checker.count(*at, path / "concurrency", *blocks::stage().find("concurrency"));
  }
  if (const Node* at = node.find("on_failure")) read_failure(checker, *at, path / "on_failure", arguments, policies);
  return policies;
}

}  // namespace thalweg
