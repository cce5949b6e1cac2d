#pragma once
// The format of definitions for other tools: one JSON Schema, made from the table of keys (keys.h) and the catalogue's contracts.

#include "engine/stage.h"
#include "thalweg/value.h"

namespace thalweg {

/// JSON Schema 2020-12 of a definition with the stage types of `catalog`. What it accepts may still be refused by compile_plan
/// (names, expressions and cycles are beyond a schema); what it refuses always is.
[[nodiscard]] Value definition_schema(const Catalog& catalog);

/// The schema of the values of one type, as JSON has them. With `templates` a template may stand wherever a value may.
[[nodiscard]] Value type_schema(const Type& type, bool templates = false);

}  // namespace thalweg
