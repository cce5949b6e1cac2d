#pragma once
// Arguments and outputs: trees of literals and templates, evaluated.

#include <vector>

#include "engine/plan.h"

namespace thalweg {

/// The way from an argument to a part of it: numbers of items, innermost first. Filled only where something fails.
using Trail = std::vector<std::uint32_t>;

[[nodiscard]] Result<Value> evaluate_argument(const Argument& argument, lang::Frame& variables, Trail& trail);

/// All arguments of a stage, in the contract's order; those whose type was unknown to the plan are fitted to their fields. Errors
/// tell their field and its place in the definition.
[[nodiscard]] Result<> evaluate_arguments(const Plan& plan, const PlannedStage& stage, lang::Frame& variables,
                                          std::vector<Value>& values);

}  // namespace thalweg
