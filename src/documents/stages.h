#pragma once
// Stages that read documents and answer from them: read_documents, passages, extract.

#include "engine/stage.h"

namespace thalweg::documents {

void register_stages(Catalog& catalog);

void add_read_documents(Catalog& catalog);
void add_passages(Catalog& catalog);
void add_extract(Catalog& catalog);

}  // namespace thalweg::documents
