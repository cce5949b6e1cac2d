#pragma once
// A definition's tree as YAML.

#include <string>

#include "base/error.h"
#include "thalweg/clock.h"
#include "thalweg/value.h"

namespace thalweg::typed {

/// Maps and lists in block form, texts quoted where they must be. Errors: invalid_argument for what YAML or a definition has no
/// words for: bytes, times, keys that are no texts.
[[nodiscard]] Result<std::string> to_yaml(const Value& tree);

/// A text that a template gives as it stands.
[[nodiscard]] std::string escaped(std::string_view text);

/// The same for every text in a value; what YAML has no words for (uint, bytes, times) becomes a template that gives it.
[[nodiscard]] Value escaped(const Value& value);

/// "1500ms": as definitions write a span of time.
[[nodiscard]] std::string span_text(Nanos span);

}  // namespace thalweg::typed
