#pragma once
// All stages of the program.

#include <memory>

#include "engine/stage.h"
#include "models/models.h"

namespace thalweg::cli {

/// For looking: what it holds is described, and models are found when something is run.
[[nodiscard]] Catalog make_catalog();
[[nodiscard]] Catalog make_catalog(const std::shared_ptr<models::Models>& models);

}  // namespace thalweg::cli
