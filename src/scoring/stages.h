#pragma once
// Stages of scoring: score, collect.

#include "engine/stage.h"
#include "scoring/models/label_model.h"

namespace thalweg::scoring {

void register_stages(Catalog& catalog, const ModelSource& source);

void add_score(Catalog& catalog, const ModelSource& source);
void add_collect(Catalog& catalog);

}  // namespace thalweg::scoring
