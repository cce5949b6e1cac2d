#pragma once
// --set key=value

#include <string>
#include <string_view>
#include <vector>

#include "lang/type.h"
#include "thalweg/value.h"

namespace thalweg::cli {

/// What `--set` options give: values under dotted keys. Where the pipeline declares a string the text is taken as it is;
/// elsewhere it is JSON when it reads as JSON, else a string.
///
///     parse_settings({"question=42", "top_k=3", "filter.year=1990"}, parse_type("{question: string, top_k: int, filter:
///     dyn}").value());
///     // {question: "42", top_k: 3, filter: {year: 1990}}
[[nodiscard]] Result<Value> parse_settings(const std::vector<std::string>& settings, const lang::Type& input);

/// "a,b" and ',' to "a" and "b"; at least one part, parts may be empty.
[[nodiscard]] std::vector<std::string_view> split(std::string_view text, char separator);

/// An argument of the command line that becomes a string of a pipeline must be UTF-8: `what` names it in the error.
[[nodiscard]] Result<> check_utf8(std::string_view what, std::string_view text);

/// `settings` laid over `input`: maps are merged inside, everything else replaced. Without settings the input stays what it is, a
/// map or not.
[[nodiscard]] Value with_settings(Value input, const Value& settings);

}  // namespace thalweg::cli
