#pragma once
// Stages around an index of passages: index, retrieve.

#include <memory>

#include "engine/stage.h"
#include "models/models.h"

namespace thalweg::index {

void register_stages(Catalog& catalog, const std::shared_ptr<models::Models>& models);

// One file each.
void add_index(Catalog& catalog, const std::shared_ptr<models::Models>& models);
void add_retrieve(Catalog& catalog, const std::shared_ptr<models::Models>& models);

}  // namespace thalweg::index
