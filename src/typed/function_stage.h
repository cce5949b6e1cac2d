#pragma once
// The user's functions as stage types.

#include "engine/stage.h"
#include "thalweg/function.h"

namespace thalweg::typed {

/// Adds a stage type of that name: fields by the function's parameters. invalid_argument when a Codec gives a type that is none.
[[nodiscard]] Result<> add_function(Catalog& catalog, const std::string& name, const detail::Function& function);

/// Whether a name can be that of a function: letters, digits and _ . -, beginning with a letter or _. invalid_argument.
[[nodiscard]] Result<> check_function_name(std::string_view name);

}  // namespace thalweg::typed
