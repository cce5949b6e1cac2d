#pragma once
// Stages that use models: embed, similarity, classify, rerank, generate.

#include <memory>

#include "engine/stage.h"
#include "models/models.h"

namespace thalweg::models {

void register_stages(Catalog& catalog, const std::shared_ptr<Models>& models);

void add_classify(Catalog& catalog, const std::shared_ptr<Models>& models);
void add_embed(Catalog& catalog, const std::shared_ptr<Models>& models);
void add_generate(Catalog& catalog, const std::shared_ptr<Models>& models);
void add_rerank(Catalog& catalog, const std::shared_ptr<Models>& models);
void add_similarity(Catalog& catalog, const std::shared_ptr<Models>& models);

}  // namespace thalweg::models
