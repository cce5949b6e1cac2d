#pragma once
// Stages around the keyword index: index, retrieve.

#include "engine/stage.h"

namespace thalweg::index {

void register_stages(Catalog& catalog);

}  // namespace thalweg::index
