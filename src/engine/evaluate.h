#pragma once
// Arguments and outputs: trees of literals and templates, evaluated.

#include <vector>

#include "engine/plan.h"

namespace thalweg {

[[nodiscard]] Result<Value> evaluate_argument(const Argument& argument, lang::Frame& variables);

/// All arguments of a stage, in the contract's order; those whose type was unknown to the plan are fitted to their fields.
[[nodiscard]] Result<> evaluate_arguments(const PlannedStage& stage, lang::Frame& variables, std::vector<Value>& values);

}  // namespace thalweg
