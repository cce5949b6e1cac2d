#pragma once
// How types meet: what may be handed where, and what has to be checked when it comes.

#include "lang/type.h"
#include "thalweg/value.h"

namespace thalweg {

enum class Fit : std::uint8_t { no, unsure, yes };

/// Whether a value of type `actual` may stand where `expected` is wanted. `unsure`: only the value itself can tell (dyn inside),
/// or it has to be changed on the way (int for double). `T?` never fits `T`.
[[nodiscard]] Fit fits(const lang::Type& expected, const lang::Type& actual);

/// The type of a value, down to its items and fields.
[[nodiscard]] lang::Type deep_type(const Value& value);

/// Whether values of the type are written as texts in JSON and YAML: timestamps (RFC 3339), durations (20s), bytes (base64).
[[nodiscard]] bool is_read_from_text(const lang::Type& type) noexcept;

/// What a text means as a value of such a type, or as a map's key of type int, uint or bool. invalid_argument when it is none.
[[nodiscard]] Result<Value> read_text(const lang::Type& type, std::string_view text);

/// `fit` for a value from outside: such texts are read.
[[nodiscard]] Result<> fit_given(const lang::Type& type, Value& value);

/// The type that those who take the whole see: list<T> for stream<T>.
[[nodiscard]] lang::Type taken_whole(const lang::Type& type);

}  // namespace thalweg
