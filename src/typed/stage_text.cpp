#include "typed/stage_text.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "typed/yaml.h"

namespace thalweg::typed {

std::string Ids::take(std::string_view name) {
  static constexpr std::array<std::string_view, 36> kOthers{
      "input", "item", "index", "items", "total", "true", "false", "null",  "in",     "as",        "break",  "const",
      "else",  "for",  "if",    "let",   "loop",  "var",  "void",  "while", "import", "package",   "return", "function",
      "int",   "uint", "bool",  "bytes", "dyn",   "list", "map",   "type",  "string", "namespace", "double", "continue"};
  std::string made(name);
  std::ranges::replace_if(made, [](char c) { return c == '.' || c == '-'; }, '_');
  const std::string wanted = made;
  for (int count = 2; std::ranges::find(kOthers, made) != kOthers.end() || !taken_.insert(made).second; ++count) {
    made = fmt::format("{}_{}", wanted, count);
  }
  return made;
}

void set_policies(const detail::Policies& policies, const std::optional<std::string>& key, Value& stage) {
  const auto set = [&](std::string_view name, Value value) { stage = std::move(stage).set(Value(name), std::move(value)); };
  if (policies.timeout) set("timeout", Value(span_text(*policies.timeout)));
  if (policies.concurrency) set("concurrency", Value(static_cast<std::int64_t>(*policies.concurrency)));
  if (policies.retry) {
    const RetryOptions& retry = *policies.retry;
    std::vector<Value> on;
    for (int code = 1; code <= static_cast<int>(Code::unauthenticated); ++code) {
      const bool wanted = retry.on.empty() ? static_cast<Code>(code) != Code::cancelled
                                           : std::ranges::find(retry.on, static_cast<Code>(code)) != retry.on.end();
      if (wanted) on.push_back(Value(info(static_cast<Code>(code)).name));
    }
    set("retry", Value::map({{"retries", Value(static_cast<std::int64_t>(retry.attempts))},
                             {"backoff", Value(span_text(retry.delay))},
                             {"factor", Value(retry.backoff)},
                             {"max", Value(span_text(retry.cap))},
                             {"jitter", Value(retry.jitter)},
                             {"on", Value::list(std::move(on))}}));
  }
  if (policies.cache) {
    std::vector<Entry> cache;
    if (*policies.cache != kNever) cache.push_back({"ttl", Value(span_text(*policies.cache))});
    if (key) cache.push_back({"key", Value(*key)});
    set("cache", Value::map(std::move(cache)));
  }
  if (policies.fallback) set("on_failure", Value::map({{"fallback", Value::map({{"value", escaped(*policies.fallback)}})}}));
}

}  // namespace thalweg::typed
