#pragma once
// Stages of scoring: score, collect.

#include <memory>

#include "engine/stage.h"
#include "models/models.h"

namespace thalweg::scoring {

void register_stages(Catalog& catalog, const std::shared_ptr<models::Models>& models);

void add_score(Catalog& catalog, const std::shared_ptr<models::Models>& models);
void add_collect(Catalog& catalog);

}  // namespace thalweg::scoring
