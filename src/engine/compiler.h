#pragma once
// How a definition becomes a plan; see compile_plan in plan.h. A pipeline and those nested in its stages are compiled alike, each
// by a PipelineCompiler; what they share stands in the Compilation.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/checker.h"
#include "engine/compile_arguments.h"
#include "engine/fingerprint.h"
#include "engine/plan.h"
#include "lang/scope.h"

namespace thalweg {

/// What a stage does about time and failure; `defaults` of the definition, then its own.
struct Policies {
  std::optional<Nanos> timeout;
  std::optional<Retry> retry;
  std::optional<std::uint32_t> concurrency;
  std::optional<FailurePolicy> on_failure;
  std::string fallback;  ///< the stage that on_failure names
  const Node* fallback_node = nullptr;
};

struct Compilation {
  Checker& checker;
  const CompileOptions& options;
  Policies defaults;
  std::map<std::string, std::string, std::less<>> versions;  ///< of the stage types used
  std::vector<std::shared_ptr<const Plan>> loaded;           ///< other pipelines, by order of being asked for
  std::shared_ptr<const Source> source;
};

/// Reads timeout, retry, on_failure and concurrency of a stage or of `defaults`.
[[nodiscard]] Policies read_policies(Checker& checker, const Node& node, const Path& path, ArgumentCompiler& arguments);

/// `tests` of a definition; their inputs are checked as callers' are.
[[nodiscard]] std::vector<PipelineTest> read_tests(Checker& checker, const Node& node, const Path& path, const Plan& plan);

/// What `condition` asks for (has(a.b), a != null) is there where it holds: the types in `scope` then say so. Gives the variables
/// as they were, in the order of their changes.
std::vector<lang::Variable> assume_present(lang::Scope& scope, std::string_view condition);

/// The field of that name, or null pointer.
[[nodiscard]] inline const Field* find_field(const Contract& contract, std::string_view name) noexcept {
  for (const Field& field : contract.fields) {
    if (field.name == name) return &field;
  }
  return nullptr;
}

/// Ids of stages that a stage's node may refer to, found by its words alone: at least all that it does refer to.
class NameScan {
 public:
  explicit NameScan(const std::map<std::string, std::uint32_t, std::less<>>& ids) : ids_(ids) {}
  [[nodiscard]] std::vector<std::uint32_t> stage(const Node& stage, const Contract* contract);

 private:
  void words(std::string_view text);
  void tags(std::string_view text);
  void any(const Node& node);
  void values(const Node& node);

  const std::map<std::string, std::uint32_t, std::less<>>& ids_;
  std::vector<std::uint32_t> found_;
};

/// A stage of a definition on its way into a plan.
struct Draft {
  const Node* node = nullptr;
  std::size_t index = 0;  ///< in the file
  std::string id;
  const Catalog::Kind* kind = nullptr;
  PlannedStage stage;
  Uses uses;
  std::vector<std::uint32_t> needs;       ///< `needs`, as slots
  std::optional<std::uint32_t> fallback;  ///< the slot of on_failure's stage
  bool deterministic = true;
  bool effects = false;
  std::vector<std::uint32_t> captured;  ///< slots from outside that expressions and nested pipelines of `with` read
  std::vector<std::uint64_t> inner;     ///< fingerprints of nested and called pipelines
  [[nodiscard]] StageMeaning meaning() const;
};

class PipelineCompiler {
 public:
  /// `scope` holds the names from outside and the locals; those from slot `first_local` on are this pipeline's own.
  PipelineCompiler(Compilation& whole, lang::Scope scope, std::uint32_t first_local)
      : whole_(whole),
        checker_(whole.checker),
        scope_(std::move(scope)),
        first_local_(first_local),
        first_stage_(scope_.slots()) {}

  /// `uses` gets what is read from outside. `output` may be null: then it is the last stage's.
  [[nodiscard]] std::shared_ptr<Plan> compile(const Node* stages, const Path& stages_path, const Node* output,
                                              const Path& output_path, const Node& whole, const lang::Type* output_type,
                                              Uses& uses);

 private:
  void read(const Node& stages, const Path& path);
  void compile_all(const Path& path);
  void compile_in(const std::vector<std::uint32_t>& order, const Path& path);
  [[nodiscard]] std::vector<std::vector<std::uint32_t>> dependencies(bool with_streams) const;

  void compile_stage(Draft& draft, const Path& path);
  void cache(Draft& draft, const Path& path, ArgumentCompiler& arguments);
  void set_fingerprint(Draft& draft) const;
  void stage_names(Draft& draft, const Path& path, const Policies& own);
  [[nodiscard]] std::optional<std::uint32_t> stage_slot(std::string_view id) const;
  [[nodiscard]] std::vector<std::string_view> ids() const;
  friend class WithCompiler;

  void link(Plan& plan, const Path& path);
  void link_fallbacks(Plan& plan, const Path& path);
  void link_groups(Plan& plan) const;
  void find_absent(Plan& plan) const;
  void check_reached(const Plan& plan, const Path& path, const Uses& output);
  void check_output(const Plan& plan, const Path& path, const Uses& output, const lang::Type* declared, const Node* node);
  [[nodiscard]] static std::string why_absent(const Plan& plan, std::uint32_t stage);

  Compilation& whole_;
  Checker& checker_;
  lang::Scope scope_;
  std::uint32_t first_local_;
  std::uint32_t first_stage_;
  std::uint32_t most_locals_ = 0;
  std::vector<Draft> drafts_;                                // by order in the file
  std::vector<std::uint32_t> order_;                         // drafts by slot
  std::map<std::string, std::uint32_t, std::less<>> by_id_;  // draft
};

}  // namespace thalweg
