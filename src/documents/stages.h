#pragma once
// Stages that read documents and answer from them: read_documents, passages, extract, grounding.

#include <memory>

#include "engine/stage.h"
#include "models/models.h"

namespace thalweg::documents {

void register_stages(Catalog& catalog, const std::shared_ptr<models::Models>& models);

void add_read_documents(Catalog& catalog);
void add_passages(Catalog& catalog);
void add_extract(Catalog& catalog, const std::shared_ptr<models::Models>& models);
void add_grounding(Catalog& catalog);

}  // namespace thalweg::documents
