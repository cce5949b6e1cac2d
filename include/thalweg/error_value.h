#pragma once
// Errors as values: how a pipeline carries a failure that does not end it.

#include "thalweg/error.h"
#include "thalweg/value.h"

namespace thalweg {

/// {code: "NOT_FOUND", message: "...", path: "..."} (path where there is one), and under `cause` the error that brought it about.
[[nodiscard]] Value to_value(const Error& error);

/// The error such a value tells. What is no such map is an internal error that says so.
[[nodiscard]] Error error_in(const Value& value);

}  // namespace thalweg
