#pragma once
// All stage types there are.

#include <memory>

#include "engine/stage.h"
#include "models/models.h"

namespace thalweg::library {

[[nodiscard]] Catalog all_stage_types(const std::shared_ptr<models::Models>& models);

}  // namespace thalweg::library
