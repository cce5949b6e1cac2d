#pragma once
// A pipeline, checked and compiled: immutable, shared by all runs, swapped atomically.

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "engine/definition.h"
#include "engine/stage.h"
#include "lang/expression.h"
#include "lang/template.h"
#include "lang/type.h"
#include "thalweg/clock.h"
#include "thalweg/value.h"

namespace thalweg {

using lang::Template;

class PlanRuntime;
class Source;

/// One place of a definition that is evaluated for each run: a tree of literals and templates. A tree without templates is one
/// constant; a lone `{{ variable }}` is a plain copy.
struct Argument {
  enum class Kind : std::uint8_t { constant, variable, text, list, map } kind = Kind::constant;
  Value constant;
  std::uint32_t slot = 0;         ///< variable
  std::optional<Template> text;   ///< a lone {{ x }} keeps its type, everything else is a string
  std::vector<Argument> items;    ///< list, map
  std::vector<std::string> keys;  ///< map: of the items
};

/// `retry`: after a failure with one of `on` wait backoff * factor^n, at most max, times 1 +- jitter; never past the deadline.
struct Retry {
  std::uint32_t retries = 0;
  Nanos backoff = 100 * kMillisecond;
  double factor = 2;
  Nanos max = 30 * kSecond;
  double jitter = 0.1;
  std::vector<Code> on{Code::unavailable, Code::deadline_exceeded, Code::resource_exhausted, Code::aborted, Code::internal};
};

/// `on_failure`: abort ends the run with the error; proceed ("continue") leaves the stage's output absent; fallback takes another
/// stage's output or a value.
struct FailurePolicy {
  enum class Kind : std::uint8_t { abort, proceed, fallback };
  Kind kind = Kind::abort;
  std::optional<std::uint32_t> stage;  ///< fallback: run this one, only then
  std::optional<Argument> value;
};

struct CachePolicy {
  Nanos ttl = kNever;
  std::optional<Expression> key;  ///< default: all arguments
};

/// Variables are numbered slots. A pipeline's own: slot 0 is `input`, then its stages. A nested one sees the slots of the
/// pipeline around it under the same numbers, then come the locals of its field, then its own stages.
struct PlannedStage {
  std::string id;
  const Catalog::Kind* kind = nullptr;
  std::shared_ptr<const Stage> body;
  std::vector<Argument> arguments;  ///< in the contract's order; with open fields one more, a map of those
  /// The fields (contract order) whose argument's type was not known when the plan was made: fit() them when they come.
  std::vector<std::uint32_t> unchecked;
  struct Case {
    std::optional<Expression> when;  ///< always holds when absent
    std::shared_ptr<const Plan> then;
  };
  // By field. An expression's locals stand in the slots from Plan::slots on.
  std::vector<std::optional<Expression>> expressions;  ///< binding expression
  std::vector<std::shared_ptr<const Plan>> pipelines;  ///< binding pipeline
  std::vector<std::vector<Case>> cases;                ///< binding cases
  std::optional<Expression> when;
  std::optional<Nanos> timeout;
  Retry retry;
  FailurePolicy on_failure;
  std::optional<std::uint32_t> fallback_of;  ///< runs only when that stage has failed for good
  std::optional<CachePolicy> cache;
  // With `cache`: what decides the result besides the arguments, see stage_fingerprint(), and the slots that expressions and
  // nested pipelines of `with` read.
  std::array<std::uint64_t, 2> fingerprint{};
  std::vector<std::uint32_t> captured;
  std::optional<std::uint32_t> concurrency;  ///< at most so many calls of this stage at once, over all runs of the plan
  std::vector<std::uint32_t> needs;          ///< stages that must have ended first (references and `needs`), ascending
  std::vector<std::uint32_t> required;       ///< of those: referred to outside has()/default(): absent there means skipped here
  std::vector<std::uint32_t> consumers;      ///< stages that wait for this one
  std::optional<std::uint32_t>
      streams_from;                ///< feeds this one's stream<T> field; in `needs` only when referred to otherwise too
  std::uint32_t stream_field = 0;  ///< ... which is this one, by contract order
  Type output;                     ///< of a stream<T> as seen by those who take the whole: list<T>
  bool may_be_absent = false;      ///< it, or what it requires, may be skipped or fail and continue
  Place place;
};

/// `faults` of a test: the first `times` attempts of the stage fail with this.
struct TestFault {
  std::string stage;  ///< "outer.inner" for a stage of a nested pipeline
  Code code = Code::unavailable;
  std::string message;
  std::uint32_t times = UINT32_MAX;
};

/// One of `tests`: the run on `input` gives an output that meets `expect` (see expectation.h) or ends with that error.
struct PipelineTest {
  std::string name;
  Value input;
  std::optional<Value> expect;
  std::optional<Code> error;  ///< ok: any
  std::string error_contains;
  std::vector<TestFault> faults;
  Place place;
};

class Plan {
 public:
  Plan();
  ~Plan();
  Plan(const Plan&) = delete;
  Plan& operator=(const Plan&) = delete;

  std::string name;
  std::string version;
  std::string description;
  std::string file;
  std::shared_ptr<const Source> source;  ///< for places in run-time errors; shared with nested plans
  Type input;
  std::vector<Entry> input_defaults;  ///< for fields that the caller left out
  Type output_type;
  bool check_output = false;                       ///< declared, but not known to hold: fit() the output when it comes
  std::vector<PlannedStage> stages;                ///< in a topological order that keeps the file's order where it can
  std::vector<std::vector<std::uint32_t>> groups;  ///< stages by depth: those of one group are independent
  std::uint32_t first_local = 1;                   ///< nested: the slot of the field's first local
  std::uint32_t first_stage = 1;                   ///< the slot of stages[0]
  std::uint32_t slots = 1;                         ///< all of them
  std::uint32_t most_locals = 0;                   ///< of any expression: slots a frame needs behind these
  std::vector<std::uint32_t> captured;             ///< nested: the outer slots it reads, ascending; the same numbers inside
  Argument output;
  std::vector<PipelineTest> tests;
  Value metadata;
  bool deterministic = true;  ///< every stage is, and nothing uses `now`
  bool effects = false;       ///< some stage does something besides its output
  /// Hash of the normalised definition and the stages' versions; of a nested one, of the stage types in it.
  std::uint64_t fingerprint = 0;

  /// What the executor keeps for this plan: pools, statistics, limits. Made by its first run.
  [[nodiscard]] PlanRuntime& runtime() const;

 private:
  mutable std::once_flag runtime_made_;
  mutable std::unique_ptr<PlanRuntime> runtime_;
};

/// Where `call` finds other pipelines by name or path. Errors: not_found, the pipeline's own problems, a cycle of calls.
using PipelineLoader = std::function<Result<std::shared_ptr<const Plan>>(std::string_view name)>;

struct CompileOptions {
  const Catalog* catalog = nullptr;  ///< must outlive the plans
  PipelineLoader load;
};

/// Checks everything and compiles. On failure the error lists every problem with its place.
[[nodiscard]] Result<std::shared_ptr<const Plan>> compile_plan(const Definition& definition, const CompileOptions& options);

/// Makes `value` fit `type`: ints become doubles where those are wanted (JSON writes 1.0 as 1). invalid_argument with the path
/// inside the value when it does not fit.
[[nodiscard]] Result<> fit(const Type& type, Value& value);

/// The input as the plan's stages will see it: defaults filled in, checked, fitted. invalid_argument names the field.
[[nodiscard]] Result<Value> accept_input(const Plan& plan, Value input);

}  // namespace thalweg
