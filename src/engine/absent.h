#pragma once
// Null in place of what may be absent.

#include "lang/type.h"
#include "thalweg/value.h"

namespace thalweg {

/// The value without the fields that are null where the type says `T?`: callers that know no absence (JSON written from a
/// structure) write null for it. Shares everything with the value given where there is no such field.
[[nodiscard]] Value leave_out_nulls(const lang::Type& type, const Value& value);

}  // namespace thalweg
