#pragma once
// A pipeline, checked and compiled: immutable, shared by all runs, swapped atomically.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/value.h"
#include "engine/definition.h"
#include "engine/stage.h"
#include "lang/expression.h"
#include "lang/template.h"
#include "lang/type.h"

namespace thalweg {

/// `retry`: after a failure with one of `on` (default: unavailable, deadline_exceeded, resource_exhausted, aborted, internal)
/// wait backoff * factor^n, at most max, times 1 +- jitter; never past the deadline.
struct Retry {
  std::uint32_t retries = 0;
  Nanos backoff = 100 * kMillisecond;
  double factor = 2;
  Nanos max = 30 * kSecond;
  double jitter = 0.1;
  std::vector<Code> on;
};

/// `on_failure`: abort ends the run with the error; proceed ("continue") leaves the stage's output absent; fallback takes another
/// stage's output or a value.
struct FailurePolicy {
  enum class Kind : std::uint8_t { abort, proceed, fallback };
  Kind kind = Kind::abort;
  std::optional<std::size_t> stage;  ///< fallback: run this one, only then
  std::optional<Template> value;
};

struct CachePolicy {
  Nanos ttl = kNever;
  std::optional<Expression> key;  ///< default: all arguments
};

/// One place of `with` that is evaluated for each call.
struct Argument {
  // A tree of literals and templates; a constant tree is one value, a lone {{ variable }} is a plain copy.
  enum class Kind : std::uint8_t { constant, variable, expression, text, list, map } kind = Kind::constant;
  Value constant;
  std::uint32_t slot = 0;
  std::optional<Template> text;
  std::vector<Argument> items;
  std::vector<std::string> keys;
};

/// Variables are numbered slots: 0 is `input`, 1 + i is stage i; a nested plan's captured variables and locals come first.
struct PlannedStage {
  std::string id;
  const Catalog::Kind* kind = nullptr;
  std::unique_ptr<Stage> body;
  std::vector<Argument> arguments;                      ///< in the contract's order
  std::vector<std::optional<Expression>> expressions;   ///< by field, binding expression
  std::vector<std::shared_ptr<const Plan>> pipelines;   ///< by field, binding pipeline
  struct Case {
    std::optional<Expression> when;  ///< always holds when absent
    std::shared_ptr<const Plan> then;
  };
  std::vector<std::vector<Case>> cases;                 ///< by field, binding cases
  std::optional<Expression> when;
  std::optional<Nanos> timeout;
  Retry retry;
  FailurePolicy on_failure;
  std::optional<CachePolicy> cache;
  std::optional<std::uint32_t> concurrency;  ///< at most so many calls of this stage at once, over all runs of the plan
  std::vector<std::uint32_t> needs;          ///< stages that must have ended first (references and `needs`)
  std::vector<std::uint32_t> required;       ///< of those: referred to outside has()/default(): absent there means skipped here
  std::vector<std::uint32_t> consumers;      ///< stages that wait for this one
  std::optional<std::uint32_t> streams_from; ///< this stage's stream<T> field is fed by that stage
  Type output;
  Place place;
};

struct PipelineTest {
  std::string name;
  Value input;
  Value expect;
  Place place;
};

class Plan {
 public:
  std::string name;
  std::string version;
  std::string description;
  std::string file;
  Type input;
  Type output_type;
  std::vector<PlannedStage> stages;    ///< in a topological order that keeps the file's order where it can
  std::vector<std::vector<std::uint32_t>> groups;  ///< stages by depth: those of one group are independent
  std::vector<std::string> captured;   ///< nested plans: the outer variables it reads, slots 0..n-1 before its locals
  Argument output;
  std::vector<PipelineTest> tests;
  Value metadata;
  std::uint64_t fingerprint = 0;       ///< hash of the definition and the stages' versions; part of cache keys
};

/// Where `call` finds other pipelines by name or path. Errors: not_found.
using PipelineLoader = std::function<Result<std::shared_ptr<const Plan>>(std::string_view name)>;

struct CompileOptions {
  const Catalog* catalog = nullptr;
  PipelineLoader load;
};

/// Checks everything and compiles. On failure the error lists every problem with its place.
[[nodiscard]] Result<std::shared_ptr<const Plan>> compile_plan(const Node& definition, std::string_view file, const CompileOptions& options);

}  // namespace thalweg
