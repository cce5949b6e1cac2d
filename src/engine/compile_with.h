#pragma once
// What stands in a stage's `with`, against the stage type's contract.

#include "engine/compiler.h"

namespace thalweg {

/// What the planner knows of one stage while its body is made. Values that were found wrong count as absent.
class StageConfiguration final : public Configuration {
 public:
  StageConfiguration(const Contract& contract, Compilation& whole)
      : contract_(contract), whole_(whole), fields_(contract.fields.size()) {}

  struct Known {
    std::optional<Value> constant;
    lang::Type type;
    std::shared_ptr<const Plan> pipeline;
    bool given = false;
  };
  [[nodiscard]] Known& at(std::size_t field) { return fields_[field]; }
  void open_type(lang::Type type) { open_ = std::move(type); }
  [[nodiscard]] const std::vector<std::shared_ptr<const Plan>>& loaded() const noexcept { return loaded_; }

  [[nodiscard]] const Value* constant(std::string_view field) const override;
  [[nodiscard]] lang::Type type(std::string_view field) const override;
  [[nodiscard]] const Plan* pipeline(std::string_view field) const override;
  [[nodiscard]] bool given(std::string_view field) const override;
  [[nodiscard]] Result<std::shared_ptr<const Plan>> load(std::string_view pipeline) const override;

 private:
  [[nodiscard]] const Known* find(std::string_view field) const;

  const Contract& contract_;
  Compilation& whole_;
  std::vector<Known> fields_;
  lang::Type open_;
  mutable std::vector<std::shared_ptr<const Plan>> loaded_;  // load() is asked by factories, which see this as constant
};

/// Compiles one stage's `with` into its draft.
class WithCompiler {
 public:
  WithCompiler(PipelineCompiler& outer, Draft& draft, const Path& path);
  void compile();

 private:
  void keys();
  void open_fields();
  void plain(std::size_t index, const Node& node, const Path& path);
  bool stream(std::size_t index, const Node& node, const lang::Type& type);
  void absent(std::size_t index);
  void inner(std::size_t index, const Node& node, const Path& path);
  void nested(std::size_t index, const Node& node, const Path& path, const lang::Scope& scope);
  void cases(std::size_t index, const Node& node, const Path& path, const lang::Scope& scope);
  [[nodiscard]] std::shared_ptr<const Plan> pipeline(const Node& node, const Path& path, const lang::Scope& scope, Uses& uses);
  [[nodiscard]] lang::Scope with_locals(const Field& field);
  void report_within(const Node& node, const Path& path, std::string_view way, const std::string& message);
  void make(std::size_t problems_before);

  PipelineCompiler& outer_;
  Checker& checker_;
  Draft& draft_;
  const Path& path_;
  const Contract& contract_;
  const Node* with_;
  StageConfiguration configuration_;
  ArgumentCompiler arguments_;
};

}  // namespace thalweg
