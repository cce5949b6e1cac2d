#pragma once
// A value for people.

#include <string>

#include "cli/output.h"
#include "thalweg/json.h"
#include "thalweg/value.h"

namespace thalweg::cli {

/// A text as it is; a map as "name: value" lines with its `text` first and bare, and a list of `sources` numbered with title,
/// document and score; everything else indented, as YAML would be. Control characters are written out, as printable() does, but
/// in a text of its own that does not go to a terminal. Ends with a line end.
[[nodiscard]] std::string render(const Value& value, const Output& to);

/// Prints a value as JSON and ends the line. Errors: invalid_argument for what JSON cannot hold; those of the output.
Result<> print_json(Output& out, const Value& value, JsonStyle style = JsonStyle::pretty);

}  // namespace thalweg::cli
