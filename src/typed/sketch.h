#pragma once
// From steps to a definition.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "thalweg/sketch.h"

namespace thalweg::typed {

/// A definition made of steps, and the functions it names.
struct Drawn {
  std::string text;                                                ///< YAML
  std::map<std::string, detail::Function, std::less<>> functions;  ///< by stage type
  std::optional<Error> unprintable;                                ///< failed_precondition: some function has no name
};

/// Errors: already_exists when two functions have one name; invalid_argument for what cannot be written out, and for what the
/// steps say of themselves.
[[nodiscard]] Result<Drawn> draw(const std::string& name, const detail::Steps& steps, std::string_view input,
                                 std::string_view output);

}  // namespace thalweg::typed
