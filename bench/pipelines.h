#pragma once
// The shipped pipelines that are measured: built in, so that figures do not depend on the working folder.

#include <string_view>

#include "engine/definition.h"

namespace thalweg::bench {

/// The file pipelines/NAME.yaml as it was built in: "index" or "answer". Precondition: one of them.
[[nodiscard]] Definition shipped_definition(std::string_view name);

}  // namespace thalweg::bench
