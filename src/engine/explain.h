#pragma once
// A plan, shown: what runs when, on what, and under which rules.

#include <string>

#include "engine/plan.h"
#include "thalweg/value.h"

namespace thalweg {

/// Order, groups of independent stages, runs of computing stages that are called one after the other without leaving the thread,
/// types, dependencies and policies, nested pipelines too; for `explain --json`.
[[nodiscard]] Value explain_value(const Plan& plan);

/// The same for people.
[[nodiscard]] std::string explain_text(const Plan& plan);

/// A Mermaid flowchart. Solid arrows are needed values, dotted ones may be absent or are for order only, thick ones are streams;
/// fallbacks are labelled.
[[nodiscard]] std::string graph_mermaid(const Plan& plan);

/// "20s", "1m30s", "100ms": as parse_span reads it.
[[nodiscard]] std::string span_text(Nanos span);

}  // namespace thalweg
