#include "engine/keys.h"

#include <array>

namespace thalweg {

const Key* Block::find(std::string_view key) const noexcept {
  for (const Key& known : keys) {
    if (known.name == key) return &known;
  }
  return nullptr;
}

namespace {

constexpr std::array kRetryKeys{
    Key{.name = "retries",
        .form = Form::count,
        .description = "How often a failed attempt is repeated, at most.",
        .required = true},
    Key{.name = "backoff", .form = Form::span, .description = "Wait before the first repetition (100ms)."},
    Key{.name = "factor", .form = Form::number, .description = "Each wait is this many times the one before (2).", .least = 1},
    Key{.name = "max", .form = Form::span, .description = "No wait is longer than this (30s)."},
    Key{.name = "jitter",
        .form = Form::number,
        .description = "Each wait is drawn from 1 - jitter to 1 + jitter times its length (0.1)."},
    Key{.name = "on",
        .form = Form::codes,
        .description = "The error codes that are repeated "
                       "(UNAVAILABLE, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, ABORTED, INTERNAL)."},
};
constexpr Block kRetry{
    .name = "retry", .description = "Repeats failed attempts, never past the run's deadline.", .keys = kRetryKeys, .one_of = {}};

constexpr std::array kFallbackKeys{
    Key{.name = "stage", .form = Form::id, .description = "That stage runs, only then, and its output is taken."},
    Key{.name = "value", .form = Form::value, .description = "This value is taken."},
};
constexpr std::array<std::string_view, 2> kFallbackChoice{"stage", "value"};
constexpr Block kFallback{.name = "fallback",
                          .description = "What is taken instead of a failed stage's output.",
                          .keys = kFallbackKeys,
                          .one_of = kFallbackChoice};

constexpr std::array kFailureKeys{
    Key{.name = "fallback",
        .form = Form::block,
        .description = "A stage or a value to take instead.",
        .required = true,
        .block = &kFallback},
};
constexpr Block kFailure{.name = "on_failure",
                         .description =
                             "`abort` ends the run with the stage's error (the default), `continue` goes on without its output, "
                             "`{fallback: ...}` takes something else instead.",
                         .keys = kFailureKeys,
                         .one_of = {}};

constexpr std::array kCacheKeys{
    Key{.name = "ttl", .form = Form::span, .description = "How long a result is kept (for ever)."},
    Key{.name = "key", .form = Form::expression, .description = "What results are kept under (all arguments)."},
};
constexpr Block kCache{.name = "cache",
                       .description =
                           "Keeps results of a deterministic stage. Refused where the stage is not, where `now` is used, and "
                           "where the stage is fed by a stream.",
                       .keys = kCacheKeys,
                       .one_of = {}};

constexpr std::array kStageKeys{
    Key{.name = "id",
        .form = Form::id,
        .description = "The name under which other stages refer to the output.",
        .required = true},
    Key{.name = "uses",
        .form = Form::stage_type,
        .description = "The stage type; `thalweg stages` lists them.",
        .required = true},
    Key{.name = "with", .form = Form::with, .description = "The stage type's fields; `thalweg stages NAME` describes them."},
    Key{.name = "when", .form = Form::expression, .description = "The stage is skipped unless this is true."},
    Key{.name = "needs",
        .form = Form::ids,
        .description = "Stages that must have ended before, besides those that are referred to."},
    Key{.name = "timeout",
        .form = Form::span,
        .description = "An attempt that takes longer, its arguments included, fails with DEADLINE_EXCEEDED."},
    Key{.name = "retry", .form = Form::block, .description = "Repeats failed attempts.", .block = &kRetry},
    Key{.name = "on_failure", .form = Form::on_failure, .description = "What a failure means for the run.", .block = &kFailure},
    Key{.name = "cache", .form = Form::block, .description = "Keeps results.", .block = &kCache},
    Key{.name = "concurrency",
        .form = Form::count,
        .description = "At most so many calls of this stage at once, over all runs.",
        .least = 1},
};
constexpr Block kStage{.name = "stage",
                       .description =
                           "A stage runs as soon as the stages it refers to have ended. One that refers to a skipped or "
                           "failed-and-continued stage outside `has()` and `default()` is skipped for that reason.",
                       .keys = kStageKeys,
                       .one_of = {}};

constexpr std::array kDefaultsKeys{
    Key{.name = "input", .form = Form::constant, .description = "Values of input fields that the caller leaves out."},
    Key{.name = "timeout", .form = Form::span, .description = "`timeout` of every stage that has none."},
    Key{.name = "retry", .form = Form::block, .description = "`retry` of every stage that has none.", .block = &kRetry},
    Key{.name = "on_failure",
        .form = Form::on_failure,
        .description = "`on_failure` of every stage that has none.",
        .block = &kFailure},
    Key{.name = "concurrency", .form = Form::count, .description = "`concurrency` of every stage that has none.", .least = 1},
};
constexpr Block kDefaults{
    .name = "defaults",
    .description = "What holds for every stage, nested ones too, unless it says otherwise; and default inputs.",
    .keys = kDefaultsKeys,
    .one_of = {}};

constexpr std::array kFaultKeys{
    Key{.name = "stage",
        .form = Form::text,
        .description = "The stage whose attempts fail; `outer.inner` for a nested one.",
        .required = true},
    Key{.name = "code", .form = Form::code, .description = "With this code (UNAVAILABLE)."},
    Key{.name = "message", .form = Form::text, .description = "And this message."},
    Key{.name = "times", .form = Form::count, .description = "Only the first so many attempts (all).", .least = 1},
};
constexpr Block kFault{
    .name = "fault", .description = "Makes attempts of a stage fail in a test.", .keys = kFaultKeys, .one_of = {}};

constexpr std::array kTestErrorKeys{
    Key{.name = "code", .form = Form::code, .description = "The error's code."},
    Key{.name = "message", .form = Form::text, .description = "A part of the error's text."},
};
constexpr Block kTestError{
    .name = "error", .description = "The error that a test's run must end with.", .keys = kTestErrorKeys, .one_of = {}};

constexpr std::array kTestKeys{
    Key{.name = "name", .form = Form::text, .description = "What the case shows."},
    Key{.name = "input", .form = Form::constant, .description = "The run's input."},
    Key{.name = "expect", .form = Form::expectation, .description = "What the output must be; maps may leave fields out."},
    Key{.name = "error", .form = Form::block, .description = "The run must fail with this error instead.", .block = &kTestError},
    Key{.name = "faults", .form = Form::blocks, .description = "Failures put into stages.", .block = &kFault},
};
constexpr std::array<std::string_view, 2> kTestChoice{"expect", "error"};
constexpr Block kTest{.name = "test",
                      .description = "A case, run by `thalweg test` and before a stored pipeline is accepted.",
                      .keys = kTestKeys,
                      .one_of = kTestChoice};

constexpr std::array kNestedKeys{
    Key{.name = "stages", .form = Form::stages, .description = "The stages."},
    Key{.name = "output", .form = Form::value, .description = "The result; without it that of the last stage in the file."},
};
constexpr Block kNested{.name = "nested pipeline",
                        .description =
                            "A pipeline inside a stage: a list of stages, this map, or a plain value. It sees all names of the "
                            "pipeline around it.",
                        .keys = kNestedKeys,
                        .one_of = {}};

constexpr std::array kBranchKeys{
    Key{.name = "when",
        .form = Form::expression,
        .description = "The case is taken when this is true; only the last may leave it out."},
    Key{.name = "then", .form = Form::value, .description = "A nested pipeline or a plain value.", .required = true},
};
constexpr Block kBranch{
    .name = "case", .description = "One of several cases; the first that holds is taken.", .keys = kBranchKeys, .one_of = {}};

constexpr std::array kDefinitionKeys{
    Key{.name = "name", .form = Form::name, .description = "The pipeline's name.", .required = true},
    Key{.name = "version", .form = Form::text, .description = "Its version, a string such as 1.0.0."},
    Key{.name = "description", .form = Form::text, .description = "What it is for."},
    Key{.name = "input", .form = Form::type, .description = "The input's type; anything (dyn) when left out."},
    Key{.name = "output_type", .form = Form::type, .description = "The output's type, checked; found out when left out."},
    Key{.name = "stages",
        .form = Form::stages,
        .description = "The stages; their order matters only for reading.",
        .required = true},
    Key{.name = "output", .form = Form::value, .description = "The result; without it that of the last stage in the file."},
    Key{.name = "defaults", .form = Form::block, .description = "Policies of all stages, default inputs.", .block = &kDefaults},
    Key{.name = "tests", .form = Form::blocks, .description = "Cases the pipeline must pass.", .block = &kTest},
    Key{.name = "metadata", .form = Form::constant, .description = "Anything; thalweg only keeps it."},
};
constexpr Block kDefinition{.name = "definition", .description = "A pipeline.", .keys = kDefinitionKeys, .one_of = {}};

constexpr std::array<const Block*, 12> kAll{&kDefinition, &kStage,  &kRetry,  &kFailure, &kFallback,  &kCache,
                                            &kDefaults,   &kNested, &kBranch, &kTest,    &kTestError, &kFault};

}  // namespace

namespace blocks {
const Block& definition() noexcept { return kDefinition; }
const Block& nested() noexcept { return kNested; }
const Block& stage() noexcept { return kStage; }
const Block& retry() noexcept { return kRetry; }
const Block& failure() noexcept { return kFailure; }
const Block& fallback() noexcept { return kFallback; }
const Block& cache() noexcept { return kCache; }
const Block& defaults() noexcept { return kDefaults; }
const Block& test() noexcept { return kTest; }
const Block& fault() noexcept { return kFault; }
const Block& test_error() noexcept { return kTestError; }
const Block& branch() noexcept { return kBranch; }
}  // namespace blocks

std::span<const Block* const> all_blocks() noexcept { return kAll; }

std::string_view describe(Form form) noexcept {
  switch (form) {
    case Form::text:
      return "a string";
    case Form::name:
      return "a name of letters, digits and . _ - /";
    case Form::id:
      return "an id of letters, digits and _";
    case Form::ids:
      return "a list of stage ids";
    case Form::count:
      return "an int";
    case Form::number:
      return "a number";
    case Form::span:
      return "a duration such as 20s, 1.5m or 100ms";
    case Form::code:
      return "an error code such as UNAVAILABLE";
    case Form::codes:
      return "a list of error codes such as UNAVAILABLE";
    case Form::type:
      return "a type, or a map of fields to types";
    case Form::expression:
      return "an expression";
    case Form::value:
      return "a value; strings are templates";
    case Form::constant:
      return "a value, taken as it stands";
    case Form::expectation:
      return "an expected value, with matchers";
    case Form::stage_type:
      return "the name of a stage type";
    case Form::with:
      return "a map of the stage type's fields";
    case Form::stages:
      return "a list of stages";
    case Form::block:
      return "a map";
    case Form::blocks:
      return "a list of maps";
    case Form::on_failure:
      return "abort, continue or {fallback: ...}";
  }
  return "";
}

}  // namespace thalweg
