#pragma once
// All stages of the program.

#include "engine/stage.h"

namespace thalweg::cli {

[[nodiscard]] Catalog make_catalog();

}  // namespace thalweg::cli
